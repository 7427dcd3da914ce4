package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// cohortMember is a user or person of a cohort.
type cohortMember struct {
	first    *event.Event
	cohort   time.Time    // start of its period
	returned map[int]bool // after so many periods
}

// Retention implements [eventstore.Reader].
func (s *Store) Retention(ctx context.Context, q query.Retention) (*query.RetentionResult, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("retention: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.open(ctx, q.Zone, q.Conversion)
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	groups := map[string]*group{}
	members := map[string][]*cohortMember{}
	for _, m := range v.members(&q) {
		for _, values := range v.combinationsOf(m.first, q.Breakdown) {
			g := &group{values: values}
			id := keyText(g.keys())
			if groups[id] == nil {
				groups[id] = g
			}
			groups[id].rows = append(groups[id].rows, row{event: m.first})
			members[id] = append(members[id], m)
		}
	}
	ordered := v.order(slices.Collect(maps.Values(groups)), query.Measure{Op: query.Count})
	result := &query.RetentionResult{Groups: len(ordered)}
	for _, g := range limited(ordered, q.Limit) {
		result.Cohorts = append(result.Cohorts, cohorts(members[keyText(g.keys())], g.keys(), q.Periods)...)
	}
	// Stable: the order of groups stays.
	slices.SortStableFunc(result.Cohorts, func(a, b query.Cohort) int { return a.Start.Compare(b.Start) })
	return result, nil
}

func keyText(keys []query.Key) string {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%t%q", k.Absent, k.Value)
	}
	return b.String()
}

// cohorts counts the members of one group.
func cohorts(members []*cohortMember, keys []query.Key, periods int) []query.Cohort {
	byStart := map[time.Time]*query.Cohort{}
	var out []query.Cohort
	for _, m := range members {
		c := byStart[m.cohort]
		if c == nil {
			c = &query.Cohort{Start: m.cohort, Keys: keys, Returned: make([]int64, periods+1)}
			byStart[m.cohort] = c
		}
		c.Size++
		for k := range m.returned {
			c.Returned[k]++
		}
	}
	for _, c := range byStart {
		out = append(out, *c)
	}
	return out
}

// combinationsOf are the tuples of values that the conversation of an event is counted under.
func (v *view) combinationsOf(e *event.Event, breakdown []string) [][]*value {
	if c := v.conversations[e.ConversationID]; c != nil {
		return v.combinations(row{conversation: c}, breakdown)
	}
	return [][]*value{make([]*value, len(breakdown))}
}

// members are those whose first event is in the range, with the periods after which they returned.
func (v *view) members(q *query.Retention) map[string]*cohortMember {
	bucket := func(t time.Time) time.Time { return query.Bucket(t, q.Period, v.zone, q.WeekStart).UTC() }
	matching := func(f *query.Filter, e *event.Event) bool {
		return e.Tracked() && v.passes(q.Filter, row{event: e}) && v.passes(f, row{event: e})
	}
	members := map[string]*cohortMember{}
	for _, e := range v.events {
		id := v.identity(q.Grain, e)
		if id != "" && members[id] == nil && matching(q.First, e) {
			members[id] = &cohortMember{first: e, cohort: bucket(e.OccurredAt), returned: map[int]bool{}}
		}
	}
	in := cut(q.Range)
	maps.DeleteFunc(members, func(_ string, m *cohortMember) bool { return !in.Contains(m.first.OccurredAt) })
	for _, e := range v.events {
		m := members[v.identity(q.Grain, e)]
		if m == nil || e.OccurredAt.Before(m.first.OccurredAt) || !matching(q.Return, e) {
			continue
		}
		if k := query.PeriodsBetween(m.cohort, bucket(e.OccurredAt), q.Period, v.zone); k <= q.Periods {
			m.returned[k] = true
		}
	}
	return members
}
