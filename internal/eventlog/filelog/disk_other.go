//go:build !linux

package filelog

// Allocate gives the file its size; blocks are not reserved.
func (f osFile) Allocate(size int64) error {
	if now, err := f.Size(); err != nil || now >= size {
		return err
	}
	return f.Truncate(size)
}
