// Package filelog is the event log on a local disk: a directory of segment files, written by one
// goroutine that gives every append that waits one common sync. docs/formats/eventlog.md describes
// the files. It runs on Linux and other Unix systems. Only package app imports it.
package filelog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// DefaultSegmentBytes is the size of a segment file unless Config says otherwise.
const DefaultSegmentBytes = 64 << 20

// minSegmentBytes keeps a segment from being all header.
const minSegmentBytes = 4 << 10

// Config says where a log lies and how large it may grow.
type Config struct {
	// Dir is the directory of the log, made if it is not there. The log owns every file in it.
	Dir string
	// SegmentBytes is the size that a segment file is given in advance, and so the unit of trimming;
	// zero means DefaultSegmentBytes. A segment is larger only for a record that needs it.
	SegmentBytes int64
	// MaxBytes bounds what the log occupies; zero means that only the disk does. At least two segments.
	MaxBytes int64
	// Logger is told of what recovery cut off; nil means nobody is.
	Logger *slog.Logger

	disk       disk // for tests; nil means the disk at Dir
	blockGroup int  // for tests; zero means what the constant says
}

// Validate returns all that is wrong with c, nil if nothing is.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("directory of the event log is not set"))
	}
	if c.SegmentBytes != 0 && c.SegmentBytes < minSegmentBytes {
		errs = append(errs, fmt.Errorf("segments of %d bytes are too small; give them %d or more", c.SegmentBytes, minSegmentBytes))
	}
	if least := 2 * c.segmentBytes(); c.MaxBytes != 0 && c.MaxBytes < least {
		errs = append(errs, fmt.Errorf("bound of %d bytes is less than two segments; allow %d or more", c.MaxBytes, least))
	}
	return errors.Join(errs...)
}

func (c Config) segmentBytes() int64 {
	if c.SegmentBytes == 0 {
		return DefaultSegmentBytes
	}
	return c.SegmentBytes
}

// Log is an event log in a directory.
//
// Appends queue their record, framed, in a group. The writer takes the whole group, writes and syncs
// it and then wakes all its senders together; what queues meanwhile is the next group. So there is
// never more than one write under way, and no delay but the disk's own.
type Log struct {
	disk         disk
	segmentBytes int64
	maxBytes     int64
	blockGroup   int
	logger       *slog.Logger
	lock         io.Closer
	written      chan struct{} // closed when the writer has ended
	active       *segment      // the writer's own
	zeros        []byte        // zeroBytes of them

	trimming sync.Mutex // held by Trim; taken before mu

	mu       sync.Mutex
	work     sync.Cond // of mu: there is something for the writer
	queued   *group    // what the writer takes next, nil for nothing
	spare    [][]byte  // buffers of groups that have been written, to use again
	next     eventlog.Position
	durable  eventlog.Position // changed by the writer alone
	segments []*segment        // oldest first, never empty; the last is active
	more     chan struct{}     // closed when durable advances or the log closes; nil when no reader waits
	stuck    error             // why the last group was refused, if a later one may be taken
	failed   error             // why no group will be taken again
	probe    bool              // the writer is asked to find out whether stuck still holds
	closing  bool
	closeErr error

	before atomic.Uint64 // position before the first segment; written with mu held
	closed atomic.Bool   // written with mu held
}

var _ eventlog.Log = (*Log)(nil)

// Open opens the log in the directory of c, making it if it is not there, and recovers it: what a
// crash left half written behind the last whole record is cut off. It fails if another process has
// the log open, if a file has a newer format version, and with a [CorruptError] if acknowledged
// records are damaged.
func Open(c Config) (*Log, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := c.disk
	if d == nil {
		d = osDisk{dir: c.Dir}
	}
	l := &Log{
		disk:         d,
		segmentBytes: c.segmentBytes(),
		maxBytes:     c.MaxBytes,
		blockGroup:   cmp.Or(c.blockGroup, blockGroup),
		logger:       c.Logger,
		written:      make(chan struct{}),
		zeros:        make([]byte, zeroBytes),
	}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	l.work.L = &l.mu
	lock, err := d.Lock()
	if err != nil {
		return nil, fmt.Errorf("open event log %s: %w", c.Dir, err)
	}
	l.lock = lock
	if err := l.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("open event log %s: %w", c.Dir, err), l.release())
	}
	go l.write()
	return l, nil
}

// Bounds implements [eventlog.Log].
func (l *Log) Bounds() (before, last eventlog.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return eventlog.Position(l.before.Load()), l.durable
}

// Err implements [eventlog.Log]. While the log is full, each call makes it look for room once more,
// so that a later call tells when there is some, though nobody appends.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closing:
		return eventlog.ErrClosed
	case l.failed != nil:
		return l.failed
	case l.stuck != nil:
		l.probe = true
		l.work.Signal()
	}
	return l.stuck
}

// Size implements [eventlog.Log]. It counts the space that segments were given in advance.
func (l *Log) Size() (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return 0, eventlog.ErrClosed
	}
	return l.size(), nil
}

func (l *Log) size() int64 {
	var n int64
	for _, s := range l.segments {
		n += s.size
	}
	return n
}

// Close implements [eventlog.Log].
func (l *Log) Close() error {
	l.mu.Lock()
	l.closing = true
	l.work.Signal()
	l.mu.Unlock()
	<-l.written

	l.trimming.Lock()
	defer l.trimming.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed.Swap(true) {
		if l.more != nil {
			close(l.more)
			l.more = nil
		}
		l.closeErr = l.release()
	}
	return l.closeErr
}

// release closes the files and gives up the lock.
func (l *Log) release() error {
	var errs []error
	for _, s := range l.segments {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(append(errs, l.lock.Close())...)
}
