package metric

import "github.com/debrief-dev/debrief/internal/query"

// outputTokens defines output_tokens: how much text was written by models.
func outputTokens() Metric {
	return Metric{
		Name:        "output_tokens",
		Title:       "Output tokens",
		Description: "How much text was written by models.",
		Definition:  "Sum of output tokens over model calls, so that none counts twice. Tokens of reasoning are included where the provider counts them so. Coverage is the share of model calls that say them.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        ofModels(),
		Value:       query.Measure{Op: query.Sum, Field: "output_tokens"},
		Of:          new(count()),
		CoverageOf:  "model calls that say their tokens",
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
