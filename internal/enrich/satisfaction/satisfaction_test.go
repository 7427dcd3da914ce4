package satisfaction

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// A signal whose share in the score had the other sign than the catalogue says would give wrong reasons.
func TestSignalsPullTheWayTheyCount(t *testing.T) {
	a := New()
	for _, s := range Signals() {
		if s.Counts == 0 || s.Reason == "" {
			t.Errorf("%s counts %v, because %q", s.Name, s.Counts, s.Reason)
		}
	}
	var talk words.Talk
	talk.Add(words.User, "Find me a hotel")
	talk.Add(words.Agent, "There is none.")
	talk.Add(words.User, "no, that is wrong, look again")
	found := &Found{Failed: []float64{0, 0.9, 0}, Bad: []float64{0, 0.5, 0}, Replies: []goal.Reply{{}, {}, {Accept: 0.01, Reject: 0.9}}}
	by := map[string]float64{}
	for _, r := range a.Explain(&talk, 2, found, 100) {
		by[r.What] = r.Weight
	}
	for _, name := range []string{"rejects", "begins with no", "answer before failed", "objects", "corrects"} {
		if by[name] <= 0 {
			t.Errorf("%s adds %v, want more than 0; all: %v", name, by[name], by)
		}
	}
	if by["thanks"] != 0 {
		t.Errorf("thanks adds %v where nobody thanks", by["thanks"])
	}
}
