package metric

import "github.com/debrief-dev/debrief/internal/query"

// generationLatency defines generation_latency: how long models take to answer.
func generationLatency() Metric {
	return Metric{
		Name:        "generation_latency",
		Title:       "Generation latency",
		Description: "How long models take to answer.",
		Definition:  "From the request to the end of the answer (latency_ms), over completed model calls; embeddings, images and speech are left out.",
		Unit:        Millis,
		Better:      Down,
		Grain:       query.Events,
		Rows:        query.AllOf(ofModels("completed"), not(query.Is("operation", query.Eq, "embedding", "embeddings", "image", "speech")), has("latency_ms")),
		Value:       query.Measure{Field: "latency_ms"},
		Stats:       distribution(),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}
