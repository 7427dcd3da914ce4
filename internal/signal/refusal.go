package signal

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// refusal is an answer that declines to help.
var refusal = Definition{
	Name: "refusal", Title: "Refusal", Group: Words, Dimension: Answer, Weight: -0.3,
	Rule:       "The answer declines to help: score from {score}.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: enrich.RefusalThreshold, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Refusal; m.Role == event.RoleAgent && score >= f.threshold("score") {
				f.conclude(m.at, m.at, "score %.2f", score)
			}
		}
	},
}
