package metric

import "github.com/debrief-dev/debrief/internal/query"

// actions defines actions: what the copilot does beside talking.
func actions() Metric {
	return Metric{
		Name:        "actions",
		Title:       "Actions",
		Description: "What the copilot does beside talking.",
		Definition:  "Actions invoked: tool calls by name (tool_name) and type (tool_type).",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("tool", "called"),
		Value:       count(),
		Dimensions:  eventDimensions("tool_name", "tool_type", "actor", "tool_ok"),
	}
}
