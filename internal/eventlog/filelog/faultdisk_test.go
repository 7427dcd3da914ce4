package filelog

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// faults are what goes wrong on a faultDisk.
type faults struct {
	mu      sync.Mutex
	failing bool // syncs of files fail
	full    bool // writes beyond what is allocated, and allocations, fail
	held    chan struct{}
	syncs   int
	dead    bool  // nothing works any more
	failAt  int   // the operation that fails once, counted from 1; 0 for none
	failure error // with this
	done    int   // operations so far
}

var errBroken = errors.New("disk is broken")

// step counts an operation that changes the disk and fails if it is to.
func (f *faults) step() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return errPower
	}
	if f.done++; f.done == f.failAt {
		return f.failure
	}
	return nil
}

func (f *faults) sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.syncs++
	for f.held != nil {
		held := f.held
		f.mu.Unlock()
		<-held
		f.mu.Lock()
	}
	if f.dead {
		return errPower
	}
	if f.failing {
		return errBroken
	}
	return nil
}

func (f *faults) isFull() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full
}

// faultDisk is a disk with faults. Removing never fails for want of space.
type faultDisk struct {
	disk
	faults *faults
	lock   *io.Closer // of the log that is open
}

func (d faultDisk) Lock() (io.Closer, error) {
	lock, err := d.disk.Lock()
	if err == nil {
		*d.lock = lock
	}
	return lock, err
}

func (d faultDisk) Create(name string) (file, error) {
	if err := d.faults.step(); err != nil {
		return nil, err
	}
	f, err := d.disk.Create(name)
	return faultFile{f, d.faults}, err
}

func (d faultDisk) Open(name string) (file, error) {
	f, err := d.disk.Open(name)
	return faultFile{f, d.faults}, err
}

func (d faultDisk) Rename(from, to string) error {
	if err := d.faults.step(); err != nil {
		return err
	}
	return d.disk.Rename(from, to)
}

func (d faultDisk) Remove(name string) error {
	if err := d.faults.step(); err != nil {
		return err
	}
	return d.disk.Remove(name)
}

func (d faultDisk) Sync() error {
	if err := d.faults.step(); err != nil {
		return err
	}
	return d.disk.Sync()
}

// faultFile is a file of a faultDisk. Its operations fail after half their work.
type faultFile struct {
	file
	faults *faults
}

func (f faultFile) WriteAt(b []byte, off int64) (int, error) { return f.write(b, off, file.WriteAt) }

func (f faultFile) WriteBlocksAt(b []byte, off int64) (int, error) {
	return f.write(b, off, file.WriteBlocksAt)
}

func (f faultFile) write(b []byte, off int64, write func(file, []byte, int64) (int, error)) (int, error) {
	err := f.faults.step()
	size, sizeErr := f.file.Size()
	if err == nil && f.faults.isFull() && off+int64(len(b)) > size {
		err = syscall.ENOSPC
	}
	if err = errors.Join(err, sizeErr); err != nil {
		n, writeErr := f.file.WriteAt(b[:len(b)/2], off)
		return n, errors.Join(err, writeErr)
	}
	return write(f.file, b, off)
}

func (f faultFile) Truncate(size int64) error {
	if err := f.faults.step(); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func (f faultFile) Allocate(size int64) error {
	if err := f.faults.step(); err != nil {
		return err
	}
	if f.faults.isFull() {
		return syscall.ENOSPC
	}
	return f.file.Allocate(size)
}

func (f faultFile) Sync() error {
	err := f.faults.step()
	if err == nil {
		err = f.faults.sync()
	}
	if err == nil {
		return f.file.Sync()
	}
	if f, ok := f.file.(interface{ FailSync() }); ok && !errors.Is(err, errPower) {
		f.FailSync()
	}
	return err
}

// medium is a faultDisk as the laws want one.
type medium struct {
	disk      disk
	losePower func() // what a crash does to the disk
	mu        sync.Mutex
	faults    *faults // of the log that was opened last
	lock      io.Closer
}

func newMedium(d disk, losePower func()) *medium {
	return &medium{disk: d, losePower: losePower, faults: &faults{}}
}

// faulty returns the disk with the faults as they are now. After a crash, the disk of the log that
// was open stays dead, and this makes one that works.
func (m *medium) faulty() disk {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults.mu.Lock()
	defer m.faults.mu.Unlock()
	if m.faults.dead {
		m.faults = &faults{full: m.faults.full, failing: m.faults.failing, syncs: m.faults.syncs}
	}
	return faultDisk{m.disk, m.faults, &m.lock}
}

func (m *medium) Crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults.mu.Lock()
	m.faults.dead = true
	m.faults.mu.Unlock()
	m.lock.Close()
	m.losePower()
}

func (m *medium) Fail(failing bool) { m.set(func(f *faults) { f.failing = failing }) }

func (m *medium) Fill(full bool) { m.set(func(f *faults) { f.full = full }) }

func (m *medium) Hold() (release func()) {
	held := make(chan struct{})
	m.set(func(f *faults) { f.held = held })
	f := m.faults
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.held = nil
		close(held)
	}
}

func (m *medium) Syncs() int {
	m.faults.mu.Lock()
	defer m.faults.mu.Unlock()
	return m.faults.syncs
}

func (m *medium) set(change func(f *faults)) {
	m.faults.mu.Lock()
	defer m.faults.mu.Unlock()
	change(m.faults)
}
