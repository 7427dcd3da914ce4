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
	trimmer := trimmer{keep: p.config.KeepLog}
	var idle <-chan time.Time // records grow old when nothing comes, too
	if step := trimmer.step(); step > 0 {
		ticker := time.NewTicker(step)
		defer ticker.Stop()
		idle = ticker.C
	}
	for {
		select {
		case <-idle:
		case b, ok := <-in:
			if !ok {
				return ctx.Err()
			}
			if err := p.commit(ctx, b); err != nil {
				return err
			}
			trimmer.stored(b.last, p.config.Now())
			b.reset()
			select {
			case p.batches <- b:
			default:
			}
		}
		p.trim(&trimmer)
	}
}

// trim gives up the records that were stored long enough ago.
func (p *Pipeline) trim(t *trimmer) {
	pos, ok := t.due(p.config.Now())
	if ok {
		t.allowed = pos
	}
	pos = t.allowed
	if p.config.Keep != nil && pos > t.trimmed {
		pos = p.config.Keep(pos)
	}
	if pos <= t.trimmed {
		return
	}
	t.trimmed = pos
	const step = "trim event log"
	if err := p.config.Log.Trim(pos); err != nil {
		p.fail(step, err)
	} else {
		p.recover(step)
	}
}

// commit stores one batch: rows and cursor, then the tally, then the live feed. It returns an error
// only when ctx has ended.
func (p *Pipeline) commit(ctx context.Context, b *batch) error {
	var written eventstore.Written
	if !b.stored {
		if err := p.prepare(ctx, b); err != nil {
			return err
		}
		err := p.retry(ctx, "write events", func(ctx context.Context) (err error) {
			written, err = p.config.Store.Write(ctx, &eventstore.Batch{Puts: b.puts, Cursor: uint64(b.last), Import: b.replay})
			return err
		})
		if err != nil {
			return err
		}
	}
	if b.stored && p.config.Places != nil && p.config.Tallies != nil {
		err := p.retry(ctx, "look for duplicates", func(ctx context.Context) (err error) {
			written.Duplicates, err = p.repeated(ctx, b.puts)
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(written.Duplicates)
	p.committed(b, written)
	if p.config.Tallies != nil {
		t := b.tally(p.config.Workspace, written.Duplicates, written.Conflicts)
		err := p.retry(ctx, "write tallies", func(ctx context.Context) error { return p.config.Tallies.AddTally(ctx, t) })
		if err != nil {
			return err
		}
	}
	if !b.stored {
		p.feed.publish(b, written.Duplicates)
	}
	return nil
}

// prepare keeps what must be kept before the rows are stored and the cursor moves: what plans hold back,
// and what is to be looked at.
func (p *Pipeline) prepare(ctx context.Context, b *batch) error {
	if len(b.held) > 0 {
		err := p.retry(ctx, "write quarantine", func(ctx context.Context) error {
			return p.config.Quarantine.Hold(ctx, p.config.Workspace, b.held)
		})
		if err != nil {
			return err
		}
	}
	if len(b.puts) == 0 {
		return nil
	}
	for _, n := range p.config.Noters {
		err := p.retry(ctx, "note "+n.What, func(ctx context.Context) error {
			return n.Note(ctx, b.puts, uint64(b.last))
		})
		if err != nil {
			return err
		}
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
	now := p.config.Now()
	for _, at := range b.received {
		p.meters.freshness.Update(max(0, now.Sub(at).Seconds()))
	}
	p.meters.stored.Add(w.Stored)
	p.meters.duplicates.Add(len(w.Duplicates))
	p.meters.conflicts.Add(len(w.Conflicts))
	p.meters.rejected.Add(len(b.rejections))
	p.meters.held.Add(len(b.held))
	p.meters.writes.Inc()
	p.config.Logger.Debug("events stored", slog.Int("stored", w.Stored), slog.Int("duplicates", len(w.Duplicates)),
		slog.Int("rejected", len(b.rejections)), slog.Uint64("cursor", uint64(b.last)))
}

// trimmer decides how far the log may be trimmed: up to the newest position that was stored at least
// keep ago. It knows positions only from this run, so that a restart keeps records a little longer.
type trimmer struct {
	keep    time.Duration
	marks   []trimMark        // oldest first
	allowed eventlog.Position // as far as the pipeline is concerned
	trimmed eventlog.Position // as far as it was asked for
}

// trimMark is what was stored in one step of time.
type trimMark struct {
	began, ended time.Time
	pos          eventlog.Position // the newest
}

// step is how finely times are told apart.
func (t *trimmer) step() time.Duration { return t.keep / 32 }

// stored notes a position that is stored now.
func (t *trimmer) stored(pos eventlog.Position, now time.Time) {
	if n := len(t.marks); n > 0 && now.Sub(t.marks[n-1].began) < t.step() {
		t.marks[n-1].ended, t.marks[n-1].pos = now, pos
		return
	}
	t.marks = append(t.marks, trimMark{now, now, pos})
}

// due returns the position to trim up to, if there is a new one.
func (t *trimmer) due(now time.Time) (eventlog.Position, bool) {
	var found eventlog.Position
	for len(t.marks) > 0 && now.Sub(t.marks[0].ended) >= t.keep {
		found, t.marks = t.marks[0].pos, t.marks[1:]
	}
	return found, found != 0
}
