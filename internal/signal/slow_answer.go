package signal

import (
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// slowAnswer is an answer that was long in coming. The client may know when its first token came; else the time
// between the messages is what the user waited.
var slowAnswer = Definition{
	Name: "slow_answer", Title: "Slow answer", Group: Course, Dimension: Latency, Weight: -0.3, Weights: "−0.3; where the client weighs the time to the first token: −0.1 to −0.5",
	Rule: "The first token of an answer came after more than {first_token} s, or, where that is not known, the answer more than {answer} s after the question.",
	Thresholds: []Threshold{
		{Name: "first_token", Title: "Time to first token", Unit: "s", Default: 5, Min: 0.5, Max: 120},
		{Name: "answer", Title: "Time to the answer", Unit: "s", Default: 30, Min: 1, Max: 600},
	},
	find: func(f *finder) {
		told := map[int]bool{} // turns whose time to the first token is known
		f.each(func(i int) {
			e := f.Events[i]
			if e.Kind != event.KindGeneration || e.TTFTMS == nil {
				return
			}
			told[f.turns[i]] = true
			f.taken[i] = f.taken[i] || e.SignalDimension == Latency
			if wait := millis(*e.TTFTMS); wait > f.seconds("first_token") {
				weight := f.weightOf(nil)
				if e.SignalDimension == Latency {
					weight = f.weightOf(e)
				}
				f.add(i, f.judged(i), weight, "first token after %s", span(wait))
			}
		})
		for k := 1; k < len(f.messages); k++ {
			asked, m := f.messages[k-1], f.messages[k]
			wait := m.OccurredAt.Sub(asked.OccurredAt)
			if isUser(asked.Event) && m.Role == event.RoleAgent && !told[f.turns[m.at]] && wait > f.seconds("answer") {
				f.conclude(m.at, m.at, "answered after %s", span(wait))
			}
		}
	},
}

func millis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
