package memlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Reader is a cursor on a log.
type Reader struct {
	log   *Log
	after eventlog.Position
}

var _ eventlog.Reader = (*Reader)(nil)

// Reader implements [eventlog.Log].
func (l *Log) Reader(after eventlog.Position) eventlog.Reader {
	return &Reader{log: l, after: after}
}

// Next implements [eventlog.Reader].
func (r *Reader) Next(ctx context.Context) (eventlog.Record, error) {
	for {
		if err := ctx.Err(); err != nil {
			return eventlog.Record{}, err
		}
		more := r.log.waiter() // before looking, so that nothing slips between
		record, ok, err := r.TryNext()
		if ok || err != nil {
			return record, err
		}
		select {
		case <-more:
		case <-ctx.Done():
		}
	}
}

// waiter returns a channel that is closed when there may be more to read.
func (l *Log) waiter() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	c := l.more
	if l.closed {
		l.wake()
	}
	return c
}

// TryNext implements [eventlog.Reader].
func (r *Reader) TryNext() (eventlog.Record, bool, error) {
	r.log.mu.Lock()
	closed := r.log.closed
	r.log.mu.Unlock()
	if closed {
		return eventlog.Record{}, false, eventlog.ErrClosed
	}
	m := r.log.medium
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.after < m.before {
		err := fmt.Errorf("read record %d: %w", r.after+1, eventlog.ErrTrimmed)
		r.after = m.before
		return eventlog.Record{}, false, err
	}
	i := sort.Search(len(m.records), func(i int) bool { return m.records[i].position > r.after })
	if i == len(m.records) {
		return eventlog.Record{}, false, nil
	}
	found := m.records[i]
	r.after = found.position
	return eventlog.Record{Position: found.position, Data: slices.Clone(found.data)}, true, nil
}

func isFailed(err error) bool { return errors.Is(err, eventlog.ErrFailed) }
