//go:build unix

package devserver

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes an exclusive lock that the kernel gives back when the process ends, however it ends.
// It reports errLockHeld when another open file holds it.
func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLockHeld
		default:
			return err
		}
	}
}
