package signal

import (
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
)

// closedRunning is a user who left while the answer was being written.
var closedRunning = Definition{
	Name: "closed_running", Title: "Closed while running", Group: Course, Dimension: Answer, Weight: -0.4,
	Rule: "The user closed the copilot or ended the conversation after asking and before an answer came, or the client says that an answer was being written.",
	find: func(f *finder) {
		asked := -1 // the question that waits for an answer
		f.each(func(i int) {
			e := f.Events[i]
			switch closes := e.Kind == event.KindInteraction && e.Action == "closed" && e.Target != "context"; {
			case isUser(e) && !f.closes(i):
				asked = i
			case answers(e):
				asked = -1
			case closes && weighs(e):
				f.see(i, "closed while an answer was being written")
				asked = -1
			case asked >= 0 && f.tellsAnswers() && (closes && e.SignalWeight == nil || e.Kind == event.KindConversation && e.Action == "ended" && e.Reason != "idle"):
				f.taken[i] = true
				f.conclude(i, asked, "closed %s after asking, before an answer", f.gap(asked, i))
				asked = -1
			}
		})
	},
}

// answers reports whether an event shows that something was answered.
func answers(e *event.Event) bool {
	return isAnswer(e) || e.Kind == event.KindGeneration && e.Action == "completed" || e.Kind == event.KindArtifact && e.Action != "media_requested"
}

// tellsAnswers reports whether the client would have told of an answer. Unity's tells of questions alone, so
// that nothing follows from a missing answer.
func (t *talk) tellsAnswers() bool {
	unity := false
	for _, e := range t.Events {
		if answers(e) {
			return true
		}
		unity = unity || e.Vocabulary == "unity"
	}
	return !unity
}

func answeredAfter(events []*event.Event) bool {
	return slices.ContainsFunc(events, answers)
}
