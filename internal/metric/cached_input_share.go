package metric

import "github.com/debrief-dev/debrief/internal/query"

// cachedInputShare defines cached_input_share: which share of what is sent to models they had cached.
func cachedInputShare() Metric {
	return Metric{
		Name:        "cached_input_share",
		Title:       "Cached input share",
		Description: "Which share of what is sent to models they had cached.",
		Definition:  "Cached input tokens (cache_read_tokens) divided by input tokens, over model calls that say their input tokens; calls that say nothing of a cache count as not cached, and where none says anything the share is unknown.",
		Unit:        Ratio,
		Better:      Up,
		Grain:       query.Events,
		Rows:        query.AllOf(ofModels(), has("input_tokens")),
		Value:       query.Measure{Op: query.Sum, Field: "cache_read_tokens"},
		Per:         &query.Measure{Op: query.Sum, Field: "input_tokens"},
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
