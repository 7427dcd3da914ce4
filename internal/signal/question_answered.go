package signal

import "github.com/debrief-dev/debrief/internal/event"

// questionAnswered is a question of the agent that was worth answering.
var questionAnswered = Definition{
	Name: "question_answered", Title: "Question answered", Group: Action, Dimension: Answer, Weight: 0.1,
	Rule: "The user answered what the agent asked back.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "question_answered" {
				f.see(i, "answered what was asked back")
			}
		})
	},
}
