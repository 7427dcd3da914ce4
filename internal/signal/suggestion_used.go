package signal

import "github.com/debrief-dev/debrief/internal/event"

// suggestionUsed is a suggestion that fitted.
var suggestionUsed = Definition{
	Name: "suggestion_used", Title: "Suggestion used", Group: Action, Dimension: Suggestion, Weight: 0.5,
	Rule: "The user took a question that was suggested.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "suggestion_used" {
				f.see(i, "took a suggestion")
			}
		})
	},
}
