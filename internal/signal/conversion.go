package signal

import "github.com/debrief-dev/debrief/internal/event"

// conversion is what the product exists for.
var conversion = Definition{
	Name: "conversion", Title: "Converted", Group: Explicit, Dimension: Answer, Weight: 1,
	Rule: "An event in the conversation is a conversion: the client says so, or one of the workspace's definitions does.",
	find: func(f *finder) {
		f.each(func(i int) {
			e := f.Events[i]
			if e.Kind == event.KindConversion || f.Converts != nil && f.Converts(e) {
				f.taken[i] = true
				f.conclude(i, f.lastAnswer[i], "converted%s", f.after(i))
			}
		})
	},
}

// after says how long after the answer before it an event came; "" without one.
func (f *finder) after(i int) string {
	if f.lastAnswer[i] < 0 {
		return ""
	}
	return " " + f.gap(f.lastAnswer[i], i) + " after an answer"
}
