package signal

import "github.com/debrief-dev/debrief/internal/event"

// checked is a verdict that no user gave.
var checked = Definition{
	Name: "checked", Title: "Checked by a machine", Group: Action, Dimension: Answer, Weight: 0.5, Weights: "passed +0.5, failed −0.5, or what the evaluator says",
	Rule: "A program or another model judged the answer: compiled it, or scored it.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindFeedback && (e.Action == "evaluated" || e.Action == "rated" && e.Rater != "" && e.Rater != "user") && weighs(e) {
				f.see(i, "%s", passed(e))
			}
		})
	},
}

func passed(e *event.Event) string {
	if *e.SignalWeight > 0 {
		return "passed a check"
	}
	return "failed a check"
}
