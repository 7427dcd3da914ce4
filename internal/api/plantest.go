package api

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/query"
)

const (
	maxTestCalls      = 10_000
	maxTestViolations = 500
	testExamples      = 5
)

// planTest is the body of testPlan.
type planTest struct {
	Source      string            `json:"source"`
	Text        string            `json:"text"`
	Version     int               `json:"version"`
	Limit       int               `json:"limit"`
	Enforcement *plan.Enforcement `json:"enforcement"`
}

// planTestResult is what a plan would have said of calls.
type planTestResult struct {
	Source     string                `json:"source"`
	LookedAt   int                   `json:"looked_at"`
	Conforming int                   `json:"conforming"`
	OldestAt   time.Time             `json:"oldest_at,omitzero"`
	NewestAt   time.Time             `json:"newest_at,omitzero"`
	Actions    map[plan.Action]int   `json:"actions"`
	Violations []*planTestViolations `json:"violations"`
}

// planTestViolations are violations that are alike.
type planTestViolations struct {
	Kind        plan.Kind `json:"kind"`
	Event       string    `json:"event"`
	Field       string    `json:"field,omitempty"`
	Description string    `json:"description"`
	Count       int       `json:"count"`
	Examples    []string  `json:"examples"`
}

func (s *server) testPlan(c *call) error {
	in := planTest{Limit: 1000}
	if err := c.planBody(&in); err != nil {
		return err
	}
	if in.Limit < 1 || in.Limit > maxTestCalls || in.Version < 0 {
		return &bodyError{"limit is a number from 1 to 10000, version one from 1 on"}
	}
	if err := s.hasSource(c, in.Source); err != nil {
		return err
	}
	enforcer, err := s.tester(c, &in)
	if err != nil {
		return err
	}
	out := planTestResult{
		Source: in.Source, Violations: []*planTestViolations{},
		Actions: map[plan.Action]int{plan.ActionAllow: 0, plan.ActionOmit: 0, plan.ActionQuarantine: 0, plan.ActionBlock: 0},
	}
	groups := map[violationKey]*planTestViolations{}
	scope := insight.Scope{Where: []query.Condition{
		{Field: "source", Cmp: query.Eq, Values: []string{in.Source}}, {Field: "derived_from", Cmp: query.Exists, Not: true},
	}}
	for e, err := range s.Insight.NewestCalls(c.r.Context(), scope, in.Limit) {
		if err != nil {
			return err
		}
		if typ := insight.CallType(e); typ != "span" && typ != "log" { // plans say nothing of them
			out.add(enforcer, e, groups)
		}
	}
	slices.SortStableFunc(out.Violations, func(a, b *planTestViolations) int { return cmp.Compare(b.Count, a.Count) })
	out.Violations = out.Violations[:min(len(out.Violations), maxTestViolations)]
	return c.answer(http.StatusOK, out)
}

// tester returns what judges the calls of a test.
func (s *server) tester(c *call, in *planTest) (*plan.Enforcer, error) {
	var p *plan.Plan
	if in.Text != "" {
		draft, err := draftOf(c.r.PathValue("name"), in.Text, "")
		if err != nil {
			return nil, err
		}
		p = draft.Plan
	} else {
		stored, err := s.plan(c, in.Version)
		if err != nil {
			return nil, err
		}
		if p, err = stored.parsed(); err != nil {
			return nil, err
		}
	}
	if in.Enforcement == nil {
		in.Enforcement = &plan.Enforcement{}
		if s.SourcePlans != nil {
			setting, err := s.SourcePlans.SourcePlan(c.r.Context(), in.Source)
			if err != nil {
				return nil, err
			}
			*in.Enforcement = setting.Enforcement
		}
	}
	if err := in.Enforcement.Validate(); err != nil {
		return nil, &bodyError{err.Error()}
	}
	checker, err := plan.Compile(p)
	if err != nil {
		return nil, &bodyError{err.Error()}
	}
	return plan.NewEnforcer(checker, *in.Enforcement, p.Name, p.Version)
}

// violationKey tells violations apart.
type violationKey struct {
	kind                      plan.Kind
	event, field, description string
}

// add checks one stored call.
func (r *planTestResult) add(enforcer *plan.Enforcer, e *event.Event, groups map[violationKey]*planTestViolations) {
	v := enforcer.Judge(plan.Call{Type: insight.CallType(e), Event: e.SourceEvent, JSON: e.Raw}, e.Repairs)
	r.LookedAt++
	r.Actions[v.Action]++
	if len(v.Violations) == 0 {
		r.Conforming++
	}
	if r.OldestAt.IsZero() || e.ReceivedAt.Before(r.OldestAt) {
		r.OldestAt = e.ReceivedAt
	}
	if e.ReceivedAt.After(r.NewestAt) {
		r.NewestAt = e.ReceivedAt
	}
	for _, x := range v.Violations {
		key := violationKey{x.Kind, x.Event, x.Field, x.Description}
		g := groups[key]
		if g == nil {
			g = &planTestViolations{Kind: x.Kind, Event: x.Event, Field: x.Field, Description: x.Description, Examples: []string{}}
			groups[key] = g
			r.Violations = append(r.Violations, g)
		}
		g.Count++
		if len(g.Examples) < testExamples {
			g.Examples = append(g.Examples, e.ID)
		}
	}
}
