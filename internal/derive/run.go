package derive

import (
	"context"
	"fmt"
	"time"
)

// maxMarks bounds what is derived in one go, and so the rows that are in memory.
const maxMarks = 1000

// step is the least wait between two looks at what is due.
const step = time.Second

// Run derives what is due until ctx ends, and returns nil then.
func (d *Deriver) Run(ctx context.Context) error { return d.rounds.Run(ctx, d.round) }

// round derives what is due and returns how long to wait for more. What it began it ends, whatever becomes of ctx.
func (d *Deriver) round(ctx context.Context) (time.Duration, error) {
	if _, err := d.Derive(context.WithoutCancel(ctx)); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	next := time.Minute
	if d.unasked() > 0 { // it is not stored yet
		next = step
	}
	now := d.config.Now()
	for key, m := range d.marks {
		due := m.Due
		if l, ok := d.linked[key]; ok {
			due = l.until
		}
		next = min(next, max(due.Sub(now), step))
	}
	return next, nil
}

// Derive derives what is due and stored, once, and returns how many marks that were.
func (d *Deriver) Derive(ctx context.Context) (int, error) {
	d.setPassing(true)
	defer d.setPassing(false)
	if err := d.forget(ctx, d.quiet()); err != nil {
		return 0, err
	}
	done := 0
	for {
		cursor, err := d.config.Store.Cursor(ctx)
		if err != nil {
			return done, fmt.Errorf("read cursor of event store: %w", err)
		}
		due := d.due(cursor)
		judged, responses, err := d.judged(ctx, cursor)
		if err != nil {
			return done, err
		}
		if len(due)+len(responses) == 0 {
			return done, nil
		}
		traces, sessions := split(due)
		if err := d.pass(ctx, append(traces, judged...), cursor); err != nil {
			return done, err
		}
		d.asked(responses, cursor)
		if err := d.forget(ctx, traces); err != nil {
			return done, err
		}
		if err := d.link(ctx, sessions); err != nil {
			return done, err
		}
		done += len(due)
	}
}

func (d *Deriver) setPassing(is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.passing = is
}

// due returns some of the marks whose time has come and whose rows are stored.
func (d *Deriver) due(cursor uint64) []Mark {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.config.Now()
	var due []Mark
	for key, m := range d.marks {
		if _, ok := d.linked[key]; !ok && !m.Due.After(now) && m.Position <= cursor {
			if due = append(due, m); len(due) == maxMarks {
				break
			}
		}
	}
	return due
}

// forget removes marks, unless they were renewed meanwhile.
func (d *Deriver) forget(ctx context.Context, marks []Mark) error {
	d.mu.Lock()
	var gone []Mark
	for _, m := range marks {
		if d.marks[m.key()] == m {
			gone = append(gone, m)
		}
	}
	d.mu.Unlock()
	if len(gone) == 0 {
		return nil
	}
	if err := d.config.Marks.RemoveMarks(ctx, gone); err != nil {
		return fmt.Errorf("remove marks of traces: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range gone {
		if d.marks[m.key()] == m {
			d.dropMark(m)
		}
	}
	return nil
}
