package profile

import (
	"context"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// MaxEvents bounds a page of events.
const MaxEvents = 100

// Events says which events of a profile are asked for, each once: those that were derived from others are left out.
type Events struct {
	Range query.Range
	// Include and Exclude are names of events as they were sent; empty leaves out none.
	Include, Exclude []string
	Ascending        bool   // else the latest come first
	Limit            int    // 1 to MaxEvents
	After            string // Next of the page before
}

// Events returns one page, with the calls, and where the next begins; "" at the end.
func (p *Profile) Events(ctx context.Context, e Events) (page []*event.Event, next string, err error) {
	rows := p.rows()
	if rows == nil {
		return nil, "", nil
	}
	rows = query.AllOf(rows, &query.Filter{Not: query.Is("derived_from", query.Exists)})
	if len(e.Include) > 0 {
		rows = query.AllOf(rows, query.Is("source_event", query.Eq, e.Include...))
	}
	if len(e.Exclude) > 0 {
		rows = query.AllOf(rows, &query.Filter{Not: query.Is("source_event", query.Eq, e.Exclude...)})
	}
	l := query.List{Grain: query.Events, Filter: rows, Range: e.Range, Desc: !e.Ascending, Limit: min(e.Limit, MaxEvents) + 1, After: e.After, Raw: true}
	for row, err := range p.profiles.config.Store.Events(ctx, l) {
		if err != nil {
			return nil, "", err
		}
		if len(page) == l.Limit-1 {
			return page, query.EventCursor(page[len(page)-1]).String(), nil
		}
		page = append(page, row)
	}
	return page, "", nil
}

// Metadata is when there was what of a profile.
type Metadata struct {
	CreatedAt, UpdatedAt      time.Time
	FirstMessage, FirstSource string
	LastMessage, LastSource   string
}

// Metadata returns it. What came last is of the rows that are stored; without any it is what came first.
func (p *Profile) Metadata(ctx context.Context) (Metadata, error) {
	ids, err := p.ExternalIDs(ctx)
	if err != nil {
		return Metadata{}, err
	}
	first := ids[0]
	m := Metadata{CreatedAt: first.At, UpdatedAt: first.At, FirstMessage: first.Event, FirstSource: first.Source, LastMessage: first.Event, LastSource: first.Source}
	rows := p.rows()
	if rows == nil {
		return m, nil
	}
	for row, err := range p.profiles.config.Store.Events(ctx, query.List{Grain: query.Events, Filter: rows, Desc: true, Limit: 1}) {
		if err != nil {
			return m, err
		}
		m.UpdatedAt, m.LastMessage, m.LastSource = row.OccurredAt, row.ID, row.Source
	}
	return m, nil
}
