package insight

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// EventPage is one page of events, without raw. Next is "" at the end.
type EventPage struct {
	Events []*event.Event
	Next   string
}

// ListEvents answers one page of events in conversation order. Page.Sort is not used.
func (in *Insight) ListEvents(ctx context.Context, s Scope, p Page) (*EventPage, error) {
	if p.Limit == 0 {
		p.Limit = query.DefaultPage
	}
	if _, err := query.ParseCursor(p.After, query.EventCursorKeys); p.After != "" && err != nil {
		return nil, &ParameterError{Parameter: "after", Err: err}
	}
	l, err := s.list(ctx, in, query.Events)
	if err != nil {
		return nil, err
	}
	l.Desc, l.After, l.Limit = p.Desc, p.After, p.Limit+1
	page := &EventPage{}
	if page.Events, err = in.events(ctx, l); err != nil {
		return nil, err
	}
	if len(page.Events) > p.Limit {
		page.Events = page.Events[:p.Limit]
		page.Next = query.EventCursor(page.Events[p.Limit-1]).String()
	}
	return page, nil
}

// AllEvents streams every event of the scope in the order of their time, without raw.
func (in *Insight) AllEvents(ctx context.Context, s Scope) iter.Seq2[*event.Event, error] {
	l, err := s.list(ctx, in, query.Events)
	if err != nil {
		return func(yield func(*event.Event, error) bool) { yield(nil, err) }
	}
	return in.Store.Events(ctx, l)
}

// Event answers one event with its raw call.
func (in *Insight) Event(ctx context.Context, id string) (*event.Event, error) {
	e, err := in.Store.Event(ctx, id)
	if errors.Is(err, eventstore.ErrNotFound) {
		return nil, fmt.Errorf("event %q: %w", id, ErrNotFound)
	}
	return e, err
}
