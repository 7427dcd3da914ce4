package signal

import "github.com/debrief-dev/debrief/internal/event"

// copied is an answer taken over. Some clients say it on the answer itself.
var copied = Definition{
	Name: "copied", Title: "Copied", Group: Action, Dimension: Answer, Weight: 0.4, Weights: "code +0.6, an answer +0.4",
	Rule: "The user copied an answer or its code.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "copied" || isAnswer(e) && weighs(e) && *e.SignalWeight > 0 {
				f.see(i, "copied%s", f.after(i))
			}
		})
	},
}
