package signal

import "github.com/debrief-dev/debrief/internal/event"

// saved is an answer that became a file.
var saved = Definition{
	Name: "saved", Title: "Saved", Group: Action, Dimension: Answer, Weight: 0.8,
	Rule: "The user saved the code of an answer.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "saved" {
				f.see(i, "saved%s", f.after(i))
			}
		})
	},
}
