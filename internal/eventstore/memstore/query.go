package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Query implements [eventstore.Reader].
func (s *Store) Query(ctx context.Context, q query.Query) (*query.Result, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("query: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.open(ctx, q.Zone, q.Conversion)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	q.Range = cut(q.Range)
	bucket := func(t time.Time) time.Time {
		return query.Bucket(t, q.Period, v.zone, q.WeekStart).UTC()
	}
	groups := v.order(v.group(v.rows(q, bucket), q.Breakdown), q.Measures[0])
	result := &query.Result{Groups: len(groups)}
	limit := q.Limit
	if limit == 0 {
		limit = query.DefaultLimit
	}
	groups = groups[:min(limit, len(groups))]

	starts := map[time.Time]bool{}
	for _, g := range groups {
		for _, r := range g.rows {
			starts[r.start(bucket)] = true
		}
	}
	for _, start := range slices.SortedFunc(maps.Keys(starts), time.Time.Compare) {
		for _, g := range groups {
			rows := slices.DeleteFunc(slices.Clone(g.rows), func(r row) bool { return !r.start(bucket).Equal(start) })
			if len(rows) == 0 {
				continue
			}
			answer := query.Row{Start: start, Keys: g.keys()}
			for _, m := range q.Measures {
				answer.Values = append(answer.Values, v.measure(m, rows))
			}
			result.Rows = append(result.Rows, answer)
		}
	}
	if q.Totals && len(groups) > 0 {
		for _, m := range q.Measures {
			result.Total = append(result.Total, v.measure(m, groups[0].rows))
		}
	}
	return result, nil
}

// Breakdowns implements [eventstore.Reader], but for rows that are written meanwhile.
func (s *Store) Breakdowns(ctx context.Context, q query.Query, fields []string) ([]*query.Result, error) {
	results := make([]*query.Result, len(fields))
	for i, f := range fields {
		q.Breakdown = []string{f}
		var err error
		if results[i], err = s.Query(ctx, q); err != nil {
			return nil, fmt.Errorf("breakdowns: %s: %w", f, err)
		}
	}
	return results, nil
}

// start is the start of the bucket that a row is in.
func (r row) start(bucket func(time.Time) time.Time) time.Time {
	if r.person != nil {
		return r.person.start
	}
	return bucket(r.time())
}

// rows are the rows of the question's grain that pass range and filter.
func (v *view) rows(q query.Query, bucket func(time.Time) time.Time) []row {
	var all []row
	switch q.Grain {
	case query.Users, query.People:
		return v.people(q, bucket)
	case query.Events:
		for _, e := range v.events {
			all = append(all, row{event: e})
		}
	case query.Conversations:
		for _, c := range v.conversations {
			all = append(all, row{conversation: c})
		}
	}
	return slices.DeleteFunc(all, func(r row) bool {
		return !q.Range.Contains(r.time()) || !v.passes(q.Filter, r)
	})
}

// group is the rows, of all buckets, that share the values of the breakdown.
type group struct {
	values []*value // nil where absent
	rows   []row
}

func (g *group) keys() []query.Key {
	var keys []query.Key
	for _, x := range g.values {
		if x == nil {
			keys = append(keys, query.Key{Absent: true})
		} else {
			keys = append(keys, query.Key{Value: x.key()})
		}
	}
	return keys
}

// group puts each row under each combination of its values of the breakdown's fields.
func (v *view) group(rows []row, breakdown []string) []*group {
	groups := map[string]*group{}
	for _, r := range rows {
		for _, values := range v.combinations(r, breakdown) {
			var id strings.Builder
			for _, x := range values {
				if x == nil {
					id.WriteString("absent,")
				} else {
					fmt.Fprintf(&id, "%q,", x.key())
				}
			}
			if groups[id.String()] == nil {
				groups[id.String()] = &group{values: values}
			}
			groups[id.String()].rows = append(groups[id.String()].rows, r)
		}
	}
	return slices.Collect(maps.Values(groups))
}

// combinations are the tuples of values that a row is counted under, each once.
func (v *view) combinations(r row, breakdown []string) [][]*value {
	if len(breakdown) == 0 {
		return [][]*value{nil}
	}
	var own []*value
	seen := map[string]bool{}
	for _, x := range v.values(r, breakdown[0]) {
		if !seen[x.key()] {
			seen[x.key()] = true
			own = append(own, &x)
		}
	}
	if len(own) == 0 {
		own = []*value{nil}
	}
	var out [][]*value
	for _, x := range own {
		for _, rest := range v.combinations(r, breakdown[1:]) {
			out = append(out, append([]*value{x}, rest...))
		}
	}
	return out
}

// order sorts groups as query.Query's Limit says.
func (v *view) order(groups []*group, first query.Measure) []*group {
	over := map[*group]query.Value{}
	for _, g := range groups {
		over[g] = v.measure(first, g.rows)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		x, y := over[a], over[b]
		if x.OK != y.OK {
			if x.OK {
				return -1
			}
			return 1
		}
		if c := cmp.Compare(y.Num, x.Num); c != 0 {
			return c
		}
		return slices.CompareFunc(a.values, b.values, absentLast)
	})
	return groups
}

func absentLast(a, b *value) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.compare(*b)
}
