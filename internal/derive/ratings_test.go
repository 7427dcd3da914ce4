package derive

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/withdraw"
)

// reacted is a rating of message m: 1 or 0, or -1 for one that takes it back.
func reacted(id string, score float64, at time.Time) event.Event {
	e := event.Event{ID: id, Vocabulary: "pendo", Kind: event.KindFeedback, Action: "rated", UserID: "u", ConversationID: "c", MessageID: "m", OccurredAt: at}
	if score < 0 {
		e.Label = withdraw.Label
	} else {
		e.Score = &score
	}
	return e
}

func TestRatingThatWasTakenBackCountsNoMore(t *testing.T) {
	rows := []event.Event{
		reacted("reaction-000000001", 1, start),
		reacted("reaction-000000002", 0, start.Add(time.Minute)),
		reacted("reaction-000000003", -1, start.Add(2*time.Minute)),
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		w := newWorld(t)
		sent := append(slices.Clone(rows), rows[r.IntN(len(rows))])
		r.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		for _, e := range sent {
			w.send(e)
			if r.IntN(2) == 0 {
				w.wait(time.Duration(r.IntN(20)) * time.Second)
			}
			if r.IntN(3) == 0 {
				w.restart()
			}
		}
		w.wait(time.Minute)
		got := w.rows()
		if first, second := got["reaction-000000001"], got["reaction-000000002"]; first.Score == nil || second.Score != nil || string(second.Raw) == "" {
			t.Fatalf("seed %d: scores %v and %v, want the second alone to be taken back", seed, first.Score, second.Score)
		}
	}
}

func TestRatingsAreNotWatchedWithoutNeed(t *testing.T) {
	w := newWorld(t)
	w.send(reacted("reaction-000000001", 1, start))
	if w.deriver.Waiting() != 0 || len(w.deriver.underway) != 0 {
		t.Errorf("%d marks, %d watched", w.deriver.Waiting(), len(w.deriver.underway))
	}
}
