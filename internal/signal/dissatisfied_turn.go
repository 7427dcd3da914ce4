package signal

import "github.com/debrief-dev/debrief/internal/event"

// dissatisfiedTurn is a user's message that shows displeasure with the answer before it.
var dissatisfiedTurn = Definition{
	Name: "dissatisfied_turn", Title: "Dissatisfied", Group: Words, Dimension: Answer, Weight: -0.5,
	Rule:       "The user's words, and how the conversation went before them, say that they are dissatisfied: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: 0.5, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Dissatisfied; m.Role == event.RoleUser && score >= f.threshold("score") && f.lastAnswer[m.at] >= 0 {
				f.conclude(m.at, f.lastAnswer[m.at], "score %.2f", score)
			}
		}
	},
}
