package config

import (
	"fmt"
	"strings"
)

// Where values come from.

const (
	textDefault = "默认值"
	textFlag    = "命令行参数"
)

func textLine(file string, line int) string { return fmt.Sprintf("%s 第 %d 行", file, line) }

func textEnv(name string) string { return "环境变量 " + name }

func textDerived(key string) string { return "由 " + key + " 得出" }

// What is wrong with a value. Every text says what to do.

func textFaults(n int) string { return fmt.Sprintf("配置有 %d 处需要改正：", n) }

func textFault(f Fault) string {
	if f.Key == "" {
		return f.Source + "：" + f.Text
	}
	return fmt.Sprintf("%s（%s）：%s", f.Key, f.Source, f.Text)
}

func textGiven(text, given string) string { return fmt.Sprintf("%s，现为 %q", text, given) }

const (
	textTimeOfDay = "应写成时刻，如 09:00"

	textBackupAt    = "应写成 00:00 至 23:59 的时刻，如 02:30"
	textBackupMySQL = "台账在 MySQL 里时督办不能自动备份，请留空，改用 mysqldump 等数据库自己的备份"
	textDuration    = "应写成时长，如 30s、5m"
	textInteger     = "应写成整数"
	textNumber      = "应写成数字"
	textBool        = "只能是 true 或 false"
	textDate        = "应写成日期，如 2024-04-19"
	textControl     = "含有换行或控制字符，请删去"
)

func textOneOf(values []string) string {
	return "只能是 " + strings.ToLower(strings.Join(values, "、"))
}

const (
	textNoFile         = "找不到这个配置文件，请核对路径"
	textFileUnreadable = "无法读取配置文件，请检查它是不是文件、权限是否允许读取"
	textFileTooLarge   = "文件超过 1 MB，不像是配置文件，请核对路径"
	textYAMLMore       = "一个配置文件里只能有一份配置，请删去“---”分隔的其余部分"
	textNotSection     = "应是单个值，不能再分项"
	textSection        = "这是一节，请在它下面分项填写"
	textNotList        = "不能是列表，请写单个值"
	textAlias          = "不支持引用（*名称）；如果值本来以 * 开头，请加引号"
	textTwice          = "同一项写了两次，请删去一处"
)

func textYAML(line string) string {
	const fix = "请检查缩进、冒号和引号；值里有特殊符号时请加引号"
	if line == "" {
		return "不是有效的 YAML，" + fix
	}
	return fmt.Sprintf("第 %s 行附近不是有效的 YAML，%s", line, fix)
}

func textUnknownMeant(key string) string { return "没有这一项，应写作 " + key }

func textUnknown(section string, names []string) string {
	where := "最外一级"
	if section != "" {
		where = section + " 中"
	}
	return fmt.Sprintf("没有这一项，请删去或改正；%s可用：%s", where, strings.Join(names, "、"))
}

const textEnvUnknown = "没有对应的配置项，请删去或改正；变量名是配置项的大写，各级之间用两个下划线，如 DUBAN_SMTP__HOST"

func textEnvMeant(name string) string { return "没有对应的配置项，应写作 " + name }

const (
	textFolderMissing = "请给出数据目录"
	textFolderIsFile  = "这是一个文件，请换成目录"

	textHostPort       = "应写成“主机:端口”，如 127.0.0.1:8080"
	textListenPlain    = "密码和会话不能明文传输：要让其他机器访问，请设置证书（listen.tlsCert、listen.tlsKey），或经有证书的反向代理访问（listen.trustedProxies）；否则只能监听本机地址（如 127.0.0.1:8080）"
	textListenURL      = "应写成用户访问的地址，不带路径，如 https://duban.example.cn"
	textOIDCURL        = "启用统一身份认证须写明用户访问本系统的地址：认证之后要回到那里"
	textOIDCIssuer     = "应写成以 https:// 开头的网址，与认证系统公布的 issuer 一字不差"
	textOIDCMissing    = "启用统一身份认证须给出 oidc.issuer、oidc.clientID 和 oidc.clientSecret"
	textOIDCClaim      = "请给出与登录名对应的声明的名称，如 preferred_username"
	textOIDCName       = "请给出登录按钮上的文字，如 统一身份认证"
	textOIDCOnly       = "没有启用统一身份认证时，密码是唯一的登录办法；请删去，或给出 oidc.issuer"
	textProxy          = "应写成反向代理的地址或网段，如 10.1.2.3 或 10.1.2.0/24，几个之间用逗号分开"
	textEngineLoopback = "流程引擎只供本机的督办使用，只能监听本机地址（如 127.0.0.1:7233）"

	textRatio   = "请写 0 到 1 之间的数：1 为全部，0.1 为十分之一"
	textTracing = "请写成 http://主机:端口，加密的写 https://"

	textSQLiteDSN    = "SQLite 只写数据库文件的路径，不能带参数"
	textMySQLMissing = "使用 MySQL 时请给出连接串，如 用户:密码@tcp(主机:3306)/库名"
	textMySQLDSN     = "不是有效的 MySQL 连接串，应写成 用户:密码@tcp(主机:3306)/库名"

	textTaskQueue       = "请给出任务队列的名称"
	textExternalMissing = "使用外部流程引擎时请给出它的地址，如 temporal.example:7233，或给出 engine.external.profile"
	textURL             = "应写成以 http:// 或 https:// 开头的网址"
	textKeyFile         = "使用外部流程引擎时请给出密钥文件，各个进程用同一份；第一份用 duban key add 建立"
	textPEM             = "无法读取这个证书文件，请核对路径和权限"

	textWallClock  = "真实时钟不用这一项，请删去；要用演练时钟请把 clock.mode 设为 scaled"
	textClockStart = "演练时钟请给出开始的日期，如 2024-04-19"

	textTimeout     = "应在 1s 到 10m 之间"
	textPort        = "端口应在 1 到 65535 之间（0 表示按加密方式取常用端口）"
	textSMTPHost    = "只写邮件服务器的主机名或地址，端口写在 smtp.port"
	textFromMissing = "请给出发件地址，如 区安委办 <duban@example.gov.cn>"
	textFrom        = "不是有效的发件地址，应写成 区安委办 <duban@example.gov.cn> 或 duban@example.gov.cn"
)

const (
	textNoBaseURL = "填写了账号或密钥，却没有网址；要启用请填写，不用请把账号和密钥删去"
	textWeCom     = "启用企业微信须同时给出 corpID、agentID 和 secret"
	textDingTalk  = "启用钉钉须给出 appKey、appSecret 和 agentID（钉钉）或 tenantID（专有钉钉），或者 robotToken（群机器人），只能选一种"
	textFeishu    = "启用飞书须给出 appID、appSecret（应用），或者 robotToken（群机器人），只能选一种"
	textSMSBody   = "请按网关的要求写请求内容，其中要有 {mobile} 和 {text}"
	textWebhook   = "请给出签名用的密钥，与接收方约定"
	textPerMinute = "应在 0 到 6000 之间，0 为不另设限"
)

const (
	textS3Endpoint = "使用 s3 时请给出服务的地址，只写“主机:端口”，如 s3.example:9000，不写 http:// 和路径"
	textS3Missing  = "使用 s3 时请填写这一项"
)

func textBetween(from, to, given int) string {
	return textGiven(fmt.Sprintf("应为 %d 到 %d 的整数", from, to), fmt.Sprint(given))
}

func textPair(other string) string { return "须与 " + other + " 同时给出，或都不给" }

func textPortTaken(port int, other string) string {
	return fmt.Sprintf("端口 %d 已用于 %s，请换一个", port, other)
}

func textWindow(from, to TimeOfDay) string {
	return fmt.Sprintf("发送时段的开始（%s）应早于结束（%s）", from, to)
}

func textDigest(w Window) string {
	return fmt.Sprintf("汇总时刻（%s）应在发送时段 %s 到 %s 之内", w.Digest, w.From, w.To)
}

// What Example says.

const textHeader = `督办配置。下面都是默认值，改动后重新启动即生效；不需要改动的项可以删去。

优先级从低到高：默认值、本文件、环境变量、命令行参数。
环境变量名是配置项的大写，各级之间用两个下划线，一级之内的词用一个下划线：
engine.embedded.hostPort 对应 DUBAN_ENGINE__EMBEDDED__HOST_PORT。空的环境变量等于没有设置。
相对路径从启动督办时所在的目录算起。密码可以只放在环境变量里，不写进本文件。`

var sectionTexts = map[string]string{
	"data":            "数据目录。",
	"listen":          "网页与接口。",
	"oidc":            "统一身份认证（OpenID Connect）。issuer 为空时只用密码登录；账号须先在督办中开立。",
	"database":        "数据库。",
	"engine":          "流程引擎（Temporal）。",
	"engine.embedded": "内置引擎，mode 为 embedded 时使用；只能监听本机地址。",
	"engine.external": "外部引擎，mode 为 external 时使用。",
	"privacy":         "流程数据的加密。密钥文件须与数据库一起备份：没有它，已加密的流程无法继续。",
	"clock":           "时钟。第一次启动时记入数据，之后不能更改；演练请另用数据目录。",
	"window":          "发送时段（方案所在时区），工作日在这段时间内发送提醒。",
	"smtp":            "邮件。host 为空时不发邮件；演练时钟下一律不发。",
	"wecom":           "企业微信、政务微信：应用消息。baseURL 为空时不用；演练时钟下一律不发（以下各渠道相同）。",
	"dingtalk":        "钉钉、专有钉钉：应用的工作通知，或群机器人，选一种。",
	"feishu":          "飞书：应用消息，或群机器人，选一种。",
	"sms":             "短信网关。每个号码每天最多一条，内容只有件数和提示。",
	"webhook":         "回调：把每一份汇总以 JSON 发给本单位的其他系统，带签名和去重编号。",
	"letters":         "文书（督促函、通报等）上写的联系方式。",
	"evidence":        "佐证材料：责任单位上传的文件。",
	"evidence.s3":     "S3 兼容的对象存储，store 为 s3 时使用。",
	"backup":          "定时备份。folder 为空时不备份；演练时钟下不备份。手工备份用 duban backup。",
	"log":             "运行日志。",
	"metrics":         "运行指标，供 Prometheus 采集。",
	"tracing":         "链路追踪（OpenTelemetry）。",
}

var keyTexts = map[string]string{
	keyFolder:                   "所有数据文件所在的目录，不存在时自动建立。",
	keyListen:                   "监听地址；端口 0 由系统选择。要让其他机器访问，须设置证书，或经有证书的反向代理。",
	keyListenCert:               "证书文件（PEM），与私钥一起填写；填写后只用 HTTPS 访问。",
	keyListenKey:                "证书的私钥文件（PEM）。",
	keyListenURL:                "用户访问本系统的地址，如 https://duban.example.cn；经反向代理访问时必须填写，一次性链接和统一身份认证以它为准。",
	keyProxies:                  "可信的反向代理的地址或网段，几个之间用逗号分开：只采信它们转告的来源地址。",
	keyIssuer:                   "认证系统的 issuer，如 https://sso.example.cn/realms/gov；在那里登记的回调地址是 listen.url 之后接 /login/oidc/back。",
	keyClientID:                 "在认证系统登记的 client ID。",
	keyClientSecret:             "在认证系统登记的 client secret。",
	keyOIDCCA:                   "签发认证系统证书的 CA（PEM 文件的路径）；空为系统信任的。",
	keyClaim:                    "哪一项声明是督办的登录名；不分大小写。",
	keyOIDCName:                 "登录页按钮上的文字。",
	keyOnly:                     "true：除管理员外不能用密码登录。",
	keyDriver:                   "sqlite（单机）或 mysql。",
	keyDSN:                      "sqlite：数据库文件的路径，空为数据目录下的 duban.db；mysql：用户:密码@tcp(主机:3306)/库名。",
	"database.synchronous":      "SQLite 的落盘方式：FULL 断电不丢数据；NORMAL 更快，断电可能丢失最后几笔；另有 EXTRA、OFF（仅供测试）。",
	keyEngineMode:               "embedded（随督办一起运行）或 external（另有 Temporal 集群）。",
	keyTaskQueue:                "任务队列的名称。同一集群上有几套督办时各用各的。",
	"engine.ui":                 "是否提供 Temporal 流程界面（/temporal）：true 或 false。",
	keyEmbedded:                 "引擎的地址；端口 0 由系统选择。",
	keyExternal:                 "集群的地址，如 temporal.example:7233。",
	"engine.external.namespace": "命名空间；空为 profile 中所写的，没有 profile 时为 duban。",
	keyProfile:                  "Temporal 客户端配置文件中的 profile；其余各项优先于它。",
	"engine.external.apiKey":    "访问集群的 API 密钥。",
	keyTLSCert:                  "客户端证书（PEM 文件的路径），与 tlsKey 同时给出。",
	keyTLSKey:                   "客户端证书的私钥（PEM 文件的路径）。",
	keyTLSCA:                    "签发集群证书的 CA（PEM 文件的路径）；空为系统信任的。",
	keyKeyFile:                  "密钥文件的路径；空为数据目录下的 keys.yaml，首次启动时自动建立。使用外部引擎时必填，各个进程用同一份。",
	keyClockMode:                "wall（真实时钟）或 scaled（演练时钟）。",
	keyClockStart:               "演练时钟从哪一天零时开始，如 2024-04-19。",
	keyClockSpeed:               "演练时钟的倍速；86400 是一秒走完一天。",
	keyFrom:                     "开始。",
	keyTo:                       "结束。",
	keyDigest:                   "每天汇总发送的时刻，在发送时段之内。",
	keySMTPHost:                 "邮件服务器的主机名。",
	keySMTPPort:                 "端口；0 按加密方式取 25（none）、587（starttls）或 465（tls）。",
	keySMTPTLS:                  "加密方式：starttls、tls 或 none（不加密，此时不会用明文发送密码）。",
	keySMTPCA:                   "签发邮件服务器证书的 CA（PEM 文件的路径）；空为系统信任的。",
	keySMTPUser:                 "登录邮件服务器的用户名；空为不登录。",
	keySMTPPass:                 "登录邮件服务器的密码。",
	keySMTPFrom:                 "发件地址，如 区安委办 <duban@example.gov.cn>。",
	keySMTPTimeout:              "一封邮件最多用多长时间。",
	"smtp.perMinute":            "每分钟最多发几封，多的排队；0 为不限。",
	"wecom.baseURL":             "接口的网址，末尾不带 /；公有云和私有部署各不相同，没有默认值。",
	"wecom.corpID":              "企业 ID。",
	"wecom.agentID":             "应用的 AgentId。",
	"wecom.secret":              "应用的 Secret。",
	"wecom.ca":                  "签发对方证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"wecom.timeout":             "一条消息最多用多长时间。",
	"wecom.perMinute":           "每分钟最多发几条，多的排队；0 为不另设限。",
	"dingtalk.baseURL":          "接口的网址，末尾不带 /；没有默认值。",
	"dingtalk.appKey":           "应用的 AppKey。",
	"dingtalk.appSecret":        "应用的 AppSecret。",
	"dingtalk.agentID":          "钉钉应用的 AgentId；专有钉钉不填。",
	"dingtalk.tenantID":         "专有钉钉的租户 ID；其他不填。",
	"dingtalk.robotToken":       "群机器人的 access_token；给出时不填上面四项。",
	"dingtalk.robotSecret":      "群机器人的加签密钥；空为不加签。",
	"dingtalk.ca":               "签发对方证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"dingtalk.timeout":          "一条消息最多用多长时间。",
	"dingtalk.perMinute":        "每分钟最多发几条，多的排队；0 为不另设限；机器人不另设时为 20。",
	"feishu.baseURL":            "接口的网址，末尾不带 /；没有默认值。",
	"feishu.appID":              "应用的 App ID。",
	"feishu.appSecret":          "应用的 App Secret。",
	"feishu.robotToken":         "群机器人网址最后一段；给出时不填上面两项。",
	"feishu.robotSecret":        "群机器人的签名密钥；空为不签名。",
	"feishu.ca":                 "签发对方证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"feishu.timeout":            "一条消息最多用多长时间。",
	"feishu.perMinute":          "每分钟最多发几条，多的排队；0 为不另设限；机器人不另设时为 100。",
	"sms.url":                   "网关的网址。",
	"sms.form":                  "请求内容的格式：json 或 form（表单）。",
	"sms.body":                  "请求内容的模板，{mobile} 手机号、{text} 内容、{key} 去重编号、{secret} 密钥会被替换。",
	"sms.secret":                "网关的密钥，用在模板里。",
	"sms.authorization":         "Authorization 请求头的整个值；空为没有。",
	"sms.success":               "答复中含有这段文字才算成功；空为只看 HTTP 状态码。",
	"sms.later":                 "答复中含有这段文字时稍后重发；空为不区分。",
	"sms.ca":                    "签发对方证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"sms.timeout":               "一条消息最多用多长时间。",
	"sms.perMinute":             "每分钟最多发几条，多的排队；0 为不另设限。",
	"webhook.url":               "接收方的网址。",
	"webhook.secret":            "签名用的密钥，与接收方约定。",
	"webhook.ca":                "签发对方证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"webhook.timeout":           "一条消息最多用多长时间。",
	"webhook.perMinute":         "每分钟最多发几条，多的排队；0 为不另设限。",
	"letters.contact":           "联系人；空为不写。",
	"letters.phone":             "联系电话，只在写明联系人时才写。",
	"evidence.store":            "存放在哪里：folder（本机目录）或 s3（S3 兼容的对象存储）。",
	"evidence.folder":           "目录；空为数据目录下的 evidence。用 s3 时，上传中的文件暂存于此。",
	"evidence.maxFileMB":        "单个文件的上限，MB。",
	"evidence.maxFiles":         "一个责任事项最多多少件。",
	"evidence.maxTotalMB":       "一个责任事项的总大小上限，MB。",
	"evidence.reserveMB":        "磁盘至少留出多少空间，不足时不再接收上传，MB；0 为不检查。",
	"evidence.types":            "接收的文件类型，写扩展名，用逗号隔开，如 pdf,docx,jpg；空为接收全部已知的类型。",
	"evidence.keepStaged":       "上传后一直没有报送的材料，多少天后清理。",
	"evidence.uploadTimeout":    "上传中断多长时间算失败（每收到一段重新计时）。",
	"evidence.s3.endpoint":      "服务的地址，如 s3.example:9000，不写 http://。",
	"evidence.s3.tls":           "是否加密：on 或 off。",
	"evidence.s3.ca":            "签发服务证书的 CA（PEM 文件的路径）；空为系统信任的。",
	"evidence.s3.region":        "区域；没有则不填。",
	"evidence.s3.bucket":        "存储桶，须事先建好。",
	"evidence.s3.accessKey":     "访问密钥的编号。",
	"evidence.s3.secretKey":     "访问密钥。",
	"evidence.s3.style":         "存储桶写在路径里（path）还是主机名里（host）。",
	"backup.folder":             "备份到哪个目录（须已建好，最好在另一块磁盘上）；密钥的副本写在备份旁边，请另行转存。",
	"backup.at":                 "每天什么时候（方案所在时区）；到时没有运行的，启动后补做。",
	"backup.keep":               "留最新的几份，旧的自动删除；0 为全部保留。",
	"log.level":                 "debug、info、warn 或 error。",
	"log.format":                "text 或 json。",
	keyMetrics:                  "采集地址，如 127.0.0.1:9090，路径为 /metrics；空为不提供。不需要登录，也不含个人信息：让其他机器采集时，请用防火墙限定来源。",
	"metrics.engine":            "是否连同内置引擎自身的指标。",
	keyTraces:                   "收集器的地址（OTLP over gRPC），如 http://127.0.0.1:4317，加密的写 https://；空为不追踪。",
	"tracing.ca":                "签发收集器证书的 CA（PEM 文件的路径）；空为系统信任的。",
	keyTracingRatio:             "追踪多大比例，0 到 1。",
}
