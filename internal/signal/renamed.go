package signal

import "github.com/debrief-dev/debrief/internal/event"

// renamed is effort spent to find a conversation again. Titles that clients make themselves carry no weight.
var renamed = Definition{
	Name: "renamed", Title: "Renamed", Group: Action, Dimension: Answer, Weight: 0.2,
	Rule: "The user gave the conversation a name of their own, to find it again.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindConversation && e.Action == "renamed" && e.SignalWeight != nil {
				f.see(i, "conversation renamed")
			}
		})
	},
}
