package filelog

import (
	"context"
	"fmt"
	"sort"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Reader is a cursor on a log. It has no file of its own, so it needs no closing.
type Reader struct {
	log     *Log
	next    eventlog.Position // of the record to return next
	segment *segment          // that cursor reads, nil before the first record
	at      eventlog.Position // of the record at cursor; behind next while seeking it
	cursor  cursor
}

var _ eventlog.Reader = (*Reader)(nil)

// Reader implements [eventlog.Log]. A reader that begins in the middle of a segment reads over the
// records before; one that begins at the end does not.
func (l *Log) Reader(after eventlog.Position) eventlog.Reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &Reader{log: l, next: after + 1}
	if after == l.durable {
		s := l.segments[len(l.segments)-1]
		r.segment, r.at = s, r.next
		r.cursor.reset(s.file)
		r.cursor.off = s.end
	}
	return r
}

// Next implements [eventlog.Reader].
func (r *Reader) Next(ctx context.Context) (eventlog.Record, error) {
	for {
		if err := ctx.Err(); err != nil {
			return eventlog.Record{}, err
		}
		record, ok, err := r.TryNext()
		if ok || err != nil {
			return record, err
		}
		select {
		case <-r.log.beyond(r.next):
		case <-ctx.Done():
		}
	}
}

// beyond returns a channel that is closed once the record at pos may be asked for again.
func (l *Log) beyond(pos eventlog.Position) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if pos <= l.durable || l.closed.Load() {
		now := make(chan struct{})
		close(now)
		return now
	}
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return l.more
}

// TryNext implements [eventlog.Reader]. A [CorruptError] is returned again and again: the reader does
// not step over what it cannot read.
func (r *Reader) TryNext() (eventlog.Record, bool, error) {
	for {
		if err := r.gone(); err != nil {
			return eventlog.Record{}, false, err
		}
		_, record, need, v := r.cursor.buffered(r.at)
		switch v {
		case whole:
			if r.at++; r.at <= r.next {
				continue
			}
			r.next++
			return eventlog.Record{Position: r.next - 1, Data: record}, true, nil
		case cutShort:
			ok, err := r.fill(need)
			if ok {
				continue
			}
			if err != nil {
				if gone := r.gone(); gone != nil { // trimmed or closed under our hands
					err = gone
				}
			}
			return eventlog.Record{}, false, err
		default:
			return eventlog.Record{}, false, r.corrupt("record is " + string(v))
		}
	}
}

// gone returns ErrClosed, or ErrTrimmed once if the reader stood before the oldest record.
func (r *Reader) gone() error {
	if r.log.closed.Load() {
		return eventlog.ErrClosed
	}
	if before := eventlog.Position(r.log.before.Load()); r.next <= before {
		err := fmt.Errorf("read record %d: %w; the oldest one now is %d", r.next, eventlog.ErrTrimmed, before+1)
		r.next = before + 1
		return err
	}
	return nil
}

// fill reads on in the segment of the next record; false if there is nothing more now.
func (r *Reader) fill(need int) (bool, error) {
	r.log.mu.Lock()
	if r.next > r.log.durable {
		r.log.mu.Unlock()
		return false, nil
	}
	if r.next <= eventlog.Position(r.log.before.Load()) {
		r.log.mu.Unlock()
		return true, nil // trimmed a moment ago
	}
	s := r.log.segmentOf(r.next)
	end := s.end
	r.log.mu.Unlock()
	if s != r.segment {
		r.segment, r.at = s, s.first
		r.cursor.reset(s.file)
		need = frameSize
	}
	ok, err := r.cursor.fill(need, end)
	if err == nil && !ok {
		err = r.corrupt("record is cut short")
	}
	return ok, err
}

// segmentOf returns the segment that holds the record at pos, which is a kept one. mu is held.
func (l *Log) segmentOf(pos eventlog.Position) *segment {
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].first > pos })
	return l.segments[max(i-1, 0)]
}

func (r *Reader) corrupt(reason string) error {
	return &CorruptError{
		File: r.segment.name, Offset: r.cursor.off, Position: r.at, Reason: reason, Hint: hintOld,
	}
}
