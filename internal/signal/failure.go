package signal

import "github.com/debrief-dev/debrief/internal/event"

// failure is an answer that broke.
var failure = Definition{
	Name: "failure", Title: "Failure", Group: Action, Dimension: Answer, Weight: -0.6,
	Rule: "The user saw an error, or the call of a model failed.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "error_shown" || e.Kind == event.KindGeneration && e.Action == "failed" {
				f.see(i, "%s", failed(e))
			}
		})
	},
}

func failed(e *event.Event) string {
	if e.Kind == event.KindGeneration {
		return "the call of a model failed"
	}
	return "an error was shown"
}
