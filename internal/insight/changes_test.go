package insight

import (
	"errors"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// whole is a change of everything from 300 of 400 to 200 of 400.
func whole(before, now sample) *tracing {
	return &tracing{compared: &compared{kind: isShare}, whole: [2]sample{before, now}}
}

func parts(n, k int64) sample { return sample{isShare, n, float64(k), float64(k)} }

func TestWhatAllRowsHaveExplainsNothing(t *testing.T) {
	c := whole(parts(400, 300), parts(400, 200))
	r := c.row(parts(400, 300), parts(400, 200))
	if !like(r.Contribution, -0.25) || !like(r.Beyond, 0) || r.rank() > 0 {
		t.Errorf("a value of all rows: %+v", r)
	}
	// One that changed alone: all of the change is its, and three quarters beyond its share of rows.
	r = c.row(parts(100, 100), parts(100, 0))
	if !like(r.Contribution, -0.25) || !like(r.Rate, -0.25) || !like(r.Beyond, -0.1875) || r.P == nil || *r.P > 1e-6 {
		t.Errorf("a value that changed alone: %+v", r)
	}
	// The others did not take part.
	r = c.row(parts(300, 200), parts(300, 200))
	if !like(r.Rate, 0) || r.rank() > 0 {
		t.Errorf("a value that did not change: %+v", r)
	}
	// A new version takes the place of another: the change is that of the new one.
	r = c.row(parts(0, 0), parts(400, 200))
	if r.State != "new" || !like(r.Contribution, -0.25) || !like(r.Mix, -0.25) {
		t.Errorf("a new value: %+v", r)
	}
	if r = c.row(parts(400, 300), parts(0, 0)); r.State != "gone" || !like(r.Contribution, 0) {
		t.Errorf("the value that it replaced: %+v", r)
	}
}

func TestQuestionsAboutComparisonsAreChecked(t *testing.T) {
	in := &Insight{}
	f := func(parameter string, err error) {
		t.Helper()
		var p *ParameterError
		if !errors.As(err, &p) || p.Parameter != parameter {
			t.Errorf("got %v, want a fault of %s", err, parameter)
		}
	}
	effects := func(of, on string) error {
		_, err := in.Effects(t.Context(), Scope{}, of, on, 0)
		return err
	}
	f("of", effects("", "resolved"))
	f("of", effects("colour", "resolved"))
	f("on", effects("tool_name", ""))
	f("on", effects("tool_name", "nosuch"))
	f("on", effects("tool_name", "conversations")) // a number
	f("on", effects("tool_name", "response_time")) // of events
	f("on", effects("tool_name", "failed_answer_rate"))
	changes := func(q ChangeQuestion) error {
		_, err := in.Changes(t.Context(), q)
		return err
	}
	at := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	bounded := Scope{Range: query.Range{From: at, Until: at.AddDate(0, 0, 7)}}
	f("from", changes(ChangeQuestion{Metric: "resolved"}))
	f("metric", changes(ChangeQuestion{Scope: bounded, Metric: "active_users"}))
	f("limit", changes(ChangeQuestion{Scope: bounded, Metric: "resolved", Limit: MaxChanges + 1}))
	f("dimensions", changes(ChangeQuestion{Scope: bounded, Metric: "resolved", Dimensions: make([]string, MaxDimensions+1)}))
	experiment := func(change func(*Experiment)) error {
		e := Experiment{Name: "x", Field: "model", Variants: []Variant{{Value: "a"}, {Value: "b"}}, Primary: "resolved"}
		change(&e)
		_, err := in.Experiment(t.Context(), e, "")
		return err
	}
	f("experiment", experiment(func(e *Experiment) { e.Field = "colour" }))
	f("experiment", experiment(func(e *Experiment) { e.Variants = e.Variants[:1] }))
	f("experiment", experiment(func(e *Experiment) { e.Variants[1].Value = "a" }))
	f("experiment", experiment(func(e *Experiment) { e.Variants[1].Weight = -1 }))
	f("experiment", experiment(func(e *Experiment) { e.Unit = "session" }))
	f("experiment", experiment(func(e *Experiment) { e.Primary = "conversations" }))
	f("experiment", experiment(func(e *Experiment) { e.Guardrails = []Guardrail{{Metric: "duration", Tolerance: -1}} }))
	f("experiment", experiment(func(e *Experiment) { e.Filter = []string{"colour:eq:red"} }))
	f("experiment", experiment(func(e *Experiment) { e.From, e.Until = at, at }))
}
