package filelog

import (
	"context"
	"fmt"
	"hash/crc32"
	"runtime"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

const (
	// maxGroup bounds the bytes of a group, unless one record is larger: senders beyond it wait for
	// the next.
	maxGroup = 8 << 20
	// keepBuffer is the largest buffer that is kept for the next group.
	keepBuffer = 2 * maxGroup
	// blockGroup is the size from which a group is written in whole blocks round the page cache. Then
	// copying would cost more than the block that is filled up: at 64 appends of 87 KB at once it took
	// six times the CPU.
	blockGroup = 256 << 10
	// zeroBytes is how far ahead of smaller groups zeros are written at once; more than one of them.
	zeroBytes = 2 * blockGroup
)

// group is a number of appends that share one sync.
type group struct {
	first  eventlog.Position // of its records
	next   eventlog.Position // behind them
	frames []byte
	done   chan struct{} // closed when the group is durable or refused
	err    error         // valid once done is closed
}

// Append implements [eventlog.Log]. Beside the errors named there it returns others when the next
// segment could not be made; then nothing was written, and a later Append may succeed.
func (l *Log) Append(ctx context.Context, record []byte) (eventlog.Position, error) {
	if n := len(record); n == 0 || n > eventlog.MaxRecord {
		return 0, fmt.Errorf("append record of %d bytes: %w", n, eventlog.ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	sum := crc32.Checksum(record, castagnoli) // before the lock: the longest part of the work
	for {
		pos, g, err := l.enqueue(record, sum)
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
		if pos != 0 {
			return pos, nil
		}
	}
}

// enqueue adds the record to the group that queues and returns its position. Position zero says that
// the group was full, and the record is to be tried again when it is done.
func (l *Log) enqueue(record []byte, sum uint32) (eventlog.Position, *group, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return 0, nil, eventlog.ErrClosed
	}
	if l.failed != nil {
		return 0, nil, l.failed
	}
	g := l.queued
	if g == nil {
		g = &group{first: l.next, done: make(chan struct{})}
		if n := len(l.spare); n > 0 {
			g.frames, l.spare = l.spare[n-1], l.spare[:n-1]
		}
		l.queued = g
		l.work.Signal()
	} else if len(g.frames)+frameSize+len(record) > maxGroup {
		return 0, g, nil
	}
	pos := l.next
	l.next++
	g.next = l.next
	f := frame{length: uint32(len(record)), index: uint32(pos - g.first), position: pos}
	g.frames = append(appendFrame(g.frames, f, sum), record...)
	return pos, g, nil
}

// write is the writer: it turns what queued into groups until the log closes and nothing is queued.
func (l *Log) write() {
	defer close(l.written)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for l.queued == nil && !l.probe && !l.closing {
			l.work.Wait()
		}
		switch {
		case l.queued != nil:
			l.gather()
			l.writeQueued()
		case l.closing:
			return
		default:
			l.probe = false
			l.look()
		}
	}
}

// gather lets the goroutines run that are ready to, which are mostly the senders of the last group:
// those that append again at once come into this group. It waits for nothing; at 16 senders it made
// the groups almost twice as large. It is called with mu held, and lets go of it meanwhile.
func (l *Log) gather() {
	l.mu.Unlock()
	runtime.Gosched()
	l.mu.Lock()
}

// writeQueued writes the group that queues and tells its senders. It is called with mu held, and
// lets go of it meanwhile.
func (l *Log) writeQueued() {
	g := l.queued
	l.queued = nil
	l.mu.Unlock()
	end, err := l.writeGroup(g)
	l.mu.Lock()

	if len(l.spare) < 2 && cap(g.frames) <= keepBuffer {
		l.spare = append(l.spare, g.frames[:0])
	}
	g.frames = nil
	if err != nil {
		l.refuse(g, err)
		return
	}
	l.stuck = nil
	l.active.end = end
	l.durable = g.next - 1
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	close(g.done)
}

// refuse fails g and what queued behind it. Their positions were told to nobody and will be given to
// other records.
func (l *Log) refuse(g *group, err error) {
	g.err = err
	close(g.done)
	if q := l.queued; q != nil {
		q.err = err
		close(q.done)
	}
	l.queued = nil
	l.next = l.durable + 1
	l.stop(err)
}

// stop notes why the log takes no records now.
func (l *Log) stop(err error) {
	if isFinal(err) {
		l.failed = err
	} else {
		l.stuck = err
	}
}

// look finds out whether a log that was stuck can go on, by trying to make the next segment. It is
// called with mu held, and lets go of it meanwhile.
func (l *Log) look() {
	if l.stuck == nil || l.failed != nil {
		return
	}
	l.mu.Unlock()
	err := l.roll(0)
	l.mu.Lock()
	if l.stuck = nil; err != nil {
		l.stop(err)
	}
}
