package metric

import "github.com/debrief-dev/debrief/internal/query"

// cancelledCalls defines cancelled_calls: how often users or clients stopped an answer.
func cancelledCalls() Metric {
	return Metric{
		Name:        "cancelled_calls",
		Title:       "Cancelled model calls",
		Description: "How often users or clients stopped an answer.",
		Definition:  "Model calls of action cancelled.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Events,
		Rows:        ofModels("cancelled"),
		Value:       count(),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
