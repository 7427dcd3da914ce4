package insight

import (
	"time"

	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
)

// Answer is a metric's answer. Its JSON is that of the HTTP API (schema MetricAnswer).
type Answer struct {
	Metric         Metric       `json:"metric"`
	Stat           *metric.Stat `json:"stat"`       // nil: the metric has no choice
	Conversion     *string      `json:"conversion"` // the definition asked for; nil: any
	Range          Range        `json:"range"`
	Total          Total        `json:"total"`
	Previous       *Previous    `json:"previous"`        // with Compare
	Series         []Point      `json:"series"`          // with Period
	PreviousSeries []Point      `json:"previous_series"` // with Compare and Period
	Groups         []Group      `json:"groups"`          // with Breakdown
	GroupsTotal    int          `json:"groups_total"`    // before Limit
}

// Metric describes a metric to people and programs.
type Metric struct {
	Name        string        `json:"name"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Definition  string        `json:"definition"`
	Unit        metric.Unit   `json:"unit"`
	Better      metric.Better `json:"better"`
	Grain       query.Grain   `json:"grain"`
	Dimensions  []string      `json:"dimensions"`
	Stats       []metric.Stat `json:"stats"`
	DefaultStat *metric.Stat  `json:"default_stat"`
	Conversion  bool          `json:"conversion"`
	Coverage    *string       `json:"coverage"`
}

// Describe returns what is to be known about a metric.
func Describe(m metric.Metric) Metric {
	out := Metric{
		Name: m.Name, Title: m.Title, Description: m.Description, Definition: m.Definition,
		Unit: m.Unit, Better: m.Better, Grain: m.Grain, Dimensions: m.Dimensions,
		Stats: append([]metric.Stat{}, m.Stats...), Conversion: m.Conversion,
	}
	if len(m.Stats) > 0 {
		out.DefaultStat = &m.Stats[0]
	}
	if m.CoverageOf != "" {
		out.Coverage = &m.CoverageOf
	}
	return out
}

// Range is the range that was answered; nil bounds are open.
type Range struct {
	From  *time.Time `json:"from"`
	Until *time.Time `json:"until"`
	Zone  string     `json:"zone"`
}

func rangeOf(r query.Range, loc *time.Location) Range {
	out := Range{Zone: loc.String()}
	if !r.From.IsZero() {
		out.From = new(r.From.In(loc))
	}
	if !r.Until.IsZero() {
		out.Until = new(r.Until.In(loc))
	}
	return out
}

// Total is a figure over the whole range.
type Total struct {
	Value    *float64 `json:"value"`
	N        int64    `json:"n"`
	Coverage *float64 `json:"coverage"`
}

// Previous is the total of the range before. Change is relative, nil where it cannot be said.
type Previous struct {
	Range  Range    `json:"range"`
	Total  Total    `json:"total"`
	Change *float64 `json:"change"`
}

// Point is the figure of one bucket. Start has the offset of the zone.
type Point struct {
	Start    time.Time `json:"start"`
	Value    *float64  `json:"value"`
	N        int64     `json:"n"`
	Coverage *float64  `json:"coverage,omitempty"`
}

// Group is the figure of one combination of values; a nil key stands for rows that lack the field.
type Group struct {
	Keys          []*string `json:"keys"`
	Label         string    `json:"label,omitempty"` // for people, where a key is an id that has a name
	Value         *float64  `json:"value"`
	N             int64     `json:"n"`
	Coverage      *float64  `json:"coverage"`
	PreviousValue *float64  `json:"previous_value,omitempty"` // with Compare
	Series        []Point   `json:"series,omitempty"`         // with Period
}

func change(now, before *float64) *float64 {
	if now == nil || before == nil || *before == 0 {
		return nil
	}
	return new((*now - *before) / *before)
}

func keysOf(keys []query.Key) []*string {
	out := make([]*string, len(keys))
	for i, k := range keys {
		if !k.Absent {
			out[i] = &k.Value
		}
	}
	return out
}
