package metric

import (
	"fmt"

	"github.com/debrief-dev/debrief/internal/query"
)

// Plan is a metric made ready to be asked: the measures to put into a query, and how to read a row of
// its result.
type Plan struct {
	// Measures start with the one that groups are ordered by: the value of counts and sums, else n, so
	// that the largest groups come first and not the smallest samples.
	Measures []query.Measure
	metric   *Metric
}

// Names of the measures of a plan.
const (
	asValue  = "value"
	asN      = "n"
	asPer    = "per"
	asOf     = "of"
	asMinLow = "scale_min_low"
	asMinTop = "scale_min_top"
	asMaxLow = "scale_max_low"
	asMaxTop = "scale_max_top"
)

// Plan makes the metric ready with one of its statistics; see [Metric.Choose].
func (m *Metric) Plan(s Stat) (Plan, error) {
	s, err := m.Choose(s)
	if err != nil {
		return Plan{}, err
	}
	value := s.apply(m.Value)
	value.As = asValue
	p := Plan{metric: m}
	switch {
	case m.Per != nil:
		per := *m.Per
		per.As = asPer
		p.Measures = []query.Measure{per, value}
	case m.Counted():
		p.Measures = []query.Measure{value}
	default:
		n := query.Measure{As: asN, Op: query.Count, Field: m.Value.Field, Where: m.Value.Where}
		p.Measures = []query.Measure{n, value}
		if value.Op == query.Sum {
			p.Measures = []query.Measure{value, n}
		}
	}
	if m.Of != nil {
		of := *m.Of
		of.As = asOf
		p.Measures = append(p.Measures, of)
	}
	if m.OnScale {
		p.Measures = append(p.Measures,
			query.Measure{As: asMinLow, Op: query.Min, Field: "rating_min"},
			query.Measure{As: asMinTop, Op: query.Max, Field: "rating_min"},
			query.Measure{As: asMaxLow, Op: query.Min, Field: "rating_max"},
			query.Measure{As: asMaxTop, Op: query.Max, Field: "rating_max"})
	}
	return p, nil
}

// Figure is a metric's answer for one group and bucket.
type Figure struct {
	Value    *float64 // nil: there was nothing to measure
	N        int64    // what Value rests on: the denominator of a ratio, the sample of a distribution
	Coverage *float64 // nil: the metric has none, or there was nothing to cover
}

// Figure reads the values of one row, in the order of Measures. Nil values are a row that the result
// does not have.
func (p Plan) Figure(values []query.Value) Figure {
	if values != nil && len(values) != len(p.Measures) {
		panic(fmt.Sprintf("BUG: %d values for %d measures of %s", len(values), len(p.Measures), p.metric.Name))
	}
	get := func(as string) query.Value {
		for i := range values {
			if p.Measures[i].As == as {
				return values[i]
			}
		}
		return query.Value{}
	}
	var f Figure
	value := get(asValue)
	switch {
	case p.metric.Per != nil:
		per := get(asPer)
		f.N = int64(per.Num)
		value = query.Value{Num: value.Num / per.Num, OK: value.OK && per.OK && per.Num != 0}
	case p.metric.Counted():
		value.OK = true
		f.N = int64(value.Num)
	default:
		f.N = int64(get(asN).Num)
	}
	if p.metric.OnScale {
		low, top := get(asMinLow), get(asMaxLow)
		oneScale := low.OK && top.OK && low == get(asMinTop) && top == get(asMaxTop)
		value = query.Value{Num: low.Num + value.Num*(top.Num-low.Num), OK: value.OK && oneScale}
	}
	if value.OK {
		f.Value = &value.Num
	}
	if of := get(asOf); p.metric.Of != nil && of.Num > 0 {
		f.Coverage = new(float64(f.N) / of.Num)
	}
	return f
}
