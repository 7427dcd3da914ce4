//go:build unix

package app

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of a file until it is closed, and reports whether another process has it.
func tryLock(f *os.File) (taken bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}
