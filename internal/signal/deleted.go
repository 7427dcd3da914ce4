package signal

import "github.com/debrief-dev/debrief/internal/event"

// deleted is a conversation thrown away.
var deleted = Definition{
	Name: "deleted", Title: "Deleted", Group: Action, Dimension: Answer, Weight: -0.2,
	Rule: "The user deleted the conversation: weak, since it may be tidying or privacy.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindConversation && e.Action == "deleted" {
				f.see(i, "conversation deleted")
			}
		})
	},
}
