package seal

import "fmt"

// What operators read. Every text says what is wrong and what to do; none repeats a secret.

func textNoFile(path string) string {
	return fmt.Sprintf("找不到密钥文件 %s；请从备份恢复，或核对 privacy.keyFile。没有它，已加密的流程无法继续", path)
}

func textMode(path string) string {
	return fmt.Sprintf("密钥文件 %s 可被其他账号读取，请改为只有运行督办的账号可读（chmod 600）", path)
}

func textUnreadable(path string) string {
	return fmt.Sprintf("无法读取密钥文件 %s，请检查路径和权限", path)
}

func textBroken(path string) string {
	return fmt.Sprintf("密钥文件 %s 已损坏或不是密钥文件，请从备份恢复", path)
}

func textBrokenKey(path, id string) string {
	return fmt.Sprintf("密钥文件 %s 中的密钥 %q 已损坏（编号、算法或长度不对，或编号重复），请从备份恢复", path, id)
}

func textNoActive(path, id string) string {
	return fmt.Sprintf("密钥文件 %s 把 %q 设为启用，其中却没有这把密钥，请从备份恢复", path, id)
}

func textWrite(path string) string {
	return fmt.Sprintf("无法写入密钥文件 %s，请检查磁盘空间和目录权限", path)
}

func textUnknownKey(id, path string) string {
	return fmt.Sprintf("缺少密钥 %q：有流程数据是用它加密的，密钥文件 %s 中却没有；请从备份或其他机器把这把密钥补进该文件，再重新启动", id, path)
}

func textNoSuchKey(id, path string) string {
	return fmt.Sprintf("密钥文件 %s 中没有密钥 %q，可用 duban key list 查看", path, id)
}

func textCipher(c Cipher) string {
	return fmt.Sprintf("没有加密算法 %q，可用 %s 或 %s", c, AES256GCM, SM4GCM)
}

func textTampered(id string) string {
	return fmt.Sprintf("用密钥 %q 加密的流程数据无法解开：数据已损坏，或密钥文件中的这把密钥不是原来那把", id)
}
