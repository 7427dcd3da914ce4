package derive

import (
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// judgement is a verdict that names a response and nothing else, as evaluators send that work on their own.
func judgement(id, response string, at time.Time) event.Event {
	return event.Event{ID: id, Vocabulary: "otel", OccurredAt: at, Kind: event.KindFeedback, Action: "evaluated",
		FeedbackName: "relevance", MessageID: response, Scope: "message"}
}

// TestVerdictFindsItsAnswer: before the call and after it, and across a restart.
func TestVerdictFindsItsAnswer(t *testing.T) {
	root, call := turn("t1", "c1", "Is it?", "It is.", start)
	call.MessageID = "chatcmpl-1"
	later := start.Add(3 * time.Hour)
	first, second := judgement("v1", "chatcmpl-1", later), judgement("v2", "chatcmpl-1", later)
	steps := map[string]func(w *world){
		"after": func(w *world) {
			w.send(root, call)
			w.wait(time.Minute)
			w.send(first)
			w.wait(0)
			w.send(second)
		},
		"before": func(w *world) {
			w.send(first, second)
			w.wait(time.Minute)
			w.send(call)
			w.send(root)
		},
		"with": func(w *world) { w.send(first, root, call, second) },
		"restart before": func(w *world) {
			w.send(first, second)
			w.wait(time.Minute)
			w.restart()
			w.send(root, call)
		},
		"restart after": func(w *world) {
			w.send(root, call)
			w.wait(time.Minute)
			w.send(first, second)
			w.restart()
		},
	}
	for name, do := range steps {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			do(w)
			w.wait(time.Minute)
			for range 2 { // the second time nothing is left to do
				for _, id := range []string{"v1", "v2"} {
					e := w.rows()[id]
					if e.ConversationID != "c1" || e.MessageID != "t1:root:out" || e.TurnID != "t1:root" || e.TraceID != "t1" {
						t.Errorf("%s is of conversation %q, message %q, turn %q, trace %q", id, e.ConversationID, e.MessageID, e.TurnID, e.TraceID)
					}
				}
				w.restart()
				w.send(root) // again
				w.wait(time.Minute)
			}
			if n := len(w.deriver.verdicts); n != 0 {
				t.Errorf("%d verdicts wait", n)
			}
		})
	}
}

// TestVerdictKeepsWhatItSays: one that names a conversation is left alone, and so is one of no call.
func TestVerdictKeepsWhatItSays(t *testing.T) {
	w := newWorld(t)
	root, call := turn("t1", "c1", "Is it?", "It is.", start)
	call.MessageID = "chatcmpl-1"
	elsewhere, unknown := judgement("v1", "chatcmpl-1", start), judgement("v2", "chatcmpl-2", start)
	elsewhere.ConversationID = "c2"
	w.send(root, call, elsewhere, unknown)
	w.wait(time.Minute)
	if e := w.rows()["v1"]; e.ConversationID != "c2" || e.MessageID != "chatcmpl-1" {
		t.Errorf("conversation %q, message %q", e.ConversationID, e.MessageID)
	}
	if e := w.rows()["v2"]; e.ConversationID != "" || e.TraceID != "" {
		t.Errorf("conversation %q, trace %q", e.ConversationID, e.TraceID)
	}
}

// TestVerdictThatIsNotStoredYetIsLookedAtSoon: it is noted before it is stored, and there is no mark of it.
func TestVerdictThatIsNotStoredYetIsLookedAtSoon(t *testing.T) {
	w := newWorld(t)
	v := judgement("v1", "chatcmpl-1", start)
	if err := w.deriver.Note(t.Context(), []*event.Event{&v}, 1); err != nil {
		t.Fatal(err)
	}
	if next, err := w.deriver.round(t.Context()); err != nil || next != step || w.deriver.Waiting() != 1 {
		t.Errorf("looks again in %v, %d wait", next, w.deriver.Waiting())
	}
	w.send(v)
	if next, err := w.deriver.round(t.Context()); err != nil || next != time.Minute || w.deriver.Waiting() != 0 {
		t.Errorf("looks again in %v, %d wait", next, w.deriver.Waiting())
	}
}
