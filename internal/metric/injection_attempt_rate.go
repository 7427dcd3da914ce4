package metric

import "github.com/debrief-dev/debrief/internal/query"

// injectionAttemptRate defines injection_attempt_rate: in which share of conversations somebody tries to turn the copilot against its instructions.
func injectionAttemptRate() Metric {
	return Metric{
		Name:        "injection_attempt_rate",
		Title:       "Injection attempts",
		Description: "In which share of conversations somebody tries to turn the copilot against its instructions.",
		Definition:  "Conversations with a message that was found to be an injection attempt, divided by conversations that were analysed. Coverage is the share of conversations that were analysed.",
		Unit:        Ratio,
		Better:      Neither,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Count, Where: query.Is("injection_attempts", query.Greater, "0")},
		Per:         &query.Measure{Op: query.Count, Where: analysed()},
		Of:          new(count()),
		CoverageOf:  "conversations that were analysed",
		Dimensions:  conversationDimensions(),
	}
}
