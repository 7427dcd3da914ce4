package signal

import "github.com/debrief-dev/debrief/internal/event"

// retried is a connection that was lost.
var retried = Definition{
	Name: "retried", Title: "Connection retried", Group: Action, Dimension: UI, Weight: -0.3,
	Rule: "The user had to connect again.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "retried" {
				f.see(i, "had to connect again")
			}
		})
	},
}
