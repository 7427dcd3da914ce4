package signal

import "github.com/debrief-dev/debrief/internal/event"

// commented is a comment whose direction the client knows.
var commented = Definition{
	Name: "commented", Title: "Asked for changes", Group: Action, Dimension: Answer, Weight: -0.3,
	Rule: "The user commented and the client says which way: for one, asking for changes to a plan.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindFeedback && e.Action == "commented" && weighs(e) {
				f.see(i, "commented on what was proposed")
			}
		})
	},
}
