package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
)

// chunk is a stretch of a log, or of the store, on its way to one destination. It is done when none of its calls
// is left; the cursor then passes it, if all before it are done.
type chunk struct {
	stream               *stream
	position             uint64 // of its record; of a backfill, the number of its page
	cursor               string // of a backfill: where the store goes on
	seen                 int64  // of a backfill: rows looked at, with all before
	last                 bool   // of a backfill: no page follows
	items                []*item
	left                 int
	filtered, duplicates int64
	faults               int64 // calls that cannot be read again
	// fill reads the calls when the courier takes the chunk; filled has its error then. nil: they are there.
	fill   func() error
	filled chan error
}

// stream is a sequence of chunks with a cursor.
type stream struct {
	name     string
	backfill int64 // id; 0: a log
	chunks   []*chunk
	// done is the last chunk that is done with all before it, since progress was stored; nil: none.
	done *chunk
	// behind says that calls come from the event store since the log has them no more.
	behind bool
}

// feed is what reads one stream for a courier.
type feed struct {
	*courier
	stream   *stream
	acceptor *acceptor
	skip     map[metastore.CallPlace]bool // parked already
	recent   recent
}

// hand gives a chunk to the courier, waiting until it has room.
func (f *feed) hand(ctx context.Context, c *chunk) error {
	select {
	case f.chunks <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pick makes items of those calls that the destination takes.
func (f *feed) pick(c *chunk, calls []*accepted) {
	for _, call := range calls {
		if f.skip[metastore.CallPlace{Position: c.position, Place: call.place}] {
			continue
		}
		if !f.selector.takes(call) {
			c.filtered++
			continue
		}
		c.items = append(c.items, newItem(call, f.stream.name, c.position, f.ordered))
	}
	c.left = len(c.items)
}

// followPause is the wait after an error of a log that may pass.
const followPause = 5 * time.Second

// follow reads a log from a position on, until ctx ends.
func (f *feed) follow(ctx context.Context, l *Log, from eventlog.Position) {
	reader := l.Log.Reader(from)
	last := from
	for ctx.Err() == nil {
		rec, err := reader.Next(ctx)
		switch {
		case err == nil:
			err = f.record(ctx, rec)
			last = rec.Position
		case errors.Is(err, eventlog.ErrTrimmed):
			before, _ := l.Log.Bounds()
			f.config.Logger.Warn("destination fell behind what the log keeps", slog.String("destination", f.id), slog.String("log", l.Name),
				slog.Uint64("from", uint64(last)), slog.Uint64("to", uint64(before)), slog.Bool("caught_up", l.Stored && f.config.Store != nil))
			if l.Stored && f.config.Store != nil {
				err = f.catchUp(ctx, last, before)
			} else {
				err = nil
			}
			reader, last = l.Log.Reader(before), before
		}
		if err != nil && ctx.Err() == nil {
			f.config.Logger.Error("log cannot be read for delivery", slog.String("destination", f.id), slog.String("log", l.Name), slog.Any("error", err))
			if !pause(ctx, followPause) {
				return
			}
			reader = l.Log.Reader(last)
		}
	}
}

func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// record hands over the calls of a record. One that cannot be read is passed: the pipeline reports it.
func (f *feed) record(ctx context.Context, rec eventlog.Record) error {
	c := &chunk{stream: f.stream, position: uint64(rec.Position)}
	request, err := event.DecodeRequest(bytes.Clone(rec.Data))
	if err == nil {
		calls := f.acceptor.calls(&request, c.position)
		fresh := calls[:0]
		for _, call := range calls {
			if f.recent.seen(call.row.ID) {
				c.duplicates++
				continue
			}
			fresh = append(fresh, call)
		}
		f.pick(c, fresh)
	}
	return f.hand(ctx, c)
}

// storePage is how many rows of the store go into one chunk.
const storePage = 500

// catchUp hands over calls of the log that only the event store has any more: records after one position up to
// another. They come in the order of their times. Cursors cannot pass into the middle of them, so that after a
// crash they come again.
func (f *feed) catchUp(ctx context.Context, after, upTo eventlog.Position) error {
	f.note(counted{behind: f.stream, is: true})
	defer f.note(counted{behind: f.stream})
	number := func(p eventlog.Position) string { return strconv.FormatUint(uint64(p), 10) }
	list := query.List{
		Grain: query.Events, Raw: true,
		Filter: query.AllOf(query.Is("request_seq", query.Greater, number(after)), query.Is("request_seq", query.AtMost, number(upTo))),
	}
	return f.rows(ctx, list, func(c *chunk, last bool) {
		if c.position = uint64(after); last {
			c.position = uint64(upTo)
		}
	})
}

// backfill hands over the calls of a period.
func (f *feed) backfill(ctx context.Context, b metastore.Backfill) {
	for ctx.Err() == nil {
		page, seen := uint64(0), b.Done
		list := query.List{Grain: query.Events, Raw: true, Range: query.Range{From: b.Since, Until: b.Until}, After: b.Cursor}
		err := f.rows(ctx, list, func(c *chunk, last bool) {
			page++
			seen += c.seen
			c.position, c.seen, c.last = page, seen, last
			b.Cursor, b.Done = c.cursor, seen
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		f.config.Logger.Error("event store cannot be read for a backfill", slog.String("destination", f.id), slog.Any("error", err))
		if !pause(ctx, followPause) {
			return
		}
	}
}

// computed hands over what is computed of people now. The courier reads each page when it takes it: no call of a log that
// it has in hand already tells of something newer, and one that comes later goes after it.
func (f *feed) computed(ctx context.Context, b metastore.Backfill) {
	if f.config.Computed == nil {
		return
	}
	for page := uint64(1); ; page++ {
		c := &chunk{stream: f.stream, position: page, filled: make(chan error, 1)}
		c.fill = func() error {
			request, next, err := f.config.Computed.Now(ctx, f.id, b.Cursor, storePage)
			if err != nil {
				return fmt.Errorf("read what is computed: %w", err)
			}
			b.Cursor, b.Done = next, b.Done+int64(len(request.Calls))
			c.cursor, c.seen, c.last = b.Cursor, b.Done, next == ""
			f.pick(c, f.acceptor.calls(&request, page))
			return nil
		}
		if f.hand(ctx, c) != nil {
			return
		}
		if err := <-c.filled; err != nil && ctx.Err() == nil {
			f.config.Logger.Error("what is computed cannot be read for a backfill", slog.String("destination", f.id), slog.Any("error", err))
			if !pause(ctx, followPause) {
				return
			}
		} else if err != nil || c.last {
			return
		}
	}
}

// rows hands over the calls that a list has, page by page; finish sees each chunk before its calls are picked,
// and whether it is the last, which may have none.
func (f *feed) rows(ctx context.Context, list query.List, finish func(c *chunk, last bool)) error {
	list.Limit = storePage
	for {
		c := &chunk{stream: f.stream}
		var calls []*accepted
		for row, err := range f.config.Store.Events(ctx, list) {
			if err != nil {
				return fmt.Errorf("read calls from event store: %w", err)
			}
			c.seen++
			list.After = query.EventCursor(row).String()
			call, err := f.acceptor.stored(row)
			if err != nil {
				c.faults++
			}
			if call != nil {
				calls = append(calls, call)
			}
		}
		c.cursor = list.After
		last := c.seen < storePage
		finish(c, last)
		f.pick(c, calls)
		if err := f.hand(ctx, c); err != nil || last {
			return err
		}
	}
}

// recent knows the event ids that came last: at least half of most, at most all. It forgets at a restart.
type recent struct {
	now, before map[string]struct{}
}

// mostRecent bounds what is remembered of a stream, about 8 MB.
const mostRecent = 50_000

// seen reports whether an id came before, and remembers it.
func (r *recent) seen(id string) bool {
	if _, ok := r.now[id]; ok {
		return true
	}
	_, again := r.before[id]
	if r.now == nil || len(r.now) >= mostRecent {
		r.before, r.now = r.now, make(map[string]struct{})
	}
	r.now[string([]byte(id))] = struct{}{} // not the record's memory
	return again
}
