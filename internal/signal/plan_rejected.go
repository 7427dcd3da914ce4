package signal

import "github.com/debrief-dev/debrief/internal/event"

// planRejected is a plan that was turned down.
var planRejected = Definition{
	Name: "plan_rejected", Title: "Plan rejected", Group: Action, Dimension: Answer, Weight: -0.5,
	Rule: "The user rejected the agent's plan.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "plan_rejected" {
				f.see(i, "plan rejected%s", f.after(i))
			}
		})
	},
}
