package signal

import "github.com/debrief-dev/debrief/internal/event"

// unanswered is a question that got no answer.
var unanswered = Definition{
	Name: "unanswered", Title: "Unanswered", Group: Course, Dimension: Answer, Weight: -0.4,
	Rule:       "A message of the user got no answer: the user wrote again after {seconds} s without one, or nothing came any more. Thanks and goodbyes need no answer, nor does a question that was stopped or closed.",
	Thresholds: []Threshold{{Name: "seconds", Title: "Wait from", Unit: "s", Default: 20, Min: 1, Max: 3600}},
	find: func(f *finder) {
		if !f.tellsAnswers() {
			return
		}
		asked := -1
		f.each(func(i int) {
			e := f.Events[i]
			switch {
			case isUser(e):
				if asked >= 0 && e.OccurredAt.Sub(f.Events[asked].OccurredAt) >= f.seconds("seconds") {
					f.conclude(asked, asked, "wrote again after %s without an answer", f.gap(asked, i))
				}
				if asked = i; f.closes(i) {
					asked = -1
				}
			case answers(e) || f.gone(i):
				asked = -1
			}
		})
		if asked >= 0 && f.over() {
			f.conclude(asked, asked, "no answer came")
		}
	},
}

// gone reports whether the user stopped an answer with an event, or left.
func (t *talk) gone(at int) bool {
	e := t.Events[at]
	return e.Kind == event.KindGeneration && e.Action == "cancelled" || e.Kind == event.KindInteraction && e.Action == "closed" ||
		e.Kind == event.KindConversation && (e.Action == "ended" || e.Action == "deleted") && e.Reason != "idle"
}
