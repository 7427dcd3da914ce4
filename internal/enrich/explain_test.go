package enrich_test

import (
	"slices"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich"
)

// Behind a score stand words of the message, and every score of a role is explained.
func TestExplainNamesWhatMovedTheScores(t *testing.T) {
	a := enrich.New()
	turns := []enrich.Turn{
		{Role: "user", Text: "Book a table for two tonight"},
		{Role: "agent", Text: "Sorry, I could not find any table tonight."},
		{Role: "user", Text: "no, that is terrible, try tomorrow"},
		{Role: "system", Text: "unread"},
		{Role: "agent", Text: ""},
	}
	got := a.Explain(turns, 5)
	if len(got) != len(turns) {
		t.Fatalf("%d reasons of %d turns", len(got), len(turns))
	}
	says := func(rs []enrich.Reason, word string) bool {
		return slices.ContainsFunc(rs, func(r enrich.Reason) bool { return r.What == word })
	}
	if !says(got[1].Failed, "sorry") && !says(got[1].Failed, "not") && !says(got[1].Failed, "find") {
		t.Errorf("failed because of %v", got[1].Failed)
	}
	if len(got[2].Reject) == 0 || len(got[2].Rephrase) == 0 || len(got[2].Dissatisfied) == 0 || got[2].Failed != nil {
		t.Errorf("of the user: %+v", got[2])
	}
	for _, r := range [][]enrich.Reason{got[1].Failed, got[1].Bad, got[1].Refusal, got[1].ThumbUp} {
		if len(r) == 0 || len(r) > 5 {
			t.Errorf("%d reasons, want 1 to 5", len(r))
		}
	}
	if got[3].Failed != nil || got[4].Failed != nil {
		t.Error("turns without words are explained")
	}
}
