package signal

import "github.com/debrief-dev/debrief/internal/event"

// cancelled is an answer that was not worth waiting for.
var cancelled = Definition{
	Name: "cancelled", Title: "Cancelled", Group: Action, Dimension: Answer, Weight: -0.5,
	Rule: "The user stopped the answer before its end: too slow, or going wrong.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindGeneration && e.Action == "cancelled" && (e.Actor != event.RoleAgent || weighs(e)) {
				f.see(i, "stopped the answer%s", f.sinceAsked(i))
			}
		})
	},
}

// sinceAsked says how long after the user's message before it an event came; "" without one.
func (f *finder) sinceAsked(i int) string {
	for j := i - 1; j >= 0; j-- {
		if isUser(f.Events[j]) {
			return " " + f.gap(j, i) + " after asking"
		}
	}
	return ""
}
