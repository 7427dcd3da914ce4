package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

func TestAreasAreThoseOfPairs(t *testing.T) {
	yes := []bool{true, true, true, false, false}
	a := []float64{0.9, 0.5, 0.4, 0.5, 0.1}  // 4.5 of 6 pairs in order, one of them equal
	b := []float64{0.1, 0.1, 0.1, 0.9, 0.95} // none
	ofA, ofB, lo, hi := compareAUC(yes, a, b)
	if math.Abs(ofA.Value-4.5/6) > 1e-12 || ofB.Value != 0 {
		t.Errorf("areas %v and %v, want %v and 0", ofA.Value, ofB.Value, 4.5/6)
	}
	if d := ofA.Value; lo >= d || hi <= d {
		t.Errorf("interval %v to %v of the difference %v", lo, hi, d)
	}
}

// The interval of a difference covers it about as often as it says.
func TestIntervalOfAreasCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	covered, runs := 0, 600
	for range runs {
		var yes []bool
		var a, b []float64
		for range 300 {
			is := r.IntN(3) > 0
			x, shared := 0.0, r.NormFloat64()
			if is {
				x = 1
			}
			yes, a, b = append(yes, is), append(a, x+shared+r.NormFloat64()), append(b, x+shared+r.NormFloat64())
		}
		if _, _, lo, hi := compareAUC(yes, a, b); lo <= 0 && hi >= 0 {
			covered++
		}
	}
	if share := float64(covered) / float64(runs); share < 0.92 || share > 0.98 {
		t.Errorf("95 %% intervals cover in %.3f of %d runs", share, runs)
	}
}

// rates makes conversations whose ratings follow from whether they were copied, or from nothing.
func rates(r *rig, n int, follows bool) {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	for i := range n {
		id, user, at := fmt.Sprintf("c%04d", i), fmt.Sprint("u", i), 60*i
		rows := []*event.Event{say(id, user, "user", at, "what is the price of SAP?"), say(id, user, "agent", at+3, "it is 120")}
		copied := rng.IntN(2) == 0
		if copied {
			e := rate(id, user, at+5, 0)
			e.ID, e.Kind, e.Action, e.Score, e.SignalDimension, e.SignalWeight = id+"-copy", event.KindInteraction, "copied", nil, "answer", new(-0.4)
			rows = append(rows, e)
		}
		if rng.IntN(2) == 0 { // else it is abandoned, unless its rating says otherwise
			back := rate(id, user, at+7, 0)
			back.ID, back.Kind, back.Action, back.Score, back.SignalDimension, back.SignalWeight = id+"-back", event.KindConversation, "opened", nil, "answer", new(0.2)
			rows = append(rows, back)
		}
		good := rng.Float64() < 0.5
		if follows {
			good = copied != (rng.Float64() < 0.15)
		}
		score := 0.0
		if good {
			score = 1
		}
		r.come(append(rows, rate(id, user, at+9, score))...)
	}
	r.passes(50 * time.Hour)
	r.passes(0)
}

func TestRatingsTeachOnlyWhatTheyProve(t *testing.T) {
	f := func(name string, n int, follows, used bool) Learned {
		t.Helper()
		r := newRig(t)
		rates(r, n, follows)
		before := r.Version()
		l, err := r.Learn(t.Context())
		if err != nil || l.Used != used || l.Ratings != int64(n) || l.Reason == "" {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		if again := r.Learned(); !cmp.Equal(l, again) {
			t.Errorf("%s: kept differs:\n%s", name, cmp.Diff(l, again))
		}
		if changed := r.Version() != before; changed != used {
			t.Errorf("%s: history is to be analysed again: %v", name, changed)
		}
		r.reopen()
		if again := r.Learned(); !cmp.Equal(l, again) {
			t.Errorf("%s: after a restart:\n%s", name, cmp.Diff(l, again))
		}
		return l
	}
	f("too few", FewestRatings-1, true, false)
	f("no relation", FewestRatings, false, false)
	// The client weighs copying as bad here; the ratings say the opposite.
	l := f("a relation that the shipped weights miss", FewestRatings, true, true)
	if l.Terms[0].Name != "copied" || l.Terms[0].Weight <= 0 || l.Own.Value < 0.75 || l.Shipped.Value > 0.5 {
		t.Errorf("learned %+v: own %+v, shipped %+v", l.Terms, l.Own, l.Shipped)
	}
}

func TestLearnedWeightsAreUsedAndLearnedOnceADay(t *testing.T) {
	r := newRig(t)
	rates(r, FewestRatings, true)
	before := *r.of("c0000").ImpliedSatisfaction
	if err := r.learnDaily(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !r.Learned().Used {
		t.Fatalf("not used: %s", r.Learned().Reason)
	}
	for more := true; more; {
		var err error
		if more, err = r.History(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := *r.of("c0000").ImpliedSatisfaction; after == before {
		t.Errorf("satisfaction is %v as before", after)
	}
	version := r.Version()
	r.now = r.now.Add(time.Hour)
	r.come(rate("c0001", "u1", 100, 1))
	r.passes(time.Hour)
	if err := r.learnDaily(t.Context()); err != nil || r.Version() != version {
		t.Errorf("learned again within a day: %v", err)
	}
}

// What ratings say against the meaning of a signal is not learned, and what goes with it is learned without it.
func TestSignalsKeepTheirMeaning(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []lesson
	for i := range 600 {
		x := lesson{person: fmt.Sprint("u", i), good: rng.IntN(2) == 0, features: map[string]float64{}}
		on := func(name string, good, bad float64) {
			p := bad
			if x.good {
				p = good
			}
			if rng.Float64() < p {
				x.features[name] = 1
			}
		}
		on("asked_for_person", 0.6, 0.1)
		on("thanks", 0.5, 0.1)
		on("refusal", 0.1, 0.5)
		all = append(all, x)
	}
	r := regress(all, []string{"asked_for_person", "refusal", "thanks"})
	if _, learned := r.weights["asked_for_person"]; learned || r.weights["thanks"] <= 0.5 || r.weights["refusal"] >= -0.5 {
		t.Errorf("learned %v", r.weights)
	}
}
