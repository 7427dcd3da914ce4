package insight

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// ExperimentResult is how an experiment stands. It may be looked at at any time: its intervals hold at all times
// together; see [stats.Sequential].
type ExperimentResult struct {
	Experiment Experiment `json:"experiment"`
	Range      Range      `json:"range"`
	Units      int64      `json:"units"`    // that have one variant
	Excluded   int64      `json:"excluded"` // units that have several
	// Allocation compares the units of the variants with their weights.
	Allocation stats.Allocation `json:"allocation"`
	Primary    Metric           `json:"primary"`
	Guardrails []Metric         `json:"guardrails"`
	Variants   []VariantResult  `json:"variants"`
	// Level of the intervals of differences: 95 % for all variants together.
	Level   float64 `json:"level"`
	Verdict string  `json:"verdict"` // of the experiment: see the Verdict constants
	Reason  string  `json:"reason"`  // in words
}

// VariantResult is one variant beside the control.
type VariantResult struct {
	Value      string          `json:"value"`
	Control    bool            `json:"control"`
	Units      int64           `json:"units"`
	Expected   float64         `json:"expected"` // units by the weights
	Primary    VariantFigure   `json:"primary"`
	Guardrails []VariantFigure `json:"guardrails"` // in the order of the definition
	Verdict    string          `json:"verdict"`    // "" of the control
	Reason     string          `json:"reason"`
}

// VariantFigure is a metric of a variant.
type VariantFigure struct {
	N        int64           `json:"n"`        // units that the metric can be measured of
	Value    *float64        `json:"value"`    // over units
	Interval *stats.Interval `json:"interval"` // of Value by itself, at 95 %, for one look
	// Difference is Value less that of the control; DifferenceInterval is always valid; nil while it says nothing.
	Difference         *float64        `json:"difference"`
	DifferenceInterval *stats.Interval `json:"difference_interval"`
	Verdict            string          `json:"verdict"` // better, worse, unclear; broken of a guardrail
}

// Verdicts of experiments and variants.
const (
	VerdictNoData     = "no_data"
	VerdictMismatch   = "sample_ratio_mismatch"
	VerdictGuardrail  = "guardrail_broken"
	VerdictWinning    = "winning"
	VerdictLosing     = "losing"
	VerdictNotYet     = "no_difference_yet"
	figureBetter      = "better"
	figureWorse       = "worse"
	figureBroken      = "broken"
	maxPersonsPerSide = query.MaxLimit
)

// Experiment answers how an experiment stands over its range, in a zone.
func (in *Insight) Experiment(ctx context.Context, e Experiment, zone string) (*ExperimentResult, error) {
	e.Complete()
	if err := e.Validate(); err != nil {
		return nil, &ParameterError{Parameter: "experiment", Err: err}
	}
	conditions, err := e.conditions()
	if err != nil {
		return nil, err
	}
	s := Scope{Range: query.Range{From: e.From, Until: e.Until}, Zone: zone, Filter: conditions, Conversion: e.Conversion}
	t, err := in.trial(ctx, e, s)
	if err != nil {
		return nil, err
	}
	out := &ExperimentResult{Experiment: e, Excluded: t.excluded, Level: 1 - (1-stats.Level)/float64(len(e.Variants)-1), Guardrails: []Metric{}}
	counts, weights, sum := make([]int64, len(e.Variants)), make([]float64, len(e.Variants)), 0.0
	for i, v := range e.Variants {
		counts[i], weights[i] = t.units[i], v.Weight
		sum += v.Weight
		out.Units += counts[i]
	}
	out.Allocation = stats.SampleRatio(counts, weights)
	for i, v := range e.Variants {
		out.Variants = append(out.Variants, VariantResult{
			Value: v.Value, Control: i == 0, Units: counts[i], Expected: float64(out.Units) * v.Weight / sum, Guardrails: []VariantFigure{},
		})
	}
	primary, m, loc, err := t.figures(ctx, e.Primary, out.Level)
	if err != nil {
		return nil, err
	}
	out.Primary, out.Range = Describe(m), rangeOf(s.Range, loc)
	for i := range primary {
		out.Variants[i].Primary = primary[i]
	}
	for _, g := range e.Guardrails {
		figures, m, _, err := t.figures(ctx, g.Metric, out.Level)
		if err != nil {
			return nil, err
		}
		out.Guardrails = append(out.Guardrails, Describe(m))
		for i := range figures {
			figures[i].guard(m.Better, g.Tolerance)
			out.Variants[i].Guardrails = append(out.Variants[i].Guardrails, figures[i])
		}
	}
	out.judge()
	return out, nil
}

// guard marks a figure that is worse than the control's by more than the tolerance for certain.
func (f *VariantFigure) guard(better metric.Better, tolerance float64) {
	iv := f.DifferenceInterval
	if iv == nil {
		return
	}
	if better == metric.Up && iv.Hi() < -tolerance || better == metric.Down && iv.Lo() > tolerance {
		f.Verdict = figureBroken
	}
}

// judge decides the verdicts, the gravest first.
func (r *ExperimentResult) judge() {
	r.Verdict, r.Reason = VerdictNotYet, "No variant differs from the control for certain yet."
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Control {
			continue
		}
		v.judge(r)
		if gravity(v.Verdict) > gravity(r.Verdict) {
			r.Verdict, r.Reason = v.Verdict, fmt.Sprintf("%s: %s", v.Value, v.Reason)
		}
	}
	switch {
	case r.Units == 0:
		r.Verdict, r.Reason = VerdictNoData, "No conversation in the range has one of the variants."
	case r.Allocation.Mismatch:
		r.Verdict = VerdictMismatch
		r.Reason = fmt.Sprintf("The units are not split as they should be (p = %.2g): something assigns or records variants wrongly, or they ran one after the other; differences then mean little.", r.Allocation.AlwaysP)
	}
}

func gravity(verdict string) int {
	return map[string]int{VerdictNotYet: 0, VerdictLosing: 1, VerdictWinning: 2, VerdictGuardrail: 3}[verdict]
}

func (v *VariantResult) judge(r *ExperimentResult) {
	for i, g := range v.Guardrails {
		if g.Verdict == figureBroken {
			v.Verdict, v.Reason = VerdictGuardrail, fmt.Sprintf("%s is worse than the control's for certain", r.Guardrails[i].Title)
			return
		}
	}
	switch v.Primary.Verdict {
	case figureBetter:
		v.Verdict, v.Reason = VerdictWinning, fmt.Sprintf("%s is better than the control's for certain", r.Primary.Title)
	case figureWorse:
		v.Verdict, v.Reason = VerdictLosing, fmt.Sprintf("%s is worse than the control's for certain", r.Primary.Title)
	default:
		v.Verdict, v.Reason = VerdictNotYet, "its interval holds 0, or there are too few units to say anything"
	}
}
