package pipeline

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// write stores the batches that come, in order, until there are no more or ctx ends.
func (p *Pipeline) write(ctx context.Context, in <-chan *batch) error {
	trimmer := trimmer{keep: p.KeepLog}
	for b := range in {
		if err := p.commit(ctx, b); err != nil {
			return err
		}
		if pos, ok := trimmer.after(b.last, p.Now()); ok {
			if err := p.Log.Trim(pos); err != nil {
				p.fail("trim event log", err)
			} else {
				p.recover("trim event log")
			}
		}
		b.reset()
		select {
		case p.batches <- b:
		default:
		}
	}
	return ctx.Err()
}

// commit stores one batch: rows and cursor, then the tally, then the live feed. It returns an error
// only when ctx has ended.
func (p *Pipeline) commit(ctx context.Context, b *batch) error {
	var written eventstore.Written
	if !b.stored {
		err := p.retry(ctx, "write events", func(ctx context.Context) (err error) {
			written, err = p.Store.Write(ctx, &eventstore.Batch{Puts: b.puts, Cursor: uint64(b.last)})
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(written.Duplicates)
	p.committed(b, written)
	if p.Tallies != nil {
		t := b.tally(p.Workspace, written.Duplicates, written.Conflicts)
		err := p.retry(ctx, "write tallies", func(ctx context.Context) error { return p.Tallies.AddTally(ctx, t) })
		if err != nil {
			return err
		}
	}
	if !b.stored {
		p.feed.publish(b, written.Duplicates)
	}
	return nil
}

// committed moves the cursor and the meters.
func (p *Pipeline) committed(b *batch, w eventstore.Written) {
	p.mu.Lock()
	p.cursor = max(p.cursor, b.last)
	p.waiting = p.waiting[1:]
	p.mu.Unlock()
	if b.stored {
		return
	}
	now := p.Now()
	for _, at := range b.received {
		p.meters.freshness.Update(max(0, now.Sub(at).Seconds()))
	}
	p.meters.stored.Add(w.Stored)
	p.meters.duplicates.Add(len(w.Duplicates))
	p.meters.conflicts.Add(len(w.Conflicts))
	p.meters.rejected.Add(len(b.rejections))
	p.meters.writes.Inc()
	p.Logger.Debug("events stored", slog.Int("stored", w.Stored), slog.Int("duplicates", len(w.Duplicates)),
		slog.Int("rejected", len(b.rejections)), slog.Uint64("cursor", uint64(b.last)))
}

// trimmer decides how far the log may be trimmed: up to the newest position that was stored at least
// keep ago. It knows positions only from this run, so that a restart keeps records a little longer.
type trimmer struct {
	keep  time.Duration
	marks []trimMark // oldest first
}

type trimMark struct {
	at  time.Time
	pos eventlog.Position
}

// after notes a stored position and returns the one to trim up to, if there is a new one.
func (t *trimmer) after(pos eventlog.Position, now time.Time) (eventlog.Position, bool) {
	const most = 64 // marks kept: finer is not needed
	if n := len(t.marks); n > 0 && now.Sub(t.marks[n-1].at) < t.keep/most {
		return 0, false // the next mark covers it
	}
	t.marks = append(t.marks, trimMark{now, pos})
	var found eventlog.Position
	for len(t.marks) > 0 && now.Sub(t.marks[0].at) >= t.keep {
		found, t.marks = t.marks[0].pos, t.marks[1:]
	}
	return found, found != 0
}
