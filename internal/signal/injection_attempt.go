package signal

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// injectionAttempt is an attempt to make the copilot leave its instructions.
var injectionAttempt = Definition{
	Name: "injection_attempt", Title: "Injection attempt", Group: Words, Dimension: Trust, Weight: 0,
	Rule:       "The message tries to make the copilot leave its instructions: score from {score}. It says nothing about answers and has no weight.",
	Thresholds: []Threshold{{Name: "score", Title: "Score from", Default: enrich.InjectionThreshold, Min: 0.05, Max: 1}},
	find: func(f *finder) {
		for _, m := range f.messages {
			if score := m.words.Injection; m.Role == event.RoleUser && score >= f.threshold("score") {
				f.conclude(m.at, -1, "score %.2f", score)
			}
		}
	},
}
