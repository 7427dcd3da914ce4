package metric

import "github.com/debrief-dev/debrief/internal/event"

// escalatedRate defines escalated_rate: which share of conversations a person had to take over.
func escalatedRate() Metric {
	return ended(Metric{
		Name:        "escalated_rate",
		Title:       "Escalated",
		Description: "Which share of conversations a person had to take over.",
		Definition:  "Conversations whose outcome is escalated, divided by conversations that have an outcome and are no longer open. Coverage is the share of conversations whose outcome is known.",
		Better:      Down,
	}, event.OutcomeEscalated)
}
