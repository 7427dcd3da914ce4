package metric

import "github.com/debrief-dev/debrief/internal/event"

// resolvedRate defines resolved_rate: which share of conversations ends well.
func resolvedRate() Metric {
	return ended(Metric{
		Name:        "resolved_rate",
		Title:       "Resolved",
		Description: "Which share of conversations ends well.",
		Definition:  "Conversations whose outcome is resolved or converted, divided by conversations that have an outcome and are no longer open. Coverage is the share of conversations whose outcome is known.",
		Better:      Up,
	}, event.OutcomeResolved, event.OutcomeConverted)
}
