package signal

import "github.com/debrief-dev/debrief/internal/event"

// questionDismissed is a question of the agent that was not worth answering.
var questionDismissed = Definition{
	Name: "question_dismissed", Title: "Question dismissed", Group: Action, Dimension: Answer, Weight: -0.2,
	Rule: "The user dismissed what the agent asked back.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "question_dismissed" {
				f.see(i, "dismissed what was asked back")
			}
		})
	},
}
