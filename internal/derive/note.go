package derive

import (
	"context"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
)

// Note remembers durably which traces the rows belong to, and in which traced conversations clients said
// something themselves, before the rows are stored at a position of the log. It is called by one
// goroutine, which stores the rows before it notes the next.
func (d *Deriver) Note(ctx context.Context, rows []*event.Event, position uint64) error {
	d.mu.Lock()
	now := d.config.Now()
	if !d.passing {
		clear(d.underway)
	}
	changed := map[string]Mark{}
	// A mark that was changed in this call already, else the one of before.
	find := func(m Mark) Mark {
		key := m.key()
		if c, ok := changed[key]; ok {
			return c
		}
		if old, ok := d.marks[key]; ok {
			return old
		}
		return m
	}
	judged := false
	for _, e := range rows {
		judged = d.noteVerdict(e, position) || judged
		if m, ok := d.sessionOf(e, changed); ok {
			changed[m.key()] = m.covering(e.OccurredAt, position)
		}
		if m, ok := d.ratingOf(e, position); ok {
			m = find(m)
			m.Due = now
			changed[m.key()] = m.covering(e.OccurredAt, position)
		}
		switch {
		case partOfTrace(e):
			m := find(Mark{Trace: e.TraceID, From: e.OccurredAt, Until: e.OccurredAt})
			m.Root = m.Root || isRoot(e)
			wait := d.config.Quiet
			if m.Root {
				wait = d.config.HoldBack
			}
			m.Due = now.Add(wait)
			changed[m.key()] = m.covering(e.OccurredAt, position)
		case isOwnMessage(e) && d.knowsTraces(changed):
			d.underway[e.ConversationID] = position
			if d.traced[e.ConversationID] {
				m := find(Mark{Conversation: e.ConversationID, From: e.OccurredAt, Until: e.OccurredAt})
				m.Due = now
				changed[m.key()] = m.covering(e.OccurredAt, position)
			}
		}
	}
	d.mu.Unlock()
	if judged {
		d.rounds.Wake()
	}
	return d.remember(ctx, changed)
}

// remember makes marks durable.
func (d *Deriver) remember(ctx context.Context, changed map[string]Mark) error {
	if len(changed) == 0 {
		return nil
	}
	marks := make([]Mark, 0, len(changed))
	for _, m := range changed {
		marks = append(marks, m)
	}
	if err := d.config.Marks.PutMarks(ctx, marks); err != nil {
		return fmt.Errorf("write marks of traces: %w", err)
	}
	d.mu.Lock()
	for _, m := range changed {
		d.setMark(m)
	}
	d.mu.Unlock()
	d.rounds.Wake()
	return nil
}

// knowsTraces reports whether there is any trace that a message could belong to.
func (d *Deriver) knowsTraces(changed map[string]Mark) bool {
	return len(d.traced) > 0 || len(d.marks) > 0 || len(changed) > 0
}

// covering returns the mark spread over one more row.
func (m Mark) covering(at time.Time, position uint64) Mark {
	if at.Before(m.From) {
		m.From = at
	}
	if at.After(m.Until) {
		m.Until = at
	}
	m.Position = max(m.Position, position)
	return m
}

// partOfTrace reports whether a row that a client sent is part of a trace that is to be derived: a span,
// a log of one, or feedback that names a trace alone.
func partOfTrace(e *event.Event) bool {
	if e.TraceID == "" || e.DerivedFrom != "" {
		return false
	}
	return e.SpanID != "" || e.Kind == event.KindFeedback || e.Kind == event.KindProduct && e.Action == "traced"
}

// isOwnMessage reports whether a row is a message that a client sent itself.
func isOwnMessage(e *event.Event) bool {
	return e.Kind == event.KindMessage && e.ConversationID != "" && e.SpanID == ""
}

// isRoot reports whether a span has no parent, or one of another service.
func isRoot(e *event.Event) bool {
	if e.SpanID == "" {
		return false
	}
	if e.ParentSpanID == "" && e.Kind != event.KindProduct { // logs have no parent either
		return true
	}
	return trace.IsRoot(e.Parts)
}
