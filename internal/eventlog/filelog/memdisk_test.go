package filelog

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
)

// memDisk is a disk in memory that can lose power: then, of what was not synced, any 512-byte sectors
// are there or not, any later size, and the first few of the changes of names.
type memDisk struct {
	mu      sync.Mutex
	rand    *rand.Rand
	power   int // counts the times that power was lost; handles of before are dead
	locked  bool
	names   map[string]*memData // as a process sees them
	durable map[string]*memData // as of the last sync of the directory
	changes []func(names map[string]*memData)
}

const sectorSize = 512

// memData is the content of a file.
type memData struct {
	now, durable []byte
	dirty        map[int]bool // sectors written since the last sync
}

var errPower = errors.New("power was lost")

func newMemDisk(seed uint64) *memDisk {
	return &memDisk{
		rand:  rand.New(rand.NewPCG(seed, 1)),
		names: map[string]*memData{}, durable: map[string]*memData{},
	}
}

// losePower makes the disk what it might be after that.
func (d *memDisk) losePower() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.power++
	d.locked = false
	for _, change := range d.changes[:d.rand.IntN(len(d.changes)+1)] {
		change(d.durable)
	}
	d.changes = nil
	for _, f := range d.durable {
		f.losePower(d.rand)
	}
	d.names = maps.Clone(d.durable)
}

func (f *memData) losePower(r *rand.Rand) {
	size := len(f.durable)
	if r.IntN(2) == 0 {
		size = len(f.now)
	}
	after := slices.Clone(f.durable)
	after = append(after, make([]byte, max(0, size-len(after)))...)[:size]
	for _, sector := range slices.Sorted(maps.Keys(f.dirty)) {
		from, to := sector*sectorSize, min((sector+1)*sectorSize, size, len(f.now))
		if from < to && r.IntN(2) == 0 {
			copy(after[from:to], f.now[from:to])
		}
	}
	f.now, f.durable, f.dirty = after, slices.Clone(after), map[int]bool{}
}

func (d *memDisk) change(f func(names map[string]*memData)) {
	f(d.names)
	d.changes = append(d.changes, f)
}

func (d *memDisk) Lock() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, errors.New("in use")
	}
	d.locked = true
	return memLock{d, d.power}, nil
}

type memLock struct {
	disk  *memDisk
	power int
}

func (l memLock) Close() error {
	l.disk.mu.Lock()
	defer l.disk.mu.Unlock()
	if l.power == l.disk.power {
		l.disk.locked = false
	}
	return nil
}

func (d *memDisk) Names() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.names)), nil
}

func (d *memDisk) Create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &memData{dirty: map[int]bool{}}
	d.change(func(names map[string]*memData) { names[name] = f })
	return &memHandle{disk: d, data: f, power: d.power}, nil
}

func (d *memDisk) Open(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.names[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &memHandle{disk: d, data: f, power: d.power}, nil
}

func (d *memDisk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[from] == nil {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*memData) {
		if f := names[from]; f != nil {
			names[to] = f
			delete(names, from)
		}
	})
	return nil
}

func (d *memDisk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[name] == nil {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*memData) { delete(names, name) })
	return nil
}

func (d *memDisk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.durable, d.changes = maps.Clone(d.names), nil
	return nil
}

// content returns a copy of what a process sees in the file.
func (d *memDisk) content(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.names[name].now)
}

// put makes a file of that content, durably.
func (d *memDisk) put(name string, content []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &memData{now: slices.Clone(content), durable: slices.Clone(content), dirty: map[int]bool{}}
	d.names[name], d.durable[name] = f, f
}

// memHandle is an open file of a memDisk.
type memHandle struct {
	disk   *memDisk
	data   *memData
	power  int
	closed bool
}

// use locks the disk if the handle is still good.
func (h *memHandle) use() error {
	h.disk.mu.Lock()
	switch {
	case h.power != h.disk.power:
		h.disk.mu.Unlock()
		return errPower
	case h.closed:
		h.disk.mu.Unlock()
		return fs.ErrClosed
	}
	return nil
}

func (h *memHandle) ReadAt(b []byte, off int64) (int, error) {
	if err := h.use(); err != nil {
		return 0, err
	}
	defer h.disk.mu.Unlock()
	if off >= int64(len(h.data.now)) {
		return 0, io.EOF
	}
	n := copy(b, h.data.now[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *memHandle) WriteAt(b []byte, off int64) (int, error) {
	if err := h.use(); err != nil {
		return 0, err
	}
	defer h.disk.mu.Unlock()
	end := int(off) + len(b)
	if end > len(h.data.now) {
		h.data.now = append(h.data.now, make([]byte, end-len(h.data.now))...)
	}
	copy(h.data.now[off:], b)
	for s := int(off) / sectorSize; s*sectorSize < end; s++ {
		h.data.dirty[s] = true
	}
	return len(b), nil
}

func (h *memHandle) WriteBlocksAt(b []byte, off int64) (int, error) {
	if off%blockSize != 0 || len(b)%blockSize != 0 {
		return 0, errors.New("not whole blocks")
	}
	return h.WriteAt(b, off)
}

func (h *memHandle) Size() (int64, error) {
	if err := h.use(); err != nil {
		return 0, err
	}
	defer h.disk.mu.Unlock()
	return int64(len(h.data.now)), nil
}

func (h *memHandle) NextData(off int64) (int64, error) {
	if err := h.use(); err != nil {
		return 0, err
	}
	defer h.disk.mu.Unlock()
	for now := h.data.now; off < int64(len(now)) && now[off] == 0; {
		off++
	}
	return off, nil
}

func (h *memHandle) Truncate(size int64) error { return h.resize(int(size), true) }

func (h *memHandle) Allocate(size int64) error { return h.resize(int(size), false) }

func (h *memHandle) resize(size int, shrink bool) error {
	if err := h.use(); err != nil {
		return err
	}
	defer h.disk.mu.Unlock()
	now := h.data.now
	if size < len(now) && shrink {
		h.data.now = slices.Clone(now[:size])
		for s := size / sectorSize; s*sectorSize < len(now); s++ {
			h.data.dirty[s] = true // zeros, if the file grows again
		}
	} else if size > len(now) {
		h.data.now = append(now, make([]byte, size-len(now))...)
	}
	return nil
}

func (h *memHandle) Sync() error {
	if err := h.use(); err != nil {
		return err
	}
	defer h.disk.mu.Unlock()
	f := h.data
	size := len(f.now)
	f.durable = append(f.durable, make([]byte, max(0, size-len(f.durable)))...)[:size]
	for sector := range f.dirty {
		from, to := sector*sectorSize, min((sector+1)*sectorSize, size)
		if from < to {
			copy(f.durable[from:to], f.now[from:to])
		}
	}
	f.dirty = map[int]bool{}
	return nil
}

// FailSync is what Linux does when a sync fails: the sectors did not get to the disk and are held for
// clean all the same, so that the next sync succeeds without them.
func (h *memHandle) FailSync() {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.data.dirty = map[int]bool{}
}

func (h *memHandle) Close() error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.closed = true
	return nil
}
