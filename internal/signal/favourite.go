package signal

import "github.com/debrief-dev/debrief/internal/event"

// favourite is a conversation that was starred. Taking the star away is weak: it may be tidying.
var favourite = Definition{
	Name: "favourite", Title: "Favourite", Group: Explicit, Dimension: Answer, Weight: 0.6, Weights: "starred +0.6, star taken away −0.2",
	Rule: "The user starred the conversation, or took the star away.",
	find: func(f *finder) {
		f.each(func(i int) {
			e := f.Events[i]
			switch {
			case e.Kind != event.KindConversation:
			case e.Action == "favorited":
				f.see(i, "starred")
			case e.Action == "unfavorited":
				f.taken[i] = true
				weight := -0.2
				if e.SignalWeight != nil {
					weight = *e.SignalWeight
				}
				f.add(i, f.judged(i), weight, "star taken away")
			}
		})
	},
}
