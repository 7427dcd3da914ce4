package analysis

import (
	"sync"
	"time"
)

// seen remembers of the conversations analysed last what was known then, so that the conversations before one
// are not analysed again each time that something comes in it. It is bounded; of what it forgot, more is
// analysed than needed.
type seen struct {
	mu       sync.Mutex
	now, old map[string]sight
}

// sight is one conversation as it was analysed.
type sight struct {
	from   time.Time // its first event
	cursor uint64    // how far the log was stored
}

// maxSeen bounds each of the two generations.
const maxSeen = 50_000

func (s *seen) note(id string, from time.Time, cursor uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil || len(s.now) >= maxSeen {
		s.now, s.old = map[string]sight{}, s.now
	}
	s.now[id] = sight{from, cursor}
}

// stale reports whether the conversation before another may have been analysed without knowing of it: the
// other is new or begins at another time, and was not stored yet then.
func (s *seen) stale(before, id string, from time.Time, position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.find(id); ok && last.from.Equal(from) {
		return false
	}
	last, ok := s.find(before)
	return !ok || position == 0 || last.cursor < position
}

func (s *seen) find(id string) (sight, bool) {
	if x, ok := s.now[id]; ok {
		return x, true
	}
	x, ok := s.old[id]
	return x, ok
}
