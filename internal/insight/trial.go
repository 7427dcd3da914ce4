package insight

import (
	"context"
	"time"

	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// trial is an experiment with its units told apart.
type trial struct {
	in       *Insight
	e        Experiment
	scope    Scope
	units    []int64 // of each variant
	excluded int64
	// persons who have one variant: which; nil where units are conversations.
	persons map[string]int
}

func (in *Insight) trial(ctx context.Context, e Experiment, s Scope) (*trial, error) {
	t := &trial{in: in, e: e, scope: s, units: make([]int64, len(e.Variants))}
	if e.Unit == UnitPerson {
		return t, t.tellPersons(ctx)
	}
	base, err := s.query(ctx, in, query.Conversations, e.Field)
	if err != nil {
		return nil, err
	}
	base.Breakdown, base.Measures = nil, []query.Measure{{As: "n", Op: query.Count}}
	several := base
	some := make([]*query.Filter, len(e.Variants))
	for i := range e.Variants {
		filter, err := t.only(i)
		if err != nil {
			return nil, err
		}
		q := base
		q.Filter = query.AllOf(base.Filter, filter)
		if t.units[i], err = in.countOf(ctx, q); err != nil {
			return nil, err
		}
		if some[i], err = valueFilter(e.Field, e.Variants[i].Value); err != nil {
			return nil, err
		}
	}
	several.Filter = query.AllOf(base.Filter, &query.Filter{Or: some})
	all, err := in.countOf(ctx, several)
	t.excluded = all
	for _, n := range t.units {
		t.excluded -= n
	}
	return t, err
}

// only selects the conversations that have a variant and no other.
func (t *trial) only(i int) (*query.Filter, error) {
	var and []*query.Filter
	for j, v := range t.e.Variants {
		f, err := valueFilter(t.e.Field, v.Value)
		if err != nil {
			return nil, err
		}
		if j != i {
			f = &query.Filter{Not: f}
		}
		and = append(and, f)
	}
	return query.AllOf(and...), nil
}

func (in *Insight) countOf(ctx context.Context, q query.Query) (int64, error) {
	res, err := in.Store.Query(ctx, q)
	if err != nil || len(res.Rows) == 0 {
		return 0, err
	}
	return int64(res.Rows[0].Values[0].Num), nil
}

// tellPersons finds the persons of each variant, and how many have several. Conversations without a person are
// in none.
func (t *trial) tellPersons(ctx context.Context) error {
	variants := map[string]map[int]bool{}
	for i, v := range t.e.Variants {
		s := t.scope
		s.Filter = append(s.Filter[:len(s.Filter):len(s.Filter)], query.Condition{Field: t.e.Field, Cmp: query.Eq, Values: []string{v.Value}})
		q, err := s.query(ctx, t.in, query.Conversations)
		if err != nil {
			return err
		}
		q.Measures = []query.Measure{{As: "n", Op: query.Count}}
		rows, err := t.byPerson(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			id := r.Keys[0].Value
			if variants[id] == nil {
				variants[id] = map[int]bool{}
			}
			variants[id][i] = true
		}
	}
	t.persons = map[string]int{}
	for id, of := range variants {
		if len(of) > 1 {
			t.excluded++
			continue
		}
		for i := range of {
			t.persons[id] = i
			t.units[i]++
		}
	}
	return nil
}

// byPerson answers a query of conversations for each person, the absent one left out.
func (t *trial) byPerson(ctx context.Context, q query.Query) ([]query.Row, error) {
	q.Breakdown, q.Limit = []string{"person"}, maxPersonsPerSide
	res, err := t.in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	if res.Groups > len(res.Rows) {
		return nil, fault("experiment", "more than %d persons; narrow it by a filter, or take conversations for units", maxPersonsPerSide)
	}
	rows := res.Rows[:0]
	for _, r := range res.Rows {
		if !r.Keys[0].Absent {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// figures measures a metric of all variants.
func (t *trial) figures(ctx context.Context, name string, level float64) ([]VariantFigure, metric.Metric, *time.Location, error) {
	c, err := t.in.comparing(ctx, t.scope, "metric", name, []string{t.e.Field}, query.Conversations)
	if err != nil {
		return nil, metric.Metric{}, nil, err
	}
	samples := make([]sample, len(t.e.Variants))
	if t.persons != nil {
		err = t.samplePersons(ctx, c, samples)
	} else {
		err = t.sampleConversations(ctx, c, samples)
	}
	if err != nil {
		return nil, c.metric, nil, err
	}
	out := make([]VariantFigure, len(samples))
	for i, s := range samples {
		out[i] = VariantFigure{N: s.n, Value: s.mean(), Interval: s.interval(), Verdict: Unclear}
		if i > 0 {
			out[i].beside(s, samples[0], level, c.metric.Better)
		}
	}
	return out, c.metric, c.loc, nil
}

func (t *trial) sampleConversations(ctx context.Context, c *compared, into []sample) error {
	for i := range into {
		filter, err := t.only(i)
		if err != nil {
			return err
		}
		q := c.query(t.scope.Range)
		q.Filter = query.AllOf(q.Filter, filter)
		if into[i], err = c.sample(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// samplePersons takes for each person the metric over the conversations of the variant: a person counts once,
// however many conversations.
func (t *trial) samplePersons(ctx context.Context, c *compared, into []sample) error {
	for i, v := range t.e.Variants {
		filter, err := valueFilter(t.e.Field, v.Value)
		if err != nil {
			return err
		}
		q := c.query(t.scope.Range)
		q.Filter = query.AllOf(q.Filter, filter)
		rows, err := t.byPerson(ctx, q)
		if err != nil {
			return err
		}
		into[i] = sample{kind: isMean}
		for _, r := range rows {
			of, one := t.persons[r.Keys[0].Value]
			x := c.sampleOf(r.Values).mean()
			if !one || of != i || x == nil {
				continue
			}
			into[i].n++
			into[i].sum += *x
			into[i].squares += *x * *x
		}
	}
	return nil
}

// beside compares a variant with the control.
func (f *VariantFigure) beside(variant, control sample, level float64, better metric.Better) {
	if f.Value == nil || control.n == 0 {
		return
	}
	f.Difference = new(*f.Value - *control.mean())
	test := stats.Sequential{Level: level}
	var iv stats.Interval
	if variant.kind == isShare {
		iv = test.ProportionDifference(int64(variant.sum), variant.n, int64(control.sum), control.n)
		if iv == (stats.Interval{-1, 1}) {
			return
		}
	} else if iv = test.MeanDifference(variant.moments(), control.moments()); !iv.Known() {
		return
	}
	f.DifferenceInterval = &iv
	if iv.Contains(0) {
		return
	}
	f.Verdict = figureWorse
	if (iv.Lo() > 0) == (better == metric.Up) {
		f.Verdict = figureBetter
	}
}
