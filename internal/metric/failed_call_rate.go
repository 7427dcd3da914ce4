package metric

import "github.com/debrief-dev/debrief/internal/query"

// failedCallRate defines failed_call_rate: which share of model calls fails.
func failedCallRate() Metric {
	return Metric{
		Name:        "failed_call_rate",
		Title:       "Failed model call rate",
		Description: "Which share of model calls fails.",
		Definition:  "Model calls of action failed divided by model calls.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Events,
		Rows:        ofModels(),
		Value:       query.Measure{Op: query.Count, Where: query.Is("action", query.Eq, "failed")},
		Per:         new(count()),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
