package insight

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
)

func TestSignalsAreOpportunitiesToo(t *testing.T) {
	s := memstore.New()
	b := &eventstore.Batch{}
	for i := range 80 {
		id, at := fmt.Sprintf("c%02d", i), oracleStart.Add(time.Duration(i)*time.Minute)
		b.Puts = append(b.Puts, &event.Event{ID: id + "-1", ConversationID: id, OccurredAt: at, ReceivedAt: at, Source: "web", Kind: event.KindMessage, Action: "sent", Role: event.RoleUser})
		a := &event.Analysis{ConversationID: id, Version: 1, AnalysedAt: at, Outcome: event.OutcomeResolved, ImpliedSatisfaction: new(0.9)}
		if i%2 == 0 {
			a.Outcome, a.ImpliedSatisfaction = event.OutcomeFailed, new(0.1)
			a.Signals = []event.Signal{{Name: "loop"}, {Name: "rephrase"}}
		}
		b.Analyses = append(b.Analyses, a)
	}
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	in := &Insight{Store: s}
	got, err := in.Opportunities(t.Context(), Scope{}, []string{"signal"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 2 {
		t.Fatalf("got %+v, want loop and rephrase", got.Rows)
	}
	for _, r := range got.Rows {
		if r.Dimension != "signal" || r.Conversations != 40 || len(r.Examples) == 0 || len(r.Why) == 0 {
			t.Errorf("got %+v", r)
		}
		if strings.Contains(strings.Join(r.Why, ";"), "signal "+r.Key) {
			t.Errorf("%s is explained by itself: %q", r.Key, r.Why)
		}
	}
}
