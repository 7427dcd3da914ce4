package signal

import (
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// comeback is a conversation that was worth coming back to.
var comeback = Definition{
	Name: "return", Title: "Came back", Group: Course, Dimension: Answer, Weight: 0.2,
	Rule:       "The user opened the conversation again, or wrote in it after nothing had come for {minutes} min.",
	Thresholds: []Threshold{{Name: "minutes", Title: "Pause from", Unit: "min", Default: 30, Min: 5, Max: 7 * 24 * 60}},
	find: func(f *finder) {
		pause := time.Duration(f.threshold("minutes") * float64(time.Minute))
		last := -1 // the event before that the conversation consists of
		f.each(func(i int) {
			e := f.Events[i]
			if !e.Tracked() {
				return
			}
			opened := e.Kind == event.KindConversation && (e.Action == "opened" || e.Action == "restored")
			if last >= 0 || opened && e.SignalWeight != nil {
				wait := time.Duration(0)
				if last >= 0 {
					wait = e.OccurredAt.Sub(f.Events[last].OccurredAt)
				}
				switch {
				case opened && e.SignalWeight != nil:
					f.see(i, "opened again")
				case (opened || isUser(e)) && wait >= pause:
					f.conclude(i, f.lastAnswer[i], "came back after %s", span(wait))
				}
			}
			last = i
		})
	},
}
