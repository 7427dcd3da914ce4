package derive

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/link"
	"github.com/debrief-dev/debrief/internal/query"
)

// A session whose events are linked stays marked until nothing has come of it for linkQuiet, by the
// server's clock: a conversation that comes until then may be the one that they belong to. After a
// restart such sessions are linked once more.
const linkQuiet = link.Window

// maxSessions bounds how many sessions are read at once.
const maxSessions = 100

// linked is a session that was linked and is watched.
type linked struct{ until time.Time }

// setMark keeps a mark that is new or renewed. d.mu is held, here and below where a method says so.
func (d *Deriver) setMark(m Mark) {
	key := m.key()
	if _, ok := d.marks[key]; !ok && m.Session != "" {
		d.sessions++
	}
	d.marks[key] = m
	delete(d.linked, key)
}

// dropMark forgets a mark that is kept. d.mu is held.
func (d *Deriver) dropMark(m Mark) {
	if m.Session != "" {
		d.sessions--
	}
	delete(d.marks, m.key())
	delete(d.linked, m.key())
}

// sessionOf returns the mark of a row's session, if the row may be linked, or may be what others are linked
// to in a session that has such rows. A mark that waits already keeps its time. d.mu is held.
func (d *Deriver) sessionOf(e *event.Event, changed map[string]Mark) (Mark, bool) {
	fresh := link.Linkable(e)
	if !fresh && (d.sessions == 0 || !link.Says(e)) {
		return Mark{}, false
	}
	m := Mark{Session: link.GroupOf(e).String(), Due: d.config.Now().Add(d.config.HoldBack), From: e.OccurredAt, Until: e.OccurredAt}
	key := m.key()
	if c, ok := changed[key]; ok {
		return c, true
	}
	old, ok := d.marks[key]
	if _, done := d.linked[key]; ok && !done {
		return old, true
	}
	return m, fresh || ok
}

// split parts marks of sessions from others.
func split(marks []Mark) (traces, sessions []Mark) {
	for _, m := range marks {
		if m.Session != "" {
			sessions = append(sessions, m)
		} else {
			traces = append(traces, m)
		}
	}
	return traces, sessions
}

// quiet returns the sessions that need not be watched any longer.
func (d *Deriver) quiet() []Mark {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.config.Now()
	var over []Mark
	for key, l := range d.linked {
		if !l.until.After(now) {
			over = append(over, d.marks[key])
		}
	}
	return over
}

// link links the events of sessions, and watches them from then on.
func (d *Deriver) link(ctx context.Context, marks []Mark) error {
	for some := range slices.Chunk(marks, maxSessions) {
		if err := d.linkSome(ctx, some); err != nil {
			return err
		}
		d.mu.Lock()
		for _, m := range some {
			if d.marks[m.key()] == m { // else it was renewed meanwhile
				d.linked[m.key()] = linked{until: d.config.Now().Add(linkQuiet)}
			}
		}
		d.mu.Unlock()
	}
	return nil
}

// linkSome links the events of sessions that can be read at once.
func (d *Deriver) linkSome(ctx context.Context, marks []Mark) error {
	spans := map[link.Group]span{}
	var during span
	for _, m := range marks {
		g, err := link.ParseGroup(m.Session)
		if err != nil { // it must not stop all others
			d.config.Logger.Error("events of a session cannot be linked", slog.Any("error", err))
			continue
		}
		spans[g] = span{m.From, m.Until}
		during.cover(m.From, m.Until)
	}
	if len(spans) == 0 {
		return nil
	}
	rows, err := d.rowsOfSessions(ctx, spans, during.around(2*link.Reach, 2*link.Reach))
	if err != nil {
		return err
	}
	var changed []*event.Event
	for g, s := range spans {
		near := s.around(link.Reach, link.Reach) // of rows further away, not all that decides is known
		for _, e := range link.Link(rows[g]) {
			if near.Contains(e.OccurredAt) {
				changed = append(changed, e)
			}
		}
	}
	return d.writeLinked(ctx, changed)
}

// rowsOfSessions returns the rows that matter, without their raw calls.
func (d *Deriver) rowsOfSessions(ctx context.Context, of map[link.Group]span, during query.Range) (map[link.Group][]*event.Event, error) {
	rows := map[link.Group][]*event.Event{}
	for e, err := range d.config.Store.Events(ctx, query.List{Grain: query.Events, Range: during, Filter: inSessions(of)}) {
		if err != nil {
			return nil, fmt.Errorf("read sessions: %w", err)
		}
		g := link.GroupOf(e)
		if _, ok := of[g]; ok && (link.Linkable(e) || link.Says(e)) {
			rows[g] = append(rows[g], e)
		}
	}
	return rows, nil
}

// inSessions holds for the rows of some people, and of sessions without one. It need not be exact.
func inSessions(of map[link.Group]span) *query.Filter {
	var users, anonymous, sessions []string
	for g := range of {
		switch {
		case g.UserID != "":
			users = append(users, g.UserID)
		case g.AnonymousID != "":
			anonymous = append(anonymous, g.AnonymousID)
		default:
			sessions = append(sessions, g.SessionID)
		}
	}
	one := &query.Filter{Or: []*query.Filter{}}
	if len(users) > 0 {
		one.Or = append(one.Or, query.Is("user_id", query.Eq, users...))
	}
	if len(anonymous) > 0 {
		one.Or = append(one.Or, query.AllOf(query.Is("anonymous_id", query.Eq, anonymous...), lacks("user_id")))
	}
	if len(sessions) > 0 {
		one.Or = append(one.Or, query.AllOf(query.Is("session_id", query.Eq, sessions...), lacks("user_id"), lacks("anonymous_id")))
	}
	return query.AllOf(one, lacks("trace_id"))
}

// writeLinked stores rows that are linked anew. They keep their raw calls, which were not read.
func (d *Deriver) writeLinked(ctx context.Context, rows []*event.Event) error {
	for some := range slices.Chunk(rows, maxMarks) {
		revision := d.nextRevision(some)
		for _, e := range some {
			e.Revision = revision
		}
		if err := d.write(ctx, &eventstore.Batch{Puts: some}, nil); err != nil {
			return err
		}
		d.meters.linked.Add(len(some))
	}
	return nil
}
