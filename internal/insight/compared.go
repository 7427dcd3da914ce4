package insight

import (
	"context"
	"errors"
	"slices"

	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// compared is a metric of which groups can be compared with an interval: a share of rows, a mean over rows,
// or a number of rows.
type compared struct {
	*asking
	kind  comparison
	hit   *query.Filter // shares: what counts
	of    *query.Filter // shares and means: the rows looked at
	field string        // means: of what
}

type comparison int

const (
	isShare comparison = iota
	isMean
	isCount
)

// Words that stand for metrics where people ask for an effect.
var shorthands = map[string]string{
	"resolved": "resolved_rate", "converted": "conversion_rate", "satisfaction": "overall_satisfaction",
}

// metricOf resolves what people write for a metric.
func metricOf(name string) string {
	if full, ok := shorthands[name]; ok {
		return full
	}
	return name
}

// comparing makes a metric ready to be compared. parameter is what it was named by; fields are those that it
// will be broken down by.
func (in *Insight) comparing(ctx context.Context, s Scope, parameter, name string, fields []string, grains ...query.Grain) (*compared, error) {
	if name == "" {
		return nil, fault(parameter, "name a metric")
	}
	m, ok := metric.Find(metricOf(name))
	if !ok {
		return nil, fault(parameter, "no metric is called %q", name)
	}
	if !slices.Contains(grains, m.Grain) {
		return nil, fault(parameter, "%s is measured on %s; use a metric of %v", m.Name, m.Grain, grains)
	}
	a, err := in.prepare(ctx, Question{Scope: s, Metric: m.Name})
	if err != nil {
		return nil, err
	}
	if a.base.Conversion == nil && slices.ContainsFunc(fields, query.OfConversion) {
		if a.base.Conversion, err = in.conversion(ctx, s.Conversion, s.Explicit); err != nil {
			return nil, err
		}
	}
	c := &compared{asking: a}
	if err := c.read(&m); err != nil {
		return nil, fault(parameter, "%s cannot be compared: %w", m.Name, err)
	}
	return c, nil
}

var errNoComparison = errors.New("it is neither a share of rows, nor a mean over rows, nor a number of rows")

// read finds out what kind of figure the metric is.
func (c *compared) read(m *metric.Metric) error {
	rows := func(x query.Measure) *query.Filter {
		if x.Field == "" {
			return x.Where
		}
		return query.AllOf(query.Is(x.Field, query.Exists), x.Where)
	}
	switch {
	case m.OnScale:
		return errNoComparison
	case m.Per != nil && m.Value.Op == query.Count && m.Per.Op == query.Count:
		c.kind, c.of = isShare, rows(*m.Per)
		c.hit = query.AllOf(c.of, rows(m.Value))
	case m.Per == nil && m.Value.Field != "" && (m.Value.Op == query.Mean || slices.Contains(m.Stats, metric.Mean)):
		c.kind, c.of, c.field = isMean, m.Value.Where, m.Value.Field
	case m.Per == nil && m.Value.Op == query.Count:
		c.kind, c.of = isCount, rows(m.Value)
	default:
		return errNoComparison
	}
	return nil
}

// measures are what a sample is read from; see sample.
func (c *compared) measures() []query.Measure {
	switch c.kind {
	case isShare:
		return []query.Measure{{As: "n", Op: query.Count, Where: c.of}, {As: "hits", Op: query.Count, Where: c.hit}}
	case isMean:
		return []query.Measure{
			{As: "n", Op: query.Count, Field: c.field, Where: c.of},
			{As: "sum", Op: query.Sum, Field: c.field, Where: c.of},
			{As: "squares", Op: query.SumSquares, Field: c.field, Where: c.of},
		}
	}
	return []query.Measure{{As: "n", Op: query.Count, Where: c.of}}
}

// query is the question of the metric's rows in a range, for others to add a breakdown to.
func (c *compared) query(r query.Range) query.Query {
	q := c.base
	q.Range, q.Measures = r, c.measures()
	return q
}

// sample asks for the whole of a query that has no breakdown.
func (c *compared) sample(ctx context.Context, q query.Query) (sample, error) {
	res, err := c.in.Store.Query(ctx, q)
	if err != nil || len(res.Rows) == 0 {
		return sample{kind: c.kind}, err
	}
	return c.sampleOf(res.Rows[0].Values), nil
}

// sampled is a sample of one value of a dimension.
type sampled struct {
	key    query.Key
	sample sample
}

// samples asks for the groups of a dimension, at most limit, the largest first.
func (c *compared) samples(ctx context.Context, q query.Query, dimension string, limit int) ([]sampled, int, error) {
	q.Breakdown, q.Limit = []string{dimension}, limit
	res, err := c.in.Store.Query(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	out := make([]sampled, len(res.Rows))
	for i, r := range res.Rows {
		out[i] = sampled{r.Keys[0], c.sampleOf(r.Values)}
	}
	return out, res.Groups, nil
}

// sampleOf reads the values of one row of an answer to measures.
func (c *compared) sampleOf(values []query.Value) sample {
	s := sample{kind: c.kind, n: int64(values[0].Num)}
	switch c.kind {
	case isShare:
		s.sum = values[1].Num
		s.squares = s.sum
	case isMean:
		s.sum, s.squares = values[1].Num, values[2].Num
	default:
		s.sum, s.squares = float64(s.n), float64(s.n)
	}
	return s
}

// sample is a group of rows: how many, and the sums of their values and of their squares. The value of a row
// of a share is 1 if it counts, else 0; that of a row of a number is 1.
type sample struct {
	kind         comparison
	n            int64
	sum, squares float64
}

// without is the rest of a whole that s is part of.
func (s sample) without(part sample) sample {
	s.n -= part.n
	s.sum -= part.sum
	s.squares = max(0, s.squares-part.squares)
	if s.n == 0 {
		s.sum, s.squares = 0, 0
	}
	return s
}

// mean is the share or the mean; nil without rows.
func (s sample) mean() *float64 {
	if s.n == 0 {
		return nil
	}
	return new(s.sum / float64(s.n))
}

// moments of the values of the rows.
func (s sample) moments() stats.Moments {
	if s.kind == isShare {
		return stats.MomentsOfProportion(int64(s.sum), s.n)
	}
	if s.n == 0 {
		return stats.Moments{}
	}
	m := stats.Moments{N: s.n, Mean: s.sum / float64(s.n)}
	if s.n > 1 {
		m.Variance = max(0, (s.squares-s.sum*m.Mean)/float64(s.n-1))
	}
	return m
}

// interval of the share or mean at [stats.Level].
func (s sample) interval() *stats.Interval {
	if s.kind == isShare {
		return known(stats.Wilson(int64(s.sum), s.n, stats.Level), s.n > 0)
	}
	return known(stats.Mean(s.moments(), stats.Level), true)
}

// difference is the interval of the mean of s less that of o, and the p-value of there being none.
func (s sample) difference(o sample) (*stats.Interval, *float64) {
	if s.n == 0 || o.n == 0 {
		return nil, nil
	}
	if s.kind == isShare {
		k1, k2 := int64(s.sum), int64(o.sum)
		return known(stats.ProportionDifference(k1, s.n, k2, o.n, stats.Level), true), new(stats.ProportionTest(k1, s.n, k2, o.n))
	}
	a, b := s.moments(), o.moments()
	iv := known(stats.MeanDifference(a, b, stats.Level), true)
	if iv == nil {
		return nil, nil
	}
	return iv, new(stats.MeanTest(a, b))
}

// known leaves out an interval that says nothing.
func known(iv stats.Interval, says bool) *stats.Interval {
	if !says || !iv.Known() {
		return nil
	}
	return &iv
}

// checkDimension refuses a field that rows of the grain cannot be broken down by.
func checkDimension(parameter string, g query.Grain, name string) (query.Field, error) {
	f, err := query.Resolve(g, name)
	if err != nil {
		return f, &ParameterError{Parameter: parameter, Err: err}
	}
	return f, nil
}

// keyOf is a key as answers have it: nil stands for rows that lack the field.
func keyOf(k query.Key) *string {
	if k.Absent {
		return nil
	}
	return new(k.Value)
}

// Sure is the share of false findings that a list of findings is allowed; see [stats.FalseDiscovery].
const Sure = 0.05

// adjust puts the adjusted p-values of a list into its rows: p and q return where a row keeps them.
func adjust[T any](rows []T, p func(*T) *float64, q func(*T, float64)) {
	var ps []float64
	var at []int
	for i := range rows {
		if v := p(&rows[i]); v != nil {
			ps, at = append(ps, *v), append(at, i)
		}
	}
	for i, v := range stats.FalseDiscovery(ps) {
		q(&rows[at[i]], v)
	}
}
