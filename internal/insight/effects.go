package insight

import (
	"context"

	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// Effects says how a metric of conversations differs with and without each value of a field.
type Effects struct {
	Of     string      `json:"of"`
	Metric Metric      `json:"metric"`
	Range  Range       `json:"range"`
	Total  Side        `json:"total"`
	Rows   []EffectRow `json:"rows"`
	More   int         `json:"more"` // values left out
	// Note says what the rows do not say.
	Note string `json:"note"`
}

// EffectNote goes with every answer about effects.
const EffectNote = "Association, not cause: conversations with a value may differ from the others in more than that value. To know what it causes, run an experiment."

// EffectRow is one value. Each conversation counts once on one side.
type EffectRow struct {
	Value   *string `json:"value"` // nil: conversations without any
	With    Side    `json:"with"`
	Without Side    `json:"without"`
	// Lift is the rate with less the rate without, in the unit of the metric; nil where a side is empty.
	Lift     *float64        `json:"lift"`
	Interval *stats.Interval `json:"interval"` // of Lift, at 95 %
	P        *float64        `json:"p"`
	Q        *float64        `json:"q"` // P adjusted for the number of rows
	// Verdict is higher or lower if Q is at most Sure and no side is small, else unclear.
	Verdict string `json:"verdict"`
	Small   bool   `json:"small"` // a side has fewer than stats.SmallGroup conversations
}

// Side is a group of rows.
type Side struct {
	N        int64           `json:"n"`
	Rate     *float64        `json:"rate"`     // share or mean; nil: nothing to measure
	Interval *stats.Interval `json:"interval"` // of Rate, at 95 %
}

func sideOf(s sample) Side { return Side{s.n, s.mean(), s.interval()} }

// DefaultEffects is how many values are answered without a limit.
const DefaultEffects = 50

// Effects answers how the metric on differs with and without each value of the field of: the most frequent
// values first, at most limit (0 is DefaultEffects).
func (in *Insight) Effects(ctx context.Context, s Scope, of, on string, limit int) (*Effects, error) {
	if of == "" {
		return nil, fault("of", "name a field, such as artifact_type or tool_name")
	}
	if _, err := checkDimension("of", query.Conversations, of); err != nil {
		return nil, err
	}
	c, err := in.comparing(ctx, s, "on", on, []string{of}, query.Conversations)
	if err != nil {
		return nil, err
	}
	if c.kind == isCount {
		return nil, fault("on", "%s counts rows; an effect is on a share or a mean", c.metric.Name)
	}
	if limit == 0 {
		limit = DefaultEffects
	}
	q := c.query(s.Range)
	total, err := c.sample(ctx, q)
	if err != nil {
		return nil, err
	}
	groups, values, err := c.samples(ctx, q, of, limit)
	if err != nil {
		return nil, err
	}
	out := &Effects{Of: of, Metric: Describe(c.metric), Range: rangeOf(s.Range, c.loc), Total: sideOf(total), Rows: []EffectRow{}, More: values - len(groups), Note: EffectNote}
	for _, g := range groups {
		out.Rows = append(out.Rows, effectRow(keyOf(g.key), g.sample, total.without(g.sample)))
	}
	adjust(out.Rows, func(r *EffectRow) *float64 { return r.P }, func(r *EffectRow, q float64) {
		r.Q = &q
		r.Verdict = verdictOf(r.Lift, q, r.Small)
	})
	return out, nil
}

func effectRow(value *string, with, without sample) EffectRow {
	r := EffectRow{Value: value, With: sideOf(with), Without: sideOf(without), Verdict: Unclear, Small: stats.Small(with.n) || stats.Small(without.n)}
	if r.With.Rate != nil && r.Without.Rate != nil {
		r.Lift = new(*r.With.Rate - *r.Without.Rate)
		r.Interval, r.P = with.difference(without)
	}
	return r
}

// Verdicts on a difference.
const (
	Higher  = "higher"
	Lower   = "lower"
	Unclear = "unclear"
)

func verdictOf(difference *float64, q float64, small bool) string {
	switch {
	case difference == nil || small || q > Sure:
		return Unclear
	case *difference > 0:
		return Higher
	}
	return Lower
}
