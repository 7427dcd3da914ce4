package duckstore

import (
	"hash/maphash"
	"sync"
	"time"
)

// bloom is a set of hashes that may also claim some it does not have: about one in a million while it is
// not overfull.
type bloom struct {
	bits     []uint64
	mask     uint64
	room, in int
}

const (
	bloomBits   = 32 // bits an entry
	bloomProbes = 12
)

func newBloom(room int) *bloom {
	size := uint64(1024)
	for size < uint64(room)*bloomBits {
		size <<= 1
	}
	return &bloom{bits: make([]uint64, size/64), mask: size - 1, room: int(size / bloomBits)}
}

func (b *bloom) add(h uint64) {
	step := h>>32 | 1
	for range bloomProbes {
		b.bits[h&b.mask/64] |= 1 << (h % 64)
		h += step
	}
	b.in++
}

func (b *bloom) has(h uint64) bool {
	step := h>>32 | 1
	for range bloomProbes {
		if b.bits[h&b.mask/64]&(1<<(h%64)) == 0 {
			return false
		}
		h += step
	}
	return true
}

// seen is a growing set of strings with the time each was received, in bounded memory: what it does
// not have was not received since it covers. It saves the writer from asking DuckDB whether an id is
// stored, which nearly none is.
type seen struct {
	seed maphash.Seed

	mu sync.Mutex
	// loaded says that what was stored before the process started has been added.
	loaded bool
	// parts, oldest first; each newer one is larger, up to maxPart.
	parts []*seenPart
	// covers is the receive time from which on every string was added. Zero: all ever were.
	covers time.Time
	// limit is how many strings are kept, about.
	limit int
}

type seenPart struct {
	bloom *bloom
	last  time.Time // highest time added
}

const (
	minPart = 1 << 16
	maxPart = 1 << 22
)

func newSeen(limit int) *seen { return &seen{seed: maphash.MakeSeed(), limit: limit} }

func (s *seen) add(id string, at time.Time) {
	h := maphash.String(s.seed, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.parts)
	if n == 0 || s.parts[n-1].bloom.in >= s.parts[n-1].bloom.room {
		room := minPart
		if n > 0 {
			room = min(maxPart, s.parts[n-1].bloom.room*2)
		}
		s.parts = append(s.parts, &seenPart{bloom: newBloom(room)})
		s.shrink()
		n = len(s.parts)
	}
	p := s.parts[n-1]
	p.bloom.add(h)
	if at.After(p.last) {
		p.last = at
	}
}

// shrink drops the oldest parts while there is more than the limit; the caller holds the lock.
func (s *seen) shrink() {
	total := 0
	for _, p := range s.parts {
		total += p.bloom.room
	}
	for total > s.limit && len(s.parts) > 1 {
		total -= s.parts[0].bloom.room
		if s.parts[0].last.After(s.covers) {
			s.covers = s.parts[0].last
		}
		s.parts = s.parts[1:]
	}
}

// ever is the time of what is added without one of interest.
func ever() time.Time { return time.Unix(1, 0) }

// maybe reports whether id may have been added; false is certain if the set covers the time of interest.
func (s *seen) maybe(id string) bool {
	h := maphash.String(s.seed, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.parts) - 1; i >= 0; i-- {
		if s.parts[i].bloom.has(h) {
			return true
		}
	}
	return false
}

// since reports whether the set has all strings received at t or later.
func (s *seen) since(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded && (s.covers.IsZero() || s.covers.Before(t))
}

// finish says that all strings received since covers have been added.
func (s *seen) finish(covers time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = true
	if covers.After(s.covers) {
		s.covers = covers
	}
}
