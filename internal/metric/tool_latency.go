package metric

import "github.com/debrief-dev/debrief/internal/query"

// toolLatency defines tool_latency: how long tool calls take.
func toolLatency() Metric {
	return Metric{
		Name:        "tool_latency",
		Title:       "Tool latency",
		Description: "How long tool calls take.",
		Definition:  "Latency of tool calls that say it (latency_ms).",
		Unit:        Millis,
		Better:      Down,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("tool", "called"), has("latency_ms")),
		Value:       query.Measure{Field: "latency_ms"},
		Stats:       distribution(),
		Dimensions:  eventDimensions("tool_name", "tool_type", "agent_name"),
	}
}
