package devserver

import "fmt"

// What operators read. Every text says what is wrong and what to do.

const (
	textNoDataDir   = "未设置流程引擎的数据目录，请在配置中给出数据目录"
	textRetention   = "流程历史保留时间不能少于 1 小时，请改大保留时间"
	textStart       = "流程引擎未能启动，请查看日志中的原因后重试"
	textNamespace   = "流程引擎的命名空间未能建立，请查看日志中的原因；若数据目录来自别处，请确认文件完整"
	textRecordWrite = "无法写入数据目录中的 " + recordFile + "，请检查磁盘空间和目录权限"
)

func textDataDir(dir string) string {
	return fmt.Sprintf("无法使用数据目录 %s，请检查目录是否存在、权限和磁盘空间", dir)
}

func textLocked(dir string) string {
	return fmt.Sprintf("数据目录 %s 正被另一个进程使用，请先停止那个进程，或换一个数据目录", dir)
}

func textLockFailed(dir string) string {
	return fmt.Sprintf("无法锁定数据目录 %s，请检查目录权限，且不要把数据放在网络共享盘上", dir)
}

func textAddress(addr string) string {
	return fmt.Sprintf("监听地址 %q 不是“主机:端口”的形式，请改正", addr)
}

func textNotLoopback(addr string) string {
	return fmt.Sprintf("流程引擎没有自己的登录，只能监听本机地址（如 127.0.0.1:7233），不能监听 %s", addr)
}

func textPortInUse(addr string) string {
	return fmt.Sprintf("地址 %s 已被占用，请停止占用它的程序，或改用别的端口", addr)
}

func textSynchronous(v string) string {
	return fmt.Sprintf("数据库同步方式 %q 无效，可用 OFF、NORMAL、FULL 或 EXTRA", v)
}

func textRecordMissing(dir string) string {
	return fmt.Sprintf("数据目录 %s 中有流程数据，却没有版本记录 %s，无法确认由哪个版本写成；请从备份连同该文件一起恢复", dir, recordFile)
}

func textRecordUnreadable(dir string) string {
	return fmt.Sprintf("数据目录 %s 中的版本记录 %s 已损坏，请从备份恢复该文件", dir, recordFile)
}

func textVersion(found string) string {
	return fmt.Sprintf("流程数据由流程引擎 %s 写成，本程序内置的是 %s，不认识这一版本；请改用写成该数据的督办版本（或更新的版本），或从备份恢复与本程序匹配的数据。数据未被改动",
		found, ServerVersion)
}

func textSchema(found, known string) string {
	return fmt.Sprintf("流程数据的库结构为 %s，本程序只认识 %s；请改用写成该数据的督办版本（或更新的版本）。数据未被改动", found, known)
}

func textFilesMismatch(dir, missing string) string {
	return fmt.Sprintf("数据目录 %s 不完整：缺少 %s，请从备份恢复整个目录", dir, missing)
}

func textSlots(kind string, have int) string {
	return fmt.Sprintf("类型为 %s 的检索属性最多 %d 个，请减少检索属性", kind, have)
}

func textAttributeType(name, have, want string) string {
	return fmt.Sprintf("检索属性 %s 已登记为 %s，不能改为 %s；请换一个名称", name, have, want)
}

func textAttributeKind(name, kind string) string {
	return fmt.Sprintf("检索属性 %s 的类型 %s 不受支持", name, kind)
}
