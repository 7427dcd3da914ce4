package insight

import (
	"context"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// groups answers the breakdown, and the series of each group in the buckets of the whole.
func (a *asking) groups(ctx context.Context, series []Point) ([]Group, int, error) {
	q := a.base
	q.Breakdown, q.Limit = a.q.Breakdown, a.q.Limit
	if q.Limit == 0 {
		q.Limit = DefaultGroups
	}
	res, err := a.in.Store.Query(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Group, len(res.Rows))
	for i, r := range res.Rows {
		f := a.plan.Figure(r.Values)
		out[i] = Group{Keys: keysOf(r.Keys), Value: f.Value, N: f.N, Coverage: f.Coverage}
	}
	if a.q.Period == query.All || len(out) == 0 {
		return out, res.Groups, nil
	}
	q.Period = a.q.Period
	if q.Grain == query.Users || q.Grain == query.People {
		// Buckets have rows of their own here, so their order of groups is another: the same limit would
		// leave out groups that out has.
		q.Limit = query.MaxLimit
	}
	cut, err := a.in.Store.Query(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	byKey := map[string][]query.Row{}
	for _, r := range cut.Rows {
		k := groupKey(keysOf(r.Keys))
		byKey[k] = append(byKey[k], r)
	}
	starts := make([]time.Time, len(series))
	for i, p := range series {
		starts[i] = p.Start
	}
	for i := range out {
		out[i].Series = a.fill(starts, byKey[groupKey(out[i].Keys)])
	}
	return out, res.Groups, nil
}

// previousGroups gives each group its value in the range before.
func (a *asking) previousGroups(ctx context.Context, before query.Range, groups []Group) error {
	if len(groups) == 0 {
		return nil
	}
	q := a.base
	q.Range, q.Breakdown, q.Limit = before, a.q.Breakdown, query.MaxLimit
	res, err := a.in.Store.Query(ctx, q)
	if err != nil {
		return err
	}
	byKey := make(map[string][]query.Value, len(res.Rows))
	for _, r := range res.Rows {
		byKey[groupKey(keysOf(r.Keys))] = r.Values
	}
	for i := range groups {
		groups[i].PreviousValue = a.plan.Figure(byKey[groupKey(groups[i].Keys)]).Value
	}
	return nil
}

// groupKey makes keys comparable.
func groupKey(keys []*string) string {
	var b []byte
	for _, k := range keys {
		if k == nil {
			b = append(b, '-')
		} else {
			b = strconv.AppendQuote(b, *k)
		}
	}
	return string(b)
}
