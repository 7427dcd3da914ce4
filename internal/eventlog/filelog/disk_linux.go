package filelog

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// openDirect opens f once more for direct writes; nil if its file system has none.
func openDirect(f *os.File) *os.File {
	direct, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), os.O_WRONLY|syscall.O_DIRECT, 0)
	if err != nil {
		return nil
	}
	return direct
}

// Allocate reserves blocks, so that writing needs no further ones and syncing no new file size. File
// systems that cannot reserve get the size alone.
func (f *osFile) Allocate(size int64) error {
	for {
		err := syscall.Fallocate(int(f.Fd()), 0, 0, size)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
			return f.extend(size)
		default:
			return &os.PathError{Op: "fallocate", Path: f.Name(), Err: err}
		}
	}
}

func (f *osFile) extend(size int64) error {
	if now, err := f.Size(); err != nil || now >= size {
		return err
	}
	return f.Truncate(size)
}

// Sync leaves out what no reader needs, the time of the write.
func (f *osFile) Sync() error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		default:
			return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
		}
	}
}

// seekData is SEEK_DATA of lseek(2).
const seekData = 3

// NextData steps over what was only allocated, without reading it.
func (f *osFile) NextData(off int64) (int64, error) {
	next, err := syscall.Seek(int(f.Fd()), off, seekData)
	switch {
	case err == nil:
		return next, nil
	case errors.Is(err, syscall.ENXIO):
		return f.Size()
	default:
		return off, nil // the file system does not know
	}
}
