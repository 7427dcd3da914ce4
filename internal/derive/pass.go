package derive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trace"
)

const (
	// longestTrace is how far from one row of a trace the others are looked for.
	longestTrace = 24 * time.Hour
	// longestTurn is how long before a client's message the call that answers it may have begun.
	longestTurn = 15 * time.Minute
)

// span is a stretch of time.
type span struct{ from, until time.Time }

func (s *span) cover(from, until time.Time) {
	if s.from.IsZero() || from.Before(s.from) {
		s.from = from
	}
	if until.After(s.until) {
		s.until = until
	}
}

// around is a range that holds s and some time on both sides.
func (s span) around(before, after time.Duration) query.Range {
	return query.Range{From: s.from.Add(-before), Until: s.until.Add(after + time.Microsecond)}
}

// pass derives what marks name. cursor is how far the log is stored.
func (d *Deriver) pass(ctx context.Context, marks []Mark, cursor uint64) error {
	if err := d.withdraw(ctx, marks, cursor); err != nil {
		return err
	}
	traces, during, err := d.tracesOf(ctx, marks)
	if err != nil || len(traces) == 0 {
		return err
	}
	rows, err := d.rowsOf(ctx, traces, during)
	if err != nil {
		return err
	}
	judged, err := d.addVerdicts(ctx, rows)
	if err != nil {
		return err
	}
	conversations, said := map[string]bool{}, span{}
	scopes := make(map[string]trace.Scope, len(rows))
	for id, r := range rows {
		scope := trace.ScopeOf(r)
		scopes[id] = scope
		if scope.ConversationID != "" {
			conversations[scope.ConversationID] = true
			said.cover(scope.From, scope.Until)
		}
	}
	if err := d.noteTraced(ctx, conversations); err != nil {
		return err
	}
	explicit, err := d.explicitOf(ctx, conversations, said)
	if err != nil {
		return err
	}
	var batch eventstore.Batch
	var before []*event.Event
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		before = append(before, d.derive(&batch, id, rows[id], explicit[scopes[id].ConversationID])...)
	}
	if err := d.write(ctx, &batch, before); err != nil {
		return err
	}
	d.settled(judged, cursor)
	d.meters.derived.Add(len(rows))
	return d.lookAgain(ctx, conversations, said, cursor)
}

// tracesOf returns the traces that marks name, and when they took place.
func (d *Deriver) tracesOf(ctx context.Context, marks []Mark) ([]string, span, error) {
	traces, during := map[string]bool{}, span{}
	var conversations []string
	var said span
	for _, m := range marks {
		if m.Trace != "" {
			traces[m.Trace] = true
			during.cover(m.From, m.Until)
		} else {
			conversations = append(conversations, m.Conversation)
			said.cover(m.From, m.Until)
		}
	}
	if len(conversations) > 0 {
		list := query.List{Grain: query.Events, Range: said.around(longestTurn, trace.MergeWindow), Filter: query.AllOf(
			query.Is("conversation_id", query.Eq, conversations...), query.Is("trace_id", query.Exists), query.Is("span_id", query.Exists))}
		for e, err := range d.config.Store.Events(ctx, list) {
			if err != nil {
				return nil, during, fmt.Errorf("find traces of conversations: %w", err)
			}
			traces[e.TraceID] = true
			during.cover(e.OccurredAt, e.OccurredAt)
		}
	}
	return slices.Sorted(maps.Keys(traces)), during, nil
}

// rowsOf returns the rows of traces, by trace, without their raw calls: rows that are written again keep them.
func (d *Deriver) rowsOf(ctx context.Context, traces []string, during span) (map[string][]*event.Event, error) {
	list := query.List{Grain: query.Events, Range: during.around(longestTrace, longestTrace), Filter: query.Is("trace_id", query.Eq, traces...)}
	rows := map[string][]*event.Event{}
	for e, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return nil, fmt.Errorf("read traces: %w", err)
		}
		rows[e.TraceID] = append(rows[e.TraceID], e)
	}
	return rows, nil
}

// explicitOf returns the messages that clients sent themselves, by conversation.
func (d *Deriver) explicitOf(ctx context.Context, conversations map[string]bool, said span) (map[string][]*event.Event, error) {
	found := map[string][]*event.Event{}
	if len(conversations) == 0 {
		return found, nil
	}
	list := query.List{Grain: query.Events, Range: said.around(trace.MergeWindow, trace.MergeWindow), Filter: query.AllOf(
		query.Is("conversation_id", query.Eq, slices.Sorted(maps.Keys(conversations))...),
		query.Is("kind", query.Eq, string(event.KindMessage)), &query.Filter{Not: query.Is("span_id", query.Exists)})}
	for e, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return nil, fmt.Errorf("read messages of traced conversations: %w", err)
		}
		found[e.ConversationID] = append(found[e.ConversationID], e)
	}
	return found, nil
}

// noteTraced remembers that conversations have traces, before their messages are looked for: a message
// that comes from now on is noted, one that came before is found.
func (d *Deriver) noteTraced(ctx context.Context, conversations map[string]bool) error {
	d.mu.Lock()
	var fresh []string
	for id := range conversations {
		if !d.traced[id] {
			fresh = append(fresh, id)
		}
	}
	d.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	slices.Sort(fresh)
	if err := d.config.Marks.AddTracedConversations(ctx, fresh); err != nil {
		return fmt.Errorf("write traced conversations: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range fresh {
		d.traced[id] = true
	}
	return nil
}

// lookAgain marks the conversations in which a client said something that was not stored yet when its
// messages were looked for.
func (d *Deriver) lookAgain(ctx context.Context, conversations map[string]bool, said span, cursor uint64) error {
	d.mu.Lock()
	changed := map[string]Mark{}
	for id := range conversations {
		position, ok := d.underway[id]
		if !ok || position <= cursor {
			continue
		}
		m := Mark{Conversation: id, Due: d.config.Now(), Position: position, From: said.from, Until: said.until}
		if old, ok := d.marks[m.key()]; ok {
			m = old.covering(said.from, position).covering(said.until, position)
		}
		changed[m.key()] = m
	}
	d.mu.Unlock()
	return d.remember(ctx, changed)
}

// derive adds what follows from one trace to the batch, and returns the rows that the batch takes away from somebody. A
// trace that cannot be derived stays as it is: it must not stop all others.
func (d *Deriver) derive(b *eventstore.Batch, id string, rows, explicit []*event.Event) (taken []*event.Event) {
	defer func() {
		if r := recover(); r != nil {
			// The value may quote what users wrote, which is never logged.
			d.config.Logger.Error("trace cannot be derived", slog.String("trace", id), slog.String("panic", fmt.Sprintf("%T", r)), slog.String("stack", string(debug.Stack())))
		}
	}()
	r := d.config.Trace.Derive(rows, explicit)
	if len(r.Puts)+len(r.Retracts) == 0 {
		return nil
	}
	stays := map[string]*event.Event{}
	revision := d.nextRevision(rows)
	for _, e := range r.Puts {
		e.Revision = revision
		d.config.Price(e)
		b.Puts = append(b.Puts, e)
		stays[e.ID] = e
	}
	for _, e := range rows {
		if n := stays[e.ID]; n != nil && !sameOwners(e, n) || slices.Contains(r.Retracts, e.ID) {
			taken = append(taken, e)
		}
	}
	for _, id := range r.Retracts {
		b.Retracts = append(b.Retracts, eventstore.Retract{ID: id, Revision: revision})
	}
	d.meters.merged.Add(r.Merged)
	return taken
}

// sameOwners says that two rows are of the same person and conversation.
func sameOwners(a, b *event.Event) bool {
	return a.UserID == b.UserID && a.AnonymousID == b.AnonymousID && a.ConversationID == b.ConversationID
}

// nextRevision returns a revision that is higher than any before: microseconds since 1970, or more. What
// was retracted has a revision, too, that no row tells.
func (d *Deriver) nextRevision(rows []*event.Event) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revision = max(d.revision+1, d.config.Now().UnixMicro())
	for _, e := range rows {
		d.revision = max(d.revision, e.Revision+1)
	}
	return d.revision
}

// write stores a batch and tells of the rows that are new. taken are rows as they were that it takes away from somebody.
func (d *Deriver) write(ctx context.Context, b *eventstore.Batch, taken []*event.Event) error {
	if len(b.Puts)+len(b.Retracts) == 0 {
		return nil
	}
	done, err := d.config.Note(ctx, slices.Concat(b.Puts, taken))
	if err != nil {
		return fmt.Errorf("note derived rows: %w", err)
	}
	defer done()
	w, err := d.config.Store.Write(ctx, b)
	if err != nil {
		return fmt.Errorf("write derived rows: %w", err)
	}
	if len(w.Duplicates) > 0 {
		d.mu.Lock()
		d.revision += (24 * time.Hour).Microseconds()
		d.mu.Unlock()
		return errors.New("write derived rows: their revisions are too low, since the clock was set back; higher ones are tried")
	}
	d.meters.rows.Add(w.Stored)
	d.meters.retracted.Add(w.Retracted)
	fresh := slices.DeleteFunc(b.Puts, func(e *event.Event) bool { return e.DerivedFrom == "" })
	if len(fresh) > 0 {
		d.config.Stored(fresh)
	}
	return nil
}
