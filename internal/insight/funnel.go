package insight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// Step is one step of a funnel: events for which all conditions hold. A condition on a field that begins with
// "conversation." is a fact of the event's conversation. Without a name it is called by its conditions; without
// conditions every event will do.
type Step struct {
	Name       string
	Conditions []string // as [query.ParseCondition] reads them
}

// FactPrefix begins the field of a condition on events that is a fact of their conversation.
const FactPrefix = "conversation."

// title is what the step is called.
func (s Step) title() string {
	switch {
	case s.Name != "":
		return s.Name
	case len(s.Conditions) == 0:
		return "any event"
	}
	return strings.Join(s.Conditions, ", ")
}

// eventsWith compiles conditions on events, facts of their conversations among them.
func eventsWith(parameter string, conditions []string) (*query.Filter, error) {
	var fs []*query.Filter
	for _, text := range conditions {
		c, err := query.ParseCondition(text)
		if err != nil {
			return nil, fault(parameter, "%q: %w", text, err)
		}
		var f *query.Filter
		if field, ok := strings.CutPrefix(c.Field, FactPrefix); ok {
			c.Field = field
			if f, err = c.At(query.Conversations); err == nil {
				f = &query.Filter{In: f}
			}
		} else {
			f, err = c.At(query.Events)
		}
		if err != nil {
			return nil, fault(parameter, "%q: %w", text, err)
		}
		fs = append(fs, f)
	}
	return query.AllOf(fs...), nil
}

// FunnelSpec says what a funnel is, whatever it is asked of; [query.Funnel] says what it means.
type FunnelSpec struct {
	Steps    []Step
	People   bool // per person; else per conversation
	AnyOrder bool
	Window   time.Duration // from the first step; 0: none
}

// FunnelPart selects what a step of a funnel counts: those that reach it, or with Dropped those that reach the
// step before and not this one. Of a funnel of people it is the conversations of these, in the same scope.
type FunnelPart struct {
	FunnelSpec
	Step    int // from 1; with Dropped from 2
	Dropped bool
}

// FunnelQuestion asks a funnel.
type FunnelQuestion struct {
	Scope
	FunnelSpec
	// Breakdown names at most MaxBreakdown fields: of conversations, or per person of the event of the first
	// step. Limit is the most groups to answer; 0 means DefaultGroups.
	Breakdown []string
	Limit     int
}

// FunnelAnswer is a funnel's answer. Its JSON is that of the HTTP API.
type FunnelAnswer struct {
	Per         string        `json:"per"` // conversation or person
	Ordered     bool          `json:"ordered"`
	WindowMS    *int64        `json:"window_ms"`
	Range       Range         `json:"range"`
	Steps       []FunnelStep  `json:"steps"`
	Groups      []FunnelGroup `json:"groups"` // with Breakdown
	GroupsTotal int           `json:"groups_total"`
}

// FunnelStep is one step. Rates are absent where nothing could reach the step; Interval is that of
// RateFromFirst, by Wilson, at 95 %.
type FunnelStep struct {
	Name             string          `json:"name"`
	Conditions       []string        `json:"conditions"`
	N                int64           `json:"n"`
	RateFromFirst    *float64        `json:"rate_from_first"`
	RateFromPrevious *float64        `json:"rate_from_previous"`
	Interval         *stats.Interval `json:"interval"`
	MedianMS         *float64        `json:"median_ms_from_previous"`
}

// FunnelGroup is the funnel of one combination of values.
type FunnelGroup struct {
	Keys  []*string    `json:"keys"`
	Label string       `json:"label,omitempty"` // for people, where a key is an id that has a name
	Steps []FunnelStep `json:"steps"`
}

// funnel compiles a funnel; it has no range and no filter yet.
func (s *Scope) funnel(ctx context.Context, in *Insight, spec *FunnelSpec) (*query.Funnel, error) {
	f := &query.Funnel{Grain: query.Conversations, Zone: s.Zone, AnyOrder: spec.AnyOrder, Window: spec.Window}
	if spec.People {
		f.Grain = query.People
	}
	if len(spec.Steps) == 0 {
		return nil, fault("step1", "a funnel needs a step")
	}
	if len(spec.Steps) > query.MaxSteps {
		return nil, fault("step1", "%d steps; at most %d", len(spec.Steps), query.MaxSteps)
	}
	for i, step := range spec.Steps {
		events, err := eventsWith(fmt.Sprintf("step%d", i+1), step.Conditions)
		if err != nil {
			return nil, err
		}
		f.Steps = append(f.Steps, events)
	}
	var err error
	f.Conversion, err = in.conversion(ctx, s.Conversion, s.Explicit)
	return f, err
}

// Funnel answers a funnel.
func (in *Insight) Funnel(ctx context.Context, q FunnelQuestion) (*FunnelAnswer, error) {
	loc, err := query.LoadZone(q.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	f, err := q.Scope.funnel(ctx, in, &q.FunnelSpec)
	if err != nil {
		return nil, err
	}
	f.Range = q.Range
	g := query.Conversations
	if q.People {
		g = query.Events
	}
	if f.Filter, err = q.Scope.filterAt(ctx, in, g); err != nil {
		return nil, err
	}
	if err := breakdownOf(g, q.Breakdown); err != nil {
		return nil, err
	}
	whole, err := in.Store.Funnel(ctx, *f)
	if err != nil {
		return nil, err
	}
	out := &FunnelAnswer{
		Per: "conversation", Ordered: !q.AnyOrder, Range: rangeOf(q.Range, loc),
		Steps: funnelSteps(&q.FunnelSpec, whole.Groups[0].Steps), Groups: []FunnelGroup{},
	}
	if q.People {
		out.Per = "person"
	}
	if q.Window > 0 {
		out.WindowMS = new(q.Window.Milliseconds())
	}
	if len(q.Breakdown) == 0 {
		return out, nil
	}
	f.Breakdown, f.Limit = q.Breakdown, limitOf(q.Limit)
	parts, err := in.Store.Funnel(ctx, *f)
	if err != nil {
		return nil, err
	}
	out.GroupsTotal = parts.Total
	for _, g := range parts.Groups {
		out.Groups = append(out.Groups, FunnelGroup{Keys: keysOf(g.Keys), Steps: funnelSteps(&q.FunnelSpec, g.Steps)})
	}
	return out, label(ctx, in, q.Breakdown, out.Groups, func(g *FunnelGroup) ([]*string, *string) { return g.Keys, &g.Label })
}

// breakdownOf reports what is wrong with a breakdown.
func breakdownOf(g query.Grain, fields []string) error {
	if len(fields) > MaxBreakdown {
		return fault("breakdown", "%d fields; at most %d", len(fields), MaxBreakdown)
	}
	for _, name := range fields {
		if _, err := query.Resolve(g, name); err != nil {
			return &ParameterError{Parameter: "breakdown", Err: err}
		}
	}
	return nil
}

func limitOf(limit int) int {
	if limit == 0 {
		return DefaultGroups
	}
	return limit
}

func funnelSteps(spec *FunnelSpec, steps []query.FunnelStep) []FunnelStep {
	out := make([]FunnelStep, len(steps))
	for i, s := range steps {
		first, before := steps[0].N, steps[max(i-1, 0)].N
		out[i] = FunnelStep{
			Name: spec.Steps[i].title(), Conditions: append([]string{}, spec.Steps[i].Conditions...), N: s.N,
			RateFromFirst: rate(s.N, first), RateFromPrevious: rate(s.N, before), Interval: intervalOf(s.N, first),
		}
		if s.MedianMS.OK {
			out[i].MedianMS = &s.MedianMS.Num
		}
	}
	return out
}

// rate is k of n, absent of none.
func rate(k, n int64) *float64 {
	if n == 0 {
		return nil
	}
	return new(float64(k) / float64(n))
}

// intervalOf is the interval of a rate, absent of none.
func intervalOf(k, n int64) *stats.Interval {
	if n == 0 {
		return nil
	}
	return new(stats.Wilson(k, n, stats.Level))
}

// filter selects the conversations that a part of a funnel counts. What it selects per conversation does not
// depend on the scope, which selects the conversations themselves; per person it is asked in the scope.
func (p *FunnelPart) filter(ctx context.Context, in *Insight, s *Scope) (*query.Filter, error) {
	f, err := s.funnel(ctx, in, &p.FunnelSpec)
	if err != nil {
		return nil, &ParameterError{Parameter: "funnel", Err: err}
	}
	lowest := 1
	if p.Dropped {
		lowest = 2
	}
	if p.Step < lowest || p.Step > len(f.Steps) {
		return nil, fault("funnel", "step %d; it is from %d to %d", p.Step, lowest, len(f.Steps))
	}
	if p.People {
		bare := *s
		bare.Funnel = nil
		f.Range = s.Range
		if f.Filter, err = bare.filterAt(ctx, in, query.Events); err != nil {
			return nil, err
		}
	}
	reached := func(step int) *query.Filter {
		return &query.Filter{Reached: &query.Reached{Funnel: f, Step: step}}
	}
	if p.Dropped {
		return query.AllOf(reached(p.Step-1), &query.Filter{Not: reached(p.Step)}), nil
	}
	return reached(p.Step), nil
}
