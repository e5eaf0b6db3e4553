package backup

// The texts that people read.
const (
	textBroken         = "备份文件不完整，或被改动过，不能使用"
	textNewer          = "备份由更新版本的督办写成，请用那个版本（或更新的版本）操作"
	textUnsound        = "数据库 %s 有损坏的页（%s），没有备份；请用 duban verify 检查，并从以前的备份恢复"
	textExists         = "%s 已经存在，没有覆盖；请另取文件名，或给出目录"
	textBadName        = "不应有的文件 %q"
	textBehindManifest = "清单之后还有文件 %q"
	textNoManifest     = "没有清单，可能没有写完"
	textTrailing       = "末尾之后还有内容"
	textMissing        = "缺少文件 %s"
	textChanged        = "文件 %s 与清单不符"
	textUnlisted       = "清单里没有文件 %s"
)
