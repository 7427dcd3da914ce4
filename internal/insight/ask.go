package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
)

// Question asks one metric.
type Question struct {
	Scope
	Metric    string
	Stat      metric.Stat // "" is the metric's default
	Period    query.Period
	Breakdown []string
	Compare   bool // with the period before; the range must be bounded
	// Limit is the most groups to answer; 0 means DefaultGroups.
	Limit int
}

// Bounds of a question.
const (
	DefaultGroups = 20
	MaxGroups     = 10_000
	MaxBreakdown  = 4
)

// Ask answers a metric. Its errors are a [ParameterError], ErrNotFound for an unknown metric, or the
// store's.
func (in *Insight) Ask(ctx context.Context, question Question) (*Answer, error) {
	a, err := in.prepare(ctx, question)
	if err != nil {
		return nil, err
	}
	out := &Answer{
		Metric: Describe(a.metric), Range: rangeOf(question.Range, a.loc),
		Series: []Point{}, PreviousSeries: []Point{}, Groups: []Group{},
	}
	if a.stat != "" {
		out.Stat = &a.stat
	}
	if question.Conversion != "" {
		out.Conversion = &question.Conversion
	}
	if out.Total, out.Series, err = a.figures(ctx, question.Range); err != nil {
		return nil, err
	}
	if len(question.Breakdown) > 0 {
		if out.Groups, out.GroupsTotal, err = a.groups(ctx, out.Series); err != nil {
			return nil, err
		}
		if err := label(ctx, in, a.q.Breakdown, out.Groups, func(g *Group) ([]*string, *string) { return g.Keys, &g.Label }); err != nil {
			return nil, err
		}
	}
	if question.Compare {
		if err := a.compare(ctx, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// asking is a question made ready: everything that its queries share.
type asking struct {
	in     *Insight
	q      Question
	metric metric.Metric
	stat   metric.Stat
	plan   metric.Plan
	loc    *time.Location
	base   query.Query
}

func (in *Insight) prepare(ctx context.Context, q Question) (*asking, error) {
	m, ok := metric.Find(q.Metric)
	if !ok {
		return nil, fmt.Errorf("metric %q: %w", q.Metric, ErrNotFound)
	}
	a := &asking{in: in, q: q, metric: m}
	var err error
	if a.stat, err = m.Choose(q.Stat); err != nil {
		return nil, &ParameterError{Parameter: "stat", Err: err}
	}
	if a.plan, err = m.Plan(a.stat); err != nil {
		return nil, err
	}
	if a.loc, err = query.LoadZone(q.Zone); err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	if len(q.Breakdown) > MaxBreakdown {
		return nil, fault("breakdown", "%d fields; at most %d", len(q.Breakdown), MaxBreakdown)
	}
	if q.Limit < 0 || q.Limit > MaxGroups {
		return nil, fault("limit", "%d; it is from 1 to %d", q.Limit, MaxGroups)
	}
	if a.base, err = q.Scope.query(ctx, in, m.Grain, q.Breakdown...); err != nil {
		return nil, err
	}
	a.base.Breakdown = nil
	a.base.Measures = a.plan.Measures
	rows := m.Rows
	if m.Conversion && a.base.Conversion == nil {
		if a.base.Conversion, err = in.conversion(ctx, q.Conversion, q.Explicit); err != nil {
			return nil, err
		}
	}
	if m.Conversion && m.Grain == query.Events {
		rows = query.AllOf(rows, a.base.Conversion.Match)
		if q.Explicit {
			rows = query.AllOf(rows, query.Is("conversation_id", query.Exists))
		}
	}
	a.base.Filter = query.AllOf(rows, a.base.Filter)
	if err := a.base.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	return a, nil
}

// figures answers the total of a range, and the series of it if there is a period.
func (a *asking) figures(ctx context.Context, r query.Range) (Total, []Point, error) {
	q := a.base
	q.Range = r
	if a.q.Period == query.All {
		total, err := a.total(ctx, q)
		return total, []Point{}, err
	}
	q.Period = a.q.Period
	if _, err := buckets(&q, nil, a.loc); err != nil { // refuse too many before counting them
		return Total{}, nil, err
	}
	// People have rows in each bucket, which do not make those of the whole range.
	q.Totals = q.Grain == query.Events || q.Grain == query.Conversations
	res, err := a.in.Store.Query(ctx, q)
	if err != nil {
		return Total{}, nil, err
	}
	total := a.totalOf(res.Total)
	if !q.Totals {
		whole := q
		whole.Period = query.All
		if total, err = a.total(ctx, whole); err != nil {
			return Total{}, nil, err
		}
	}
	starts, err := buckets(&q, res.Rows, a.loc)
	if err != nil {
		return Total{}, nil, err
	}
	return total, a.fill(starts, res.Rows), nil
}

func (a *asking) total(ctx context.Context, q query.Query) (Total, error) {
	res, err := a.in.Store.Query(ctx, q)
	if err != nil || len(res.Rows) == 0 {
		return a.totalOf(nil), err
	}
	return a.totalOf(res.Rows[0].Values), nil
}

func (a *asking) totalOf(values []query.Value) Total {
	f := a.plan.Figure(values)
	return Total{Value: f.Value, N: f.N, Coverage: f.Coverage}
}

// fill makes a point for every start, from the rows of one group.
func (a *asking) fill(starts []time.Time, rows []query.Row) []Point {
	at := make(map[int64][]query.Value, len(rows))
	for _, r := range rows {
		at[r.Start.UnixMicro()] = r.Values
	}
	out := make([]Point, len(starts))
	for i, t := range starts {
		f := a.plan.Figure(at[t.UnixMicro()])
		out[i] = Point{Start: t.In(a.loc), Value: f.Value, N: f.N, Coverage: f.Coverage}
	}
	return out
}

func (a *asking) compare(ctx context.Context, out *Answer) error {
	before, err := previous(a.q.Range, a.loc)
	if err != nil {
		return &ParameterError{Parameter: "compare", Err: err}
	}
	p := &Previous{Range: rangeOf(before, a.loc)}
	if p.Total, out.PreviousSeries, err = a.figures(ctx, before); err != nil {
		return err
	}
	p.Change = change(out.Total.Value, p.Total.Value)
	out.Previous = p
	return a.previousGroups(ctx, before, out.Groups)
}
