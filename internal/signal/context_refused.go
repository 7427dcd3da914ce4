package signal

import "github.com/debrief-dev/debrief/internal/event"

// contextRefused is friction of the user interface, not of the answer.
var contextRefused = Definition{
	Name: "context_refused", Title: "Attachment refused", Group: Action, Dimension: UI, Weight: -0.3,
	Rule: "Something that the user dropped onto the copilot was not taken.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "context_attached" && e.Success != nil && !*e.Success {
				f.see(i, "a dropped attachment was refused")
			}
		})
	},
}
