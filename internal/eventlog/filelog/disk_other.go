//go:build !linux

package filelog

import "os"

// openDirect returns nil: blocks are written through the page cache.
func openDirect(*os.File) *os.File { return nil }

// Allocate gives the file its size; blocks are not reserved.
func (f *osFile) Allocate(size int64) error {
	if now, err := f.Size(); err != nil || now >= size {
		return err
	}
	return f.Truncate(size)
}

// NextData does not know what is zero.
func (f *osFile) NextData(off int64) (int64, error) { return off, nil }
