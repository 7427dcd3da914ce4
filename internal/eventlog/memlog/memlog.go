// Package memlog is the event log in memory: the reference that says what the contract means, and a
// log for tests, with faults to order. Nothing outlives the process. Tests and package app import it.
package memlog

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Log is an event log on a [Medium].
type Log struct {
	medium   *Medium
	maxBytes int64

	mu      sync.Mutex
	idle    sync.Cond // of mu: no group is under way
	queued  *group    // what the next sync takes, nil for nothing
	syncing bool
	next    eventlog.Position
	more    chan struct{} // closed when there may be more to read; nil when no reader waits
	stuck   error         // why the last group was refused, if a later one may be taken
	refused int64         // bytes of that group
	failed  error
	closed  bool
}

// group is a number of appends that share one sync.
type group struct {
	records []stored
	done    chan struct{}
	err     error // valid once done is closed
}

var _ eventlog.Log = (*Log)(nil)

// New returns an empty log on a medium of its own. maxBytes bounds it as in [Medium.Open].
func New(maxBytes int64) *Log {
	l, err := new(Medium).Open(maxBytes)
	if err != nil {
		panic(fmt.Sprintf("BUG: open a new medium: %v", err))
	}
	return l
}

// Append implements [eventlog.Log].
func (l *Log) Append(ctx context.Context, record []byte) (eventlog.Position, error) {
	if n := len(record); n == 0 || n > eventlog.MaxRecord {
		return 0, fmt.Errorf("append record of %d bytes: %w", n, eventlog.ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	pos, g, err := l.enqueue(record)
	if err != nil {
		return 0, err
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if g.err != nil {
		return 0, g.err
	}
	return pos, nil
}

func (l *Log) enqueue(record []byte) (eventlog.Position, *group, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, nil, eventlog.ErrClosed
	}
	if l.failed != nil {
		return 0, nil, l.failed
	}
	if l.queued == nil {
		l.queued = &group{done: make(chan struct{})}
	}
	g, pos := l.queued, l.next
	g.records = append(g.records, stored{position: pos, data: slices.Clone(record)})
	l.next++
	if !l.syncing {
		l.syncing = true
		go l.sync()
	}
	return pos, g, nil
}

// sync makes groups durable until none is queued. Close waits for it.
func (l *Log) sync() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.queued != nil {
		g := l.queued
		l.queued = nil
		l.mu.Unlock()
		g.err = l.medium.sync(l, g.records)
		l.mu.Lock()
		l.settle(g)
	}
	l.syncing = false
	l.idle.Broadcast()
}

// settle tells the senders of g, and the readers, how it went.
func (l *Log) settle(g *group) {
	close(g.done)
	if g.err == nil {
		l.stuck = nil
		l.wake()
		return
	}
	if q := l.queued; q != nil {
		q.err = g.err
		close(q.done)
		l.queued = nil
	}
	l.next = g.records[0].position
	if isFailed(g.err) {
		l.failed = g.err
	} else {
		l.stuck, l.refused = g.err, sizeOf(g.records)
	}
}

func (l *Log) wake() {
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// Bounds implements [eventlog.Log].
func (l *Log) Bounds() (before, last eventlog.Position) {
	l.medium.mu.Lock()
	defer l.medium.mu.Unlock()
	return l.medium.before, l.medium.last
}

// Trim implements [eventlog.Log]. It keeps nothing that it may delete.
func (l *Log) Trim(upTo eventlog.Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return eventlog.ErrClosed
	}
	l.medium.trim(upTo)
	return nil
}

// Err implements [eventlog.Log].
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return eventlog.ErrClosed
	case l.failed != nil:
		return l.failed
	case l.stuck != nil && l.medium.hasRoom(l.refused, l.maxBytes):
		l.stuck = nil
	}
	return l.stuck
}

// Size implements [eventlog.Log].
func (l *Log) Size() (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, eventlog.ErrClosed
	}
	l.medium.mu.Lock()
	defer l.medium.mu.Unlock()
	return l.medium.size(), nil
}

// Close implements [eventlog.Log].
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for l.syncing {
		l.idle.Wait()
	}
	l.wake()
	l.medium.release(l)
	return nil
}
