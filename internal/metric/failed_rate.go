package metric

import "github.com/debrief-dev/debrief/internal/event"

// failedRate defines failed_rate: which share of conversations fails.
func failedRate() Metric {
	return ended(Metric{
		Name:        "failed_rate",
		Title:       "Failed",
		Description: "Which share of conversations fails.",
		Definition:  "Conversations whose outcome is failed, divided by conversations that have an outcome and are no longer open. Coverage is the share of conversations whose outcome is known.",
		Better:      Down,
	}, event.OutcomeFailed)
}
