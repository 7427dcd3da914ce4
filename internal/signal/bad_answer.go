package signal

import "github.com/debrief-dev/debrief/internal/event"

// badAnswer is an answer that does not fit.
var badAnswer = Definition{
	Name: "bad_answer", Title: "Bad answer", Group: Words, Dimension: Answer, Weight: -0.3,
	Rule:       "The answer does not fit what was said before: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: 0.6, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Bad; m.Role == event.RoleAgent && score >= f.threshold("score") {
				f.conclude(m.at, m.at, "score %.2f", score)
			}
		}
	},
}
