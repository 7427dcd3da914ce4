package metric

import "github.com/debrief-dev/debrief/internal/event"

// abandonedRate defines abandoned_rate: which share of conversations is left without a result.
func abandonedRate() Metric {
	return ended(Metric{
		Name:        "abandoned_rate",
		Title:       "Abandoned",
		Description: "Which share of conversations is left without a result.",
		Definition:  "Conversations whose outcome is abandoned, divided by conversations that have an outcome and are no longer open. Coverage is the share of conversations whose outcome is known.",
		Better:      Down,
	}, event.OutcomeAbandoned)
}
