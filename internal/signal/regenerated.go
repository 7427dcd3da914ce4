package signal

import "github.com/debrief-dev/debrief/internal/event"

// regenerated is an answer that was asked for once more.
var regenerated = Definition{
	Name: "regenerated", Title: "Regenerated", Group: Action, Dimension: Answer, Weight: -0.5,
	Rule: "The user had an answer made once more.",
	find: func(f *finder) {
		f.each(func(i int) {
			e := f.Events[i]
			switch {
			case e.Kind == event.KindInteraction && e.Action == "regenerated":
				f.see(i, "asked for another answer%s", f.after(i))
			case isUser(e) && e.SignalWeight != nil && *e.SignalWeight <= -0.4: // Amplitude's Is Regeneration
				f.taken[i] = true
				f.add(i, f.lastAnswer[i], f.weightOf(e), "asked for another answer%s", f.after(i))
			}
		})
	},
}
