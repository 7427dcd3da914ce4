// Package metric is the catalogue of figures that Debrief knows: what each is called, what it means and
// how it is asked of an event store. A metric is data in the closed algebra of package query; package insight
// asks it over a range, by period and by dimension.
//
// To add a metric, write one file with a function that returns it, name it in [All], and write one script
// of the same name below testdata. Nothing else changes: engines, API, UI and exports read the catalogue.
package metric

import (
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/query"
)

// Unit is what a metric's numbers are.
type Unit string

// Units. Ratio and Score are from 0 to 1; Rating is in the numbers of the scale that was rated on.
const (
	Number Unit = "count"
	Ratio  Unit = "ratio"
	Score  Unit = "score"
	Millis Unit = "ms"
	Chars  Unit = "chars"
	Rating Unit = "rating"
	USD    Unit = "usd" // US dollars
)

// Better is the direction in which a metric improves.
type Better string

// Directions.
const (
	Up      Better = "up"
	Down    Better = "down"
	Neither Better = "none"
)

// Metric is one figure. The zero value of an optional field means that the metric does without.
type Metric struct {
	Name        string // snake_case, stable: part of URLs
	Title       string
	Description string // what it tells
	Definition  string // how it is counted, in words
	Unit        Unit
	Better      Better
	Grain       query.Grain

	// Rows are the rows that the metric is about; at the grains of users and people, the events that
	// make them. Nil: all rows.
	Rows *query.Filter
	// Value is the number itself; its As is not used. Where Stats are given, the statistic asked for
	// takes the place of its Op.
	Value query.Measure
	// Per divides Value: the metric is a ratio, absent where Per is 0.
	Per *query.Measure
	// Of makes coverage: the share of Of's rows that Value rests on. CoverageOf says what that share is.
	Of         *query.Measure
	CoverageOf string
	// Stats are the statistics that one may choose from, the default first.
	Stats []Stat
	// OnScale turns a mean score back into the numbers of the scale it was rated on. It is absent
	// where rows are of several scales: only scores cross scales.
	OnScale bool
	// Conversion says that the metric depends on what counts as a conversion: at the grain of events it
	// is about the events that match the definition.
	Conversion bool
	// Dimensions are the breakdowns worth offering; every field of the grain works.
	Dimensions []string
}

// Counted reports whether the metric counts things, so that nothing to count is 0 rather than unknown.
func (m *Metric) Counted() bool {
	return m.Per == nil && (m.Value.Op == query.Count || m.Value.Op == query.Distinct)
}

// Validate reports what is wrong with the definition.
func (m *Metric) Validate() error {
	if m.Name == "" || m.Title == "" || m.Description == "" || m.Definition == "" {
		return fmt.Errorf("metric %q lacks a name, title, description or definition", m.Name)
	}
	if (m.Of == nil) != (m.CoverageOf == "") {
		return fmt.Errorf("metric %s: Of and CoverageOf go together", m.Name)
	}
	stats := m.Stats
	if len(stats) == 0 {
		stats = []Stat{""}
	}
	for _, s := range stats {
		plan, err := m.Plan(s)
		if err != nil {
			return err
		}
		q := query.Query{Grain: m.Grain, Filter: m.Rows, Measures: plan.Measures}
		if err := q.Validate(); err != nil {
			return fmt.Errorf("metric %s: %w", m.Name, err)
		}
	}
	for _, d := range m.Dimensions {
		if _, err := query.Resolve(m.Grain, d); err != nil {
			return fmt.Errorf("metric %s: %w", m.Name, err)
		}
	}
	return nil
}

// Stat is a statistic of a distribution.
type Stat string

// Statistics. Quantiles are as query.Quantile defines them.
const (
	Mean   Stat = "mean"
	Median Stat = "median"
	P90    Stat = "p90"
	P95    Stat = "p95"
	P99    Stat = "p99"
	Min    Stat = "min"
	Max    Stat = "max"
	Sum    Stat = "sum"
)

// distribution are the statistics of a metric that has a value for each row.
func distribution() []Stat { return []Stat{Median, Mean, P90, P95, P99, Min, Max, Sum} }

// apply makes the measure answer the statistic.
func (s Stat) apply(m query.Measure) query.Measure {
	switch s {
	case "":
	case Mean:
		m.Op = query.Mean
	case Min:
		m.Op = query.Min
	case Max:
		m.Op = query.Max
	case Sum:
		m.Op = query.Sum
	default:
		m.Op, m.Q = query.Quantile, map[Stat]float64{Median: 0.5, P90: 0.9, P95: 0.95, P99: 0.99}[s]
	}
	return m
}

// Choose returns the statistic to answer: s, or the default for "". It is an error to ask for one that
// the metric does not have.
func (m *Metric) Choose(s Stat) (Stat, error) {
	if s == "" && len(m.Stats) > 0 {
		return m.Stats[0], nil
	}
	if s != "" && !slices.Contains(m.Stats, s) {
		if len(m.Stats) == 0 {
			return "", fmt.Errorf("%s has no statistics to choose from", m.Name)
		}
		return "", fmt.Errorf("%s has no statistic %q; choose from %v", m.Name, s, m.Stats)
	}
	return s, nil
}
