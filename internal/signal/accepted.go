package signal

import "github.com/debrief-dev/debrief/internal/event"

// accepted is an offer that was taken.
var accepted = Definition{
	Name: "accepted", Title: "Accepted", Group: Words, Dimension: Answer, Weight: 0.3,
	Rule:       "The user's words take what was offered: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: 0.6, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Accept; m.Role == event.RoleUser && score >= f.threshold("score") && f.lastAnswer[m.at] >= 0 {
				f.conclude(m.at, f.lastAnswer[m.at], "score %.2f", score)
			}
		}
	},
}
