package metric

import "github.com/debrief-dev/debrief/internal/query"

// failedCalls defines failed_calls: how often a call of a model failed.
func failedCalls() Metric {
	return Metric{
		Name:        "failed_calls",
		Title:       "Failed model calls",
		Description: "How often a call of a model failed.",
		Definition:  "Model calls of action failed; error_type says why.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Events,
		Rows:        ofModels("failed"),
		Value:       count(),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
