package signal

import "github.com/debrief-dev/debrief/internal/event"

// suggestionRefreshed is suggestions that did not fit; it says nothing about answers.
var suggestionRefreshed = Definition{
	Name: "suggestion_refreshed", Title: "Suggestions refreshed", Group: Action, Dimension: Suggestion, Weight: -0.2,
	Rule: "The user asked for other suggestions: those offered did not fit.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "suggestion_refreshed" {
				f.see(i, "asked for other suggestions")
			}
		})
	},
}
