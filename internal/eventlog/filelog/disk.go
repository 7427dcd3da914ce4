package filelog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// disk is the directory of a log, as far as the log needs one. Tests put disks in its place that
// fail, fill up and lose power.
type disk interface {
	// Lock makes the directory if need be and takes it for this process until the closer is closed.
	Lock() (io.Closer, error)
	Names() ([]string, error)
	// Create makes an empty file, in place of one of that name.
	Create(name string) (file, error)
	Open(name string) (file, error)
	Rename(from, to string) error
	Remove(name string) error
	// Sync makes names durable: those created, renamed and removed.
	Sync() error
}

// file is one file of a disk.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// WriteBlocksAt is WriteAt for whole blocks at the start of a block, which may go round the page
	// cache.
	WriteBlocksAt(b []byte, off int64) (int, error)
	Size() (int64, error)
	// NextData returns where bytes begin, at off or behind, that may not be zero; the size if there
	// are none.
	NextData(off int64) (int64, error)
	Truncate(size int64) error
	// Allocate makes the file size bytes long, if it is shorter, and reserves them where the system can.
	Allocate(size int64) error
	// Sync makes durable what has been written, and the size.
	Sync() error
}

// lockName is the file that is locked while the log is open.
const lockName = "LOCK"

// osDisk is a directory of the operating system.
type osDisk struct{ dir string }

func (d osDisk) Lock() (io.Closer, error) {
	if err := makeDir(d.dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(d.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// The kernel gives the lock up with the process, however that ends.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.New("in use by another process; stop that one first")
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return f, nil
}

// makeDir makes dir and those above it that are not there, durably: a log is no safer than its name.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return syncDir(parent)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func (d osDisk) Names() ([]string, error) {
	f, err := os.Open(d.dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (d osDisk) Create(name string) (file, error) {
	return openFile(filepath.Join(d.dir, name), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d osDisk) Open(name string) (file, error) {
	return openFile(filepath.Join(d.dir, name), os.O_RDWR)
}

func (d osDisk) Rename(from, to string) error {
	return os.Rename(filepath.Join(d.dir, from), filepath.Join(d.dir, to))
}

func (d osDisk) Remove(name string) error { return os.Remove(filepath.Join(d.dir, name)) }

func (d osDisk) Sync() error { return syncDir(d.dir) }

// osFile is a file of an osDisk; Allocate and Sync are the system's.
type osFile struct {
	*os.File
	direct   *os.File // the same file for WriteBlocksAt; nil until the first, and if the system cannot
	buffered bool     // it cannot
}

func openFile(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return &osFile{File: f}, nil
}

func (f *osFile) WriteBlocksAt(b []byte, off int64) (int, error) {
	if f.direct == nil && !f.buffered {
		f.direct = openDirect(f.File)
		f.buffered = f.direct == nil
	}
	if f.buffered || !isAligned(b) {
		return f.WriteAt(b, off)
	}
	n, err := f.direct.WriteAt(b, off)
	if errors.Is(err, syscall.EINVAL) { // it will not have it after all, or not in such blocks
		f.buffered = true
		return f.WriteAt(b, off)
	}
	return n, err
}

// isAligned reports whether b lies in memory as the system wants it for direct writes. Large slices
// do: Go makes them of whole pages.
func isAligned(b []byte) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(b)))%blockSize == 0
}

func (f *osFile) Close() error {
	err := f.File.Close()
	if f.direct != nil {
		err = errors.Join(err, f.direct.Close())
	}
	return err
}

func (f *osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// isFull reports whether err says that the disk, or what the user may have of it, is used up.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
