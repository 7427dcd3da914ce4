package memstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// attempt is what one conversation or person did with a funnel.
type attempt struct {
	id    string // of the conversation or person
	first row    // what a breakdown looks at
	times []time.Time
}

// Funnel implements [eventstore.Reader].
func (s *Store) Funnel(ctx context.Context, f query.Funnel) (*query.FunnelResult, error) {
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("funnel: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.open(ctx, f.Zone, f.Conversion)
	if err != nil {
		return nil, fmt.Errorf("funnel: %w", err)
	}
	of := map[row]*attempt{}
	var rows []row
	for _, a := range v.attempts(&f) {
		if len(a.times) > 0 {
			of[a.first] = a
			rows = append(rows, a.first)
		}
	}
	groups := v.order(v.group(rows, f.Breakdown), query.Measure{Op: query.Count})
	if len(f.Breakdown) == 0 && len(groups) == 0 {
		groups = []*group{{}}
	}
	result := &query.FunnelResult{Total: len(groups)}
	for _, g := range limited(groups, f.Limit) {
		out := query.FunnelGroup{Keys: g.keys()}
		for i := range f.Steps {
			var took []float64
			for _, r := range g.rows {
				if a := of[r]; i < len(a.times) {
					took = append(took, float64(a.times[i].Sub(a.times[max(i-1, 0)]).Microseconds())/1e3)
				}
			}
			step := query.FunnelStep{N: int64(len(took))}
			if slices.Sort(took); i > 0 && len(took) > 0 {
				step.MedianMS = query.Value{Num: quantile(took, 0.5), OK: true}
			}
			out.Steps = append(out.Steps, step)
		}
		result.Groups = append(result.Groups, out)
	}
	return result, nil
}

// limited is the first groups that a limit leaves.
func limited(groups []*group, limit int) []*group {
	if limit == 0 {
		limit = query.DefaultLimit
	}
	return groups[:min(limit, len(groups))]
}

// attempts is what each conversation or person of a funnel did.
func (v *view) attempts(f *query.Funnel) []*attempt {
	var out []*attempt
	q := query.Query{Grain: f.Grain, Range: cut(f.Range), Filter: f.Filter}
	if f.Grain == query.Conversations {
		for _, r := range v.rows(q, nil) {
			out = append(out, &attempt{id: r.conversation.ID, first: r, times: v.times(f, r.conversation.tracked)})
		}
		return out
	}
	events := map[string][]*event.Event{}
	q.Grain = query.Events
	for _, r := range v.rows(q, nil) {
		if person := v.identity(query.People, r.event); person != "" && r.event.Tracked() {
			events[person] = append(events[person], r.event)
		}
	}
	for person, own := range events {
		a := &attempt{id: person, times: v.times(f, own)}
		for _, e := range own {
			if v.passes(f.Steps[0], row{event: e}) {
				a.first = row{event: e}
				break
			}
		}
		out = append(out, a)
	}
	return out
}

// times are the times of the steps that are reached, by events in order.
func (v *view) times(f *query.Funnel, events []*event.Event) []time.Time {
	// earliest is the time of the first event that matches a step, not before a time.
	earliest := func(step *query.Filter, from time.Time) (time.Time, bool) {
		for _, e := range events {
			if !e.OccurredAt.Before(from) && v.passes(step, row{event: e}) {
				return e.OccurredAt, true
			}
		}
		return time.Time{}, false
	}
	var begin time.Time
	if f.AnyOrder {
		for _, step := range f.Steps {
			if t, ok := earliest(step, time.Time{}); ok && (begin.IsZero() || t.Before(begin)) {
				begin = t
			}
		}
	}
	var out []time.Time
	var before time.Time
	for i, step := range f.Steps {
		from := before
		if f.AnyOrder {
			from = time.Time{}
		}
		t, ok := earliest(step, from)
		if ok && i == 0 && !f.AnyOrder {
			begin = t
		}
		if !ok || f.Window > 0 && t.Sub(begin) > f.Window {
			break
		}
		if t.Before(before) {
			t = before
		}
		out, before = append(out, t), t
	}
	return out
}

// reaches reports whether a conversation, or its person, reaches a step of a funnel. The funnel looks at the
// same rows with a zone and a conversion of its own.
func (v *view) reaches(r *query.Reached, c *conversation) bool {
	if v.reached == nil {
		v.reached = map[*query.Reached]map[string]bool{}
	}
	ids, known := v.reached[r]
	if !known {
		loc, err := query.LoadZone(r.Funnel.Zone)
		if err != nil {
			panic("BUG: zone was not validated: " + err.Error())
		}
		own := newView(v.contents, loc)
		own.convert(r.Funnel.Conversion)
		ids = map[string]bool{}
		for _, a := range own.attempts(r.Funnel) {
			if len(a.times) >= r.Step {
				ids[a.id] = true
			}
		}
		v.reached[r] = ids
	}
	if r.Funnel.Grain == query.People {
		return ids[v.person(c.UserID, c.AnonymousID)]
	}
	return ids[c.ID]
}
