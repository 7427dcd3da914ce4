package signal

import "github.com/debrief-dev/debrief/internal/event"

// turnedDown is an offer that was turned down.
var turnedDown = Definition{
	Name: "turned_down", Title: "Turned down", Group: Words, Dimension: Answer, Weight: -0.3,
	Rule:       "The user's words turn down what was offered: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: 0.6, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Reject; m.Role == event.RoleUser && score >= f.threshold("score") && f.lastAnswer[m.at] >= 0 {
				f.conclude(m.at, f.lastAnswer[m.at], "score %.2f", score)
			}
		}
	},
}
