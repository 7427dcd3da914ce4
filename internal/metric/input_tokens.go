package metric

import "github.com/debrief-dev/debrief/internal/query"

// inputTokens defines input_tokens: how much text was sent to models.
func inputTokens() Metric {
	return Metric{
		Name:        "input_tokens",
		Title:       "Input tokens",
		Description: "How much text was sent to models.",
		Definition:  "Sum of input tokens over model calls, so that none counts twice. Cached tokens are included. Coverage is the share of model calls that say them.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        ofModels(),
		Value:       query.Measure{Op: query.Sum, Field: "input_tokens"},
		Of:          new(count()),
		CoverageOf:  "model calls that say their tokens",
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
