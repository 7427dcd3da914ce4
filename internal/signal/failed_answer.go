package signal

import "github.com/debrief-dev/debrief/internal/event"

// failedAnswer is an answer that says that it is none.
var failedAnswer = Definition{
	Name: "failed_answer", Title: "Failed answer", Group: Words, Dimension: Answer, Weight: -0.5,
	Rule:       "The answer says that it could not find or do what was asked: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: 0.5, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Failed; m.Role == event.RoleAgent && score >= f.threshold("score") {
				f.conclude(m.at, m.at, "score %.2f", score)
			}
		}
	},
}
