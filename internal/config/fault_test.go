package config

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryFaultAtOnce(t *testing.T) {
	_, err := Load(Options{
		File: write(t, `
data: {folder: ""}
listen: {address: 0.0.0.0:8080}
smpt: {host: mail.example}
smtp:
  host: mail.example
  port: many
  password: topsecret
  passwort: x
window: {from: 18:00, digest: 9}
clock: {speed: 2}
`),
		Env:       []string{"DUBAN_LOG__LEVEL=loud", "DUBAN_SMTP_HOST=mail.example", "DUBAN_LOG__COLOUR=red"},
		Overrides: map[string]string{"log.format": "xml", "log.color": "red"},
	})
	require.EqualError(t, err, `配置有 15 处需要改正：
  smpt（duban.yaml 第 4 行）：没有这一项，请删去或改正；最外一级可用：data、listen、oidc、database、engine、privacy、clock、window、smtp、wecom、dingtalk、feishu、sms、webhook、letters、evidence、backup、log、metrics、tracing
  smtp.port（duban.yaml 第 7 行）：应写成整数，现为 "many"
  smtp.passwort（duban.yaml 第 9 行）：没有这一项，请删去或改正；smtp 中可用：host、port、tls、ca、user、password、from、timeout、perMinute
  window.digest（duban.yaml 第 10 行）：应写成时刻，如 09:00，现为 "9"
  环境变量 DUBAN_LOG__COLOUR：没有对应的配置项，请删去或改正；变量名是配置项的大写，各级之间用两个下划线，如 DUBAN_SMTP__HOST
  log.level（环境变量 DUBAN_LOG__LEVEL）：只能是 debug、info、warn、error，现为 "loud"
  环境变量 DUBAN_SMTP_HOST：没有对应的配置项，应写作 DUBAN_SMTP__HOST
  log.color（命令行参数）：没有这一项，请删去或改正；log 中可用：level、format
  log.format（命令行参数）：只能是 text、json，现为 "xml"
  data.folder（duban.yaml 第 2 行）：请给出数据目录
  listen.address（duban.yaml 第 3 行）：密码和会话不能明文传输：要让其他机器访问，请设置证书（listen.tlsCert、listen.tlsKey），或经有证书的反向代理访问（listen.trustedProxies）；否则只能监听本机地址（如 127.0.0.1:8080），现为 "0.0.0.0:8080"
  clock.speed（duban.yaml 第 11 行）：真实时钟不用这一项，请删去；要用演练时钟请把 clock.mode 设为 scaled
  window.from（duban.yaml 第 10 行）：发送时段的开始（18:00）应早于结束（17:30）
  smtp.password（duban.yaml 第 8 行）：须与 smtp.user 同时给出，或都不给
  smtp.from（默认值）：请给出发件地址，如 区安委办 <duban@example.gov.cn>`)
}

// What only follows from a value that could not be read is not reported beside it.
func TestNoFaultsOfFaults(t *testing.T) {
	for key, set := range map[string]map[string]string{
		"window.to":      {"window.to": "late", "window.from": "18:00"},
		"window.from":    {"window.from": "early", "window.to": "08:00"},
		"clock.mode":     {"clock.mode": "fast", "clock.speed": "2"},
		"clock.start":    {"clock.mode": "scaled", "clock.speed": "2", "clock.start": "soon"},
		"engine.mode":    {"engine.mode": "remote", "engine.embedded.hostPort": "0.0.0.0:7233"},
		"smtp.port":      {"smtp.port": "many"},
		"smtp.timeout":   {"smtp.timeout": "soon"},
		"listen.address": {"listen.address": "a\nb"},
	} {
		faults := faultsOf(t, Options{Overrides: set})
		require.Len(t, faults, 1, "%v", faults)
		require.Equal(t, key, faults[0].Key)
	}
}

// Container platforms add variables for a service named duban, and test runs have their own.
func TestForeignVariablesAreLeftAlone(t *testing.T) {
	_, err := Load(Options{Env: []string{
		"DUBAN_PORT=tcp://10.0.0.1:8080", "DUBAN_SERVICE_HOST=10.0.0.1", "DUBAN_TEST_MYSQL=x", "DUBAN=1", "=C:=C:\\",
	}})
	require.NoError(t, err)
}

func TestFileFaults(t *testing.T) {
	tests := map[string]struct {
		text string
		want string // text of the first fault
		key  string
	}{
		"syntax":               {"smtp:\n\t- x", textYAML("2"), ""},
		"unknown anchor":       {"smtp: {password: *secret}", textYAML(""), ""},
		"alias":                {"data: {folder: &x a}\nsmtp: {host: *x}", textAlias, "smtp.host"},
		"two documents":        {"data: {folder: a}\n---\ndata: {folder: b}", textYAMLMore, ""},
		"a list":               {"smtp: [a]", textNotList, "smtp"},
		"a list of lists":      {"[a]", textNotList, ""},
		"a text":               {"hello", textSection, ""},
		"a value as section":   {"smtp: on", textSection, "smtp"},
		"a section as value":   {"smtp: {host: {name: x}}", textNotSection, "smtp.host"},
		"twice":                {"data: {folder: a, folder: b}", textTwice, "data.folder"},
		"a section twice":      {"data: {folder: a}\ndata: {folder: b}", textTwice, "data"},
		"other spelling":       {"engine: {embedded: {hostport: a}}", textUnknownMeant("engine.embedded.hostPort"), "engine.embedded.hostport"},
		"deep in the unknown":  {"engine: {other: {hostPort: a}}", textUnknown("engine", []string{"mode", "taskQueue", "ui", "embedded", "external"}), "engine.other"},
		"merge key":            {"<<: {data: {folder: a}}", "没有这一项", "<<"},
		"date that is none":    {"clock: {start: 2024-02-30}", textGiven(textDate, "2024-02-30"), "clock.start"},
		"not a number":         {"clock: {speed: fast}", textGiven(textNumber, "fast"), "clock.speed"},
		"duration of no unit":  {"smtp: {timeout: 30}", textGiven(textDuration, "30"), "smtp.timeout"},
		"line breaks in texts": {`smtp: {host: "a\nb"}`, textControl, "smtp.host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			faults := faultsOf(t, Options{File: write(t, tt.text)})
			require.Contains(t, faults[0].Text, tt.want)
			require.Equal(t, tt.key, faults[0].Key)
			require.NotContains(t, faults.Error(), "secret")
		})
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "smtp:\n", "---\n", "smtp: {host: ~}", "\ufeffdata:\n  folder: ./data\n"} {
		_, err := Load(Options{File: write(t, text)})
		require.NoError(t, err, text)
	}
}

func TestRules(t *testing.T) {
	here := t.TempDir()
	file := filepath.Join(here, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	mail := func(more map[string]string) map[string]string {
		all := map[string]string{"smtp.host": "mail.example", "smtp.from": "duban@example.gov.cn"}
		maps.Copy(all, more)
		return all
	}
	external := func(more map[string]string) map[string]string {
		all := map[string]string{"engine.mode": "external", "engine.external.hostPort": "temporal.example:7233", "privacy.keyFile": "keys.yaml"}
		maps.Copy(all, more)
		return all
	}
	sso := func(more map[string]string) map[string]string {
		all := map[string]string{
			"listen.url": "https://duban.example", "oidc.issuer": "https://sso.example/realms/gov", "oidc.clientID": "duban", "oidc.clientSecret": "x",
		}
		maps.Copy(all, more)
		return all
	}
	tests := map[string]struct {
		set  map[string]string
		key  string // of the only fault; empty: there is none
		want string
	}{
		"folder is a file":             {map[string]string{"data.folder": file}, "data.folder", textFolderIsFile},
		"folder exists":                {map[string]string{"data.folder": here}, "", ""},
		"every interface":              {map[string]string{"listen.address": ":8080"}, "listen.address", "明文"},
		"another machine":              {map[string]string{"listen.address": "10.1.2.3:8080"}, "listen.address", "明文"},
		"a name":                       {map[string]string{"listen.address": "duban.example:8080"}, "listen.address", "明文"},
		"behind a proxy":               {map[string]string{"listen.address": "10.1.2.3:8080", "listen.trustedProxies": "10.1.2.4, 10.2.0.0/16", "listen.url": "https://duban.example"}, "", ""},
		"no proxy's address":           {map[string]string{"listen.trustedProxies": "proxy"}, "listen.trustedProxies", "网段"},
		"address of people":            {map[string]string{"listen.url": "duban.example"}, "listen.url", "https://"},
		"address of people with path":  {map[string]string{"listen.url": "https://duban.example/x"}, "listen.url", "不带路径"},
		"certificate without its key":  {map[string]string{"listen.tlsCert": "/nonexistent.pem"}, "listen.tlsCert", "listen.tlsKey"},
		"identity provider":            {sso(nil), "", ""},
		"provider on this machine":     {sso(map[string]string{"oidc.issuer": "http://127.0.0.1:9000"}), "", ""},
		"provider in clear":            {sso(map[string]string{"oidc.issuer": "http://sso.example"}), "oidc.issuer", "https://"},
		"provider without address":     {sso(map[string]string{"oidc.issuer": "sso"}), "oidc.issuer", "https://"},
		"provider without client":      {sso(map[string]string{"oidc.clientID": ""}), "oidc.clientID", "oidc.clientSecret"},
		"provider without secret":      {sso(map[string]string{"oidc.clientSecret": ""}), "oidc.clientSecret", "oidc.clientID"},
		"no address to come back to":   {sso(map[string]string{"listen.url": ""}), "listen.url", "统一身份认证"},
		"no claim":                     {sso(map[string]string{"oidc.claim": ""}), "oidc.claim", "preferred_username"},
		"no text of the button":        {sso(map[string]string{"oidc.name": ""}), "oidc.name", "按钮"},
		"no certificate of provider":   {sso(map[string]string{"oidc.ca": "/nonexistent.pem"}), "oidc.ca", "证书"},
		"client without provider":      {map[string]string{"oidc.clientID": "duban"}, "oidc.issuer", "oidc.clientID"},
		"provider only, but none":      {map[string]string{"oidc.only": "true"}, "oidc.only", "唯一"},
		"passwords for administrators": {sso(map[string]string{"oidc.only": "true"}), "", ""},
		"neither yes nor no":           {sso(map[string]string{"oidc.only": "perhaps"}), "oidc.only", "true 或 false"},
		"localhost":                    {map[string]string{"listen.address": "localhost:8080"}, "", ""},
		"any port":                     {map[string]string{"listen.address": "127.0.0.1:0"}, "", ""},
		"no port":                      {map[string]string{"listen.address": "127.0.0.1"}, "listen.address", "主机:端口"},
		"port too high":                {map[string]string{"listen.address": "127.0.0.1:70000"}, "listen.address", "主机:端口"},
		"engine for everybody":         {map[string]string{"engine.embedded.hostPort": "0.0.0.0:7233"}, "engine.embedded.hostPort", "只供本机"},
		"one port for two":             {map[string]string{"listen.address": "127.0.0.1:7233"}, "engine.embedded.hostPort", "listen.address"},
		"UI on some days":              {map[string]string{"engine.ui": "1"}, "engine.ui", textBool},
		"the system's ports for all":   {map[string]string{"listen.address": "127.0.0.1:0", "engine.embedded.hostPort": "127.0.0.1:0"}, "", ""},
		"one port, engine elsewhere":   {external(map[string]string{"listen.address": "127.0.0.1:7233"}), "", ""},
		"no task queue":                {map[string]string{"engine.taskQueue": ""}, "engine.taskQueue", textTaskQueue},
		"external without address":     {map[string]string{"engine.mode": "external", "privacy.keyFile": "keys.yaml"}, "engine.external.hostPort", textExternalMissing},
		"external by profile":          {map[string]string{"engine.mode": "external", "engine.external.profile": "prod", "privacy.keyFile": "keys.yaml"}, "", ""},
		"external without keys":        {external(map[string]string{"privacy.keyFile": ""}), "privacy.keyFile", "duban key add"},
		"external on no port":          {external(map[string]string{"engine.external.hostPort": "temporal.example"}), "engine.external.hostPort", "主机:端口"},
		"external on port 0":           {external(map[string]string{"engine.external.hostPort": "temporal.example:0"}), "engine.external.hostPort", "主机:端口"},
		"external on no host":          {external(map[string]string{"engine.external.hostPort": ":7233"}), "engine.external.hostPort", "主机:端口"},
		"certificate without key":      {external(map[string]string{"engine.external.tlsCert": file}), "engine.external.tlsCert", "engine.external.tlsKey"},
		"key without certificate":      {external(map[string]string{"engine.external.tlsKey": file}), "engine.external.tlsKey", "engine.external.tlsCert"},
		"certificate is not there":     {external(map[string]string{"engine.external.tlsCert": "/none", "engine.external.tlsKey": file}), "engine.external.tlsCert", "证书文件"},
		"certificate and key":          {external(map[string]string{"engine.external.tlsCert": file, "engine.external.tlsKey": file, "engine.external.tlsCA": file}), "", ""},
		"CA is not there":              {external(map[string]string{"engine.external.tlsCA": "/none"}), "engine.external.tlsCA", "证书文件"},
		"external unused is unchecked": {map[string]string{"engine.external.tlsCA": "/none"}, "", ""},
		"MySQL without DSN":            {map[string]string{"database.driver": "mysql"}, "database.dsn", textMySQLMissing},
		"MySQL":                        {map[string]string{"database.driver": "mysql", "database.dsn": "u:p@tcp(db:3306)/duban"}, "", ""},
		"MySQL without database":       {map[string]string{"database.driver": "mysql", "database.dsn": "u:p@tcp(db:3306)/"}, "database.dsn", textMySQLDSN},
		"MySQL by URL":                 {map[string]string{"database.driver": "mysql", "database.dsn": "mysql://u:p@db:3306/duban"}, "database.dsn", textMySQLDSN},
		"SQLite with parameters":       {map[string]string{"database.dsn": "duban.db?_pragma=synchronous(0)"}, "database.dsn", textSQLiteDSN},
		"SQLite by URI":                {map[string]string{"database.dsn": "file:duban.db"}, "database.dsn", textSQLiteDSN},
		"wall clock with a start":      {map[string]string{"clock.start": "2024-04-19"}, "clock.start", textWallClock},
		"scaled without start":         {map[string]string{"clock.mode": "scaled", "clock.speed": "2"}, "clock.start", textClockStart},
		"scaled without speed":         {map[string]string{"clock.mode": "scaled", "clock.start": "2024-04-19"}, "clock.speed", "倍速"},
		"scaled too fast":              {map[string]string{"clock.mode": "scaled", "clock.start": "2024-04-19", "clock.speed": "1e12"}, "clock.speed", "倍速"},
		"scaled by no number":          {map[string]string{"clock.mode": "scaled", "clock.start": "2024-04-19", "clock.speed": "NaN"}, "clock.speed", "倍速"},
		"window of no length":          {map[string]string{"window.from": "09:15", "window.to": "09:15"}, "window.from", "早于"},
		"digest before the window":     {map[string]string{"window.digest": "08:59"}, "window.digest", "08:59"},
		"digest at its end":            {map[string]string{"window.digest": "17:30"}, "window.digest", "17:30"},
		"digest at its start":          {map[string]string{"window.digest": "09:00"}, "", ""},
		"mail":                         {mail(nil), "", ""},
		"mail from a name":             {mail(map[string]string{"smtp.from": "区安委办 <duban@example.gov.cn>"}), "", ""},
		"mail from nobody":             {mail(map[string]string{"smtp.from": ""}), "smtp.from", textFromMissing},
		"mail from no address":         {mail(map[string]string{"smtp.from": "区安委办"}), "smtp.from", "发件地址"},
		"mail server with a port":      {mail(map[string]string{"smtp.host": "mail.example:25"}), "smtp.host", "smtp.port"},
		"mail server by URL":           {mail(map[string]string{"smtp.host": "smtp://mail.example"}), "smtp.host", "主机名"},
		"mail server by IPv6":          {mail(map[string]string{"smtp.host": "fd00::25"}), "", ""},
		"mail port too high":           {mail(map[string]string{"smtp.port": "70000"}), "smtp.port", "65535"},
		"mail user without password":   {mail(map[string]string{"smtp.user": "u"}), "smtp.user", "smtp.password"},
		"mail password without user":   {mail(map[string]string{"smtp.password": "p"}), "smtp.password", "smtp.user"},
		"mail CA is not there":         {mail(map[string]string{"smtp.ca": "/none"}), "smtp.ca", "证书文件"},
		"mail in no time":              {mail(map[string]string{"smtp.timeout": "0s"}), "smtp.timeout", "1s"},
		"mail in an hour":              {mail(map[string]string{"smtp.timeout": "1h"}), "smtp.timeout", `"1h"`},
	}
	t.Chdir(here)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.key == "" {
				_, err := Load(Options{Overrides: tt.set})
				require.NoError(t, err)
				return
			}
			faults := faultsOf(t, Options{Overrides: tt.set})
			require.Len(t, faults, 1, "%v", faults)
			require.Equal(t, tt.key, faults[0].Key)
			require.Contains(t, faults[0].Text, tt.want)
		})
	}
}
