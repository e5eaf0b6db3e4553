//go:build unix

package letter

import (
	"os/exec"
	"syscall"
)

// endFamily makes the end of the command the end of what it started: LibreOffice's launcher works through a child.
func endFamily(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
