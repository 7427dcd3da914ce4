package insight

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
)

// arm is a variant as it is made up: how many conversations, how many of them resolved and how many leave users dissatisfied.
type arm struct {
	model        string
	n            int
	resolved     float64
	dissatisfied float64
}

func TestVerdictsOfExperiments(t *testing.T) {
	const seed = 41
	r := rand.New(rand.NewPCG(seed, 0))
	f := func(want string, arms ...arm) {
		t.Helper()
		s := memstore.New()
		b := &eventstore.Batch{}
		e := Experiment{Name: "x", Field: "model", Primary: "resolved", Guardrails: []Guardrail{{Metric: "dissatisfied_rate", Tolerance: 0.02}}}
		for _, a := range arms {
			e.Variants = append(e.Variants, Variant{Value: a.model})
			for i := range a.n {
				id := fmt.Sprintf("%s-%d", a.model, i)
				b.Puts = append(b.Puts, &event.Event{ID: id + "-event-000000", ConversationID: id, OccurredAt: oracleStart, ReceivedAt: oracleStart, Source: "web", SourceEvent: "x",
					Kind: event.KindGeneration, Action: "completed", Operation: "chat", CountsUsage: true, RequestModel: a.model})
				x := &event.Analysis{ConversationID: id, Version: 1, Outcome: event.OutcomeFailed}
				if r.Float64() < a.resolved {
					x.Outcome = event.OutcomeResolved
				}
				if r.Float64() < a.dissatisfied {
					x.DissatisfiedTurns = 1
				}
				b.Analyses = append(b.Analyses, x)
			}
		}
		if _, err := s.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		in := &Insight{Store: s}
		got, err := in.Experiment(t.Context(), e, "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict != want {
			t.Errorf("seed %d: %+v: got %s (%s), want %s", seed, arms, got.Verdict, got.Reason, want)
		}
	}
	f(VerdictNoData, arm{model: "a"}, arm{model: "b"})
	f(VerdictNotYet, arm{model: "a", n: 20, resolved: 1}, arm{model: "b", n: 20})
	f(VerdictNotYet, arm{model: "a", n: 800, resolved: 0.6}, arm{model: "b", n: 800, resolved: 0.6})
	f(VerdictWinning, arm{model: "a", n: 800, resolved: 0.5}, arm{model: "b", n: 800, resolved: 0.7})
	f(VerdictLosing, arm{model: "a", n: 800, resolved: 0.7}, arm{model: "b", n: 800, resolved: 0.5})
	f(VerdictGuardrail, arm{model: "a", n: 800, resolved: 0.5, dissatisfied: 0.1}, arm{model: "b", n: 800, resolved: 0.7, dissatisfied: 0.3})
	f(VerdictMismatch, arm{model: "a", n: 800, resolved: 0.5}, arm{model: "b", n: 500, resolved: 0.9})
	f(VerdictWinning, arm{model: "a", n: 600, resolved: 0.5}, arm{model: "b", n: 600, resolved: 0.5}, arm{model: "c", n: 600, resolved: 0.75})
}
