package signal

import "github.com/debrief-dev/debrief/internal/event"

// planApproved is a plan that was taken.
var planApproved = Definition{
	Name: "plan_approved", Title: "Plan approved", Group: Action, Dimension: Answer, Weight: 0.7,
	Rule: "The user approved the agent's plan.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindInteraction && e.Action == "plan_approved" {
				f.see(i, "plan approved%s", f.after(i))
			}
		})
	},
}
