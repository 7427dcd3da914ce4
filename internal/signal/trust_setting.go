package signal

import "github.com/debrief-dev/debrief/internal/event"

// trustSetting is a setting by which the agent may do more or less.
var trustSetting = Definition{
	Name: "trust_setting", Title: "Trust setting", Group: Action, Dimension: Trust, Weight: 0.5, Weights: "more freedom +0.5, less −0.5",
	Rule: "The user changed what the agent may do unasked.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "setting_changed" && e.SignalDimension == Trust && weighs(e) {
				f.see(i, "changed what the agent may do unasked")
			}
		})
	},
}

// weighs reports whether an event says a weight that is not neutral.
func weighs(e *event.Event) bool { return e.SignalWeight != nil && *e.SignalWeight != 0 }
