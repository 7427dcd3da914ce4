package metric

import "github.com/debrief-dev/debrief/internal/query"

// toolFailures defines tool_failures: how often a tool failed.
func toolFailures() Metric {
	return Metric{
		Name:        "tool_failures",
		Title:       "Tool failures",
		Description: "How often a tool failed.",
		Definition:  "Tool calls that say they failed (tool_ok is false).",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("tool", "called"), query.Is("tool_ok", query.Eq, "false")),
		Value:       count(),
		Dimensions:  eventDimensions("tool_name", "tool_type", "agent_name", "error_type"),
	}
}
