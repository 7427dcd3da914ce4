package memlog

import (
	"errors"
	"fmt"
	"sync"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Medium stands for the disk that a log lies on: it keeps the records of a log that has been closed
// or has crashed, and it has faults to order. The zero value is empty and sound. Its methods may be
// called at any time from any goroutine.
type Medium struct {
	mu      sync.Mutex
	records []stored // oldest first
	before  eventlog.Position
	last    eventlog.Position
	owner   *Log
	syncs   int
	failing bool
	full    bool
	held    chan struct{}
}

// stored is a record on the medium.
type stored struct {
	position eventlog.Position
	data     []byte
}

var (
	errInUse  = errors.New("event log in memory is open already")
	errBroken = errors.New("medium is broken")
	errNoRoom = errors.New("medium is full")
)

// Open opens the log on m. maxBytes bounds the bytes of its records; zero means no bound. It fails
// while another log on m is open.
func (m *Medium) Open(maxBytes int64) (*Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owner != nil {
		return nil, errInUse
	}
	l := &Log{medium: m, maxBytes: maxBytes, next: m.last + 1}
	l.idle.L = &l.mu
	m.owner = l
	return l, nil
}

// Crash takes the medium away from the log that is open on it: what is not yet durable is lost, and
// the next Open finds the rest. The log that was open fails from then on.
func (m *Medium) Crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owner = nil
}

// Fail makes all syncs fail, or no longer.
func (m *Medium) Fail(failing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = failing
}

// Fill makes the medium full, or no longer.
func (m *Medium) Fill(full bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full = full
}

// Hold makes syncs wait until release is called.
func (m *Medium) Hold() (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := make(chan struct{})
	m.held = held
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.held == held {
			m.held = nil
			close(held)
		}
	}
}

// Syncs returns how many syncs there have been.
func (m *Medium) Syncs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.syncs
}

// sync makes the records durable: all of them or none.
func (m *Medium) sync(l *Log, group []stored) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for held := m.held; held != nil; held = m.held {
		m.mu.Unlock()
		<-held
		m.mu.Lock()
	}
	if m.full {
		return fmt.Errorf("%w: %w", eventlog.ErrFull, errNoRoom)
	}
	if size := m.size() + sizeOf(group); l.maxBytes > 0 && size > l.maxBytes {
		return fmt.Errorf("%w: its bound of %d bytes is reached", eventlog.ErrFull, l.maxBytes)
	}
	m.syncs++
	if m.failing || m.owner != l {
		return fmt.Errorf("%w: sync: %w", eventlog.ErrFailed, errBroken)
	}
	m.records = append(m.records, group...)
	m.last = group[len(group)-1].position
	return nil
}

// hasRoom reports whether n bytes would be taken.
func (m *Medium) hasRoom(n, maxBytes int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.full && (maxBytes == 0 || m.size()+n <= maxBytes)
}

func (m *Medium) size() int64 { return sizeOf(m.records) }

func sizeOf(records []stored) int64 {
	var n int64
	for _, r := range records {
		n += int64(len(r.data))
	}
	return n
}

// trim drops the records up to and including upTo.
func (m *Medium) trim(upTo eventlog.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.records) > 0 && m.records[0].position <= upTo {
		m.before = m.records[0].position
		m.records = m.records[1:]
	}
}

// release gives the medium up.
func (m *Medium) release(l *Log) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owner == l {
		m.owner = nil
	}
}
