package withdraw

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

// rating is a rating at a second: 1 or 0, or -1 for one that takes back.
func rating(second int, user, message string, score float64) *event.Event {
	e := &event.Event{
		ID: fmt.Sprintf("rating-%s-%s-%02d", user, message, second), Kind: event.KindFeedback, Action: "rated", UserID: user,
		ConversationID: "c", MessageID: message, OccurredAt: time.Date(2026, 11, 21, 10, 0, second, 0, time.UTC),
	}
	if score < 0 {
		e.Label = Label
	} else {
		e.Score, e.SignalWeight = &score, new(2*score-1)
	}
	return e
}

// put applies changes as a store does.
func put(rows, changed []*event.Event) []*event.Event {
	out := slices.Clone(rows)
	for i, e := range out {
		for _, c := range changed {
			if c.ID == e.ID {
				out[i] = c
			}
		}
	}
	return out
}

func TestLastRatingIsTakenBack(t *testing.T) {
	f := func(name string, rows []*event.Event, want ...float64) {
		t.Helper()
		var got []float64
		for _, e := range put(rows, Apply(rows)) {
			if e.Score != nil {
				got = append(got, *e.Score)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: scores %v count, want %v", name, got, want)
		}
	}
	f("nothing taken back", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "m", 0)}, 1, 0)
	f("one of one", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "m", -1)})
	f("the last of two", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "m", 0), rating(3, "u", "m", -1)}, 1)
	f("twice", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "m", 0), rating(3, "u", "m", -1), rating(4, "u", "m", -1)})
	f("rated again", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "m", -1), rating(3, "u", "m", 0)}, 0)
	f("before any", []*event.Event{rating(1, "u", "m", -1), rating(2, "u", "m", 1)}, 1)
	f("of another message", []*event.Event{rating(1, "u", "m", 1), rating(2, "u", "n", -1)}, 1)
	f("of another person", []*event.Event{rating(1, "u", "m", 1), rating(2, "v", "m", -1)}, 1)
}

// TestOrderOfArrivalDoesNotMatter gives the rows in random order and portions, each with what earlier passes
// changed: the result is that of one pass over all.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		var all []*event.Event
		for second := range 1 + r.IntN(12) {
			all = append(all, rating(second, string("uv"[r.IntN(2)]), string("mn"[r.IntN(2)]), float64(r.IntN(3)-1)))
		}
		want := put(all, Apply(all))
		if again := Apply(want); len(again) > 0 {
			t.Fatalf("seed %d: a second pass changes %d rows", seed, len(again))
		}
		var stored []*event.Event
		for _, i := range r.Perm(len(all)) {
			stored = append(stored, all[i])
			if r.IntN(2) == 0 {
				stored = put(stored, Apply(stored))
			}
		}
		stored = put(stored, Apply(append(stored, stored...)))
		slices.SortFunc(stored, func(a, b *event.Event) int { return a.OccurredAt.Compare(b.OccurredAt) })
		if d := cmp.Diff(want, stored); d != "" {
			t.Fatalf("seed %d (-at once +in portions):\n%s", seed, d)
		}
	}
}
