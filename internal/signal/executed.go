package signal

import "github.com/debrief-dev/debrief/internal/event"

// executed is the strongest acceptance there is: letting a proposal change something.
var executed = Definition{
	Name: "executed", Title: "Executed", Group: Action, Dimension: Answer, Weight: 0.3, Weights: "a command +0.8, a plugin +0.5, any other action +0.3",
	Rule: "The user ran what was proposed: a tool was called by the user, not by the agent.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindTool && e.Action == "called" && e.Actor == event.RoleUser && !failedTool(e) {
				f.see(i, "ran what was proposed%s", f.after(i))
			}
		})
	},
}
