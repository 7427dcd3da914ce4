package memstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// place is a row with its place in the order of a list.
type place struct {
	row
	id   string
	sort *value // nil where absent
}

// Events implements [eventstore.Reader]. The sequence shows the rows at the time it is ranged over.
func (s *Store) Events(ctx context.Context, l query.List) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		_, places, err := s.list(ctx, l, query.Events)
		if err != nil {
			yield(nil, fmt.Errorf("list events: %w", err))
			return
		}
		if l.Limit > 0 {
			places = places[:min(l.Limit, len(places))]
		}
		for _, p := range places {
			if err := ctx.Err(); err != nil {
				yield(nil, fmt.Errorf("list events: %w", err))
				return
			}
			e := clone(p.event)
			if !l.Raw {
				e.Raw = nil
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Conversations implements [eventstore.Reader].
func (s *Store) Conversations(ctx context.Context, l query.List) (*eventstore.ConversationPage, error) {
	if l.Limit == 0 {
		l.Limit = query.DefaultPage
	}
	v, places, err := s.list(ctx, l, query.Conversations)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	page := &eventstore.ConversationPage{}
	if l.Count {
		page.Total = int64(len(v.rows(query.Query{Grain: l.Grain, Range: cut(l.Range), Filter: l.Filter}, nil)))
	}
	if len(places) > l.Limit {
		places = places[:l.Limit]
		last := places[l.Limit-1]
		page.Next = query.SortedCursor(sortKey(last.sort), last.id).String()
	}
	for _, p := range places {
		page.Conversations = append(page.Conversations, v.answer(p.conversation, l.Conversion))
	}
	return page, nil
}

func (v *view) answer(c *conversation, def *query.Conversion) eventstore.ConversationRow {
	r := eventstore.ConversationRow{Conversation: c.Conversation, Person: v.person(c.UserID, c.AnonymousID)}
	r.Conversation.Score = copied(c.Score)
	r.Conversation.DurationMS = copied(c.DurationMS)
	r.Conversation.FirstResponseMS = copied(c.FirstResponseMS)
	r.Conversation.ReportedMessageCount = copied(c.ReportedMessageCount)
	if c.converted {
		r.Converted, r.ConversionInferred = true, c.inferred
		r.MessagesToConversion = new(c.messagesToConversion())
	}
	c.answerBeside(&r)
	return r
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// list returns the view and, in the list's order, all its rows after its cursor.
func (s *Store) list(ctx context.Context, l query.List, g query.Grain) (*view, []place, error) {
	if l.Grain != g {
		return nil, nil, fmt.Errorf("%w: its grain is %q, not %q", eventstore.ErrInvalid, l.Grain, g)
	}
	if err := l.Validate(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	var after *place
	if l.After != "" {
		p, err := parsePlace(l)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
		}
		after = &p
	}
	v, err := s.open(ctx, l.Zone, l.Conversion)
	if err != nil {
		return nil, nil, err
	}
	q := query.Query{Grain: l.Grain, Range: cut(l.Range), Filter: l.Filter}
	var places []place
	for _, r := range v.rows(q, nil) {
		if p := v.place(r, l); after == nil || compare(l, *after, p) < 0 {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b place) int { return compare(l, a, b) })
	return v, places, nil
}

// sortField is the field that orders a list; "" for events in conversation order.
func sortField(l query.List) string {
	if l.Sort == "" && l.Grain == query.Conversations {
		return "at"
	}
	return l.Sort
}

func (v *view) place(r row, l query.List) place {
	p := place{row: r}
	if r.event != nil {
		p.id = r.event.ID
	} else {
		p.id = r.conversation.ID
	}
	if field := sortField(l); field != "" {
		if values := v.values(r, field); len(values) > 0 {
			p.sort = &values[0]
		}
	}
	return p
}

// compare orders places as query.List says.
func compare(l query.List, a, b place) int {
	var c int
	switch {
	case sortField(l) == "":
		c = inOrder(a.event, b.event)
	case (a.sort == nil) != (b.sort == nil):
		return absentLast(a.sort, b.sort) // either way
	default:
		c = absentLast(a.sort, b.sort)
		if c == 0 {
			c = strings.Compare(a.id, b.id)
		}
	}
	if l.Desc {
		return -c
	}
	return c
}
