package metric

import "github.com/debrief-dev/debrief/internal/query"

// modelCalls defines model_calls: how often models were called.
func modelCalls() Metric {
	return Metric{
		Name:        "model_calls",
		Title:       "Model calls",
		Description: "How often models were called.",
		Definition:  "Generations that count usage (counts_usage), whether completed, failed or cancelled: a call that others wrap is counted, its agents, workflows and steps are not.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        ofModels(),
		Value:       count(),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
