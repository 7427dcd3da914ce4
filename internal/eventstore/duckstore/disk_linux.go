package duckstore

import (
	"os"
	"syscall"
)

// fdatasync makes a file's content durable without waiting for its times.
func fdatasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return err
		}
	}
}
