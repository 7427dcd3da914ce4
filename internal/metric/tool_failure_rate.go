package metric

import "github.com/debrief-dev/debrief/internal/query"

// toolFailureRate defines tool_failure_rate: which share of tool calls fails.
func toolFailureRate() Metric {
	return Metric{
		Name:        "tool_failure_rate",
		Title:       "Tool failure rate",
		Description: "Which share of tool calls fails.",
		Definition:  "Tool calls that failed divided by tool calls that say whether they worked (tool_ok). Coverage is the share of tool calls that say so.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Events,
		Rows:        kind("tool", "called"),
		Value:       query.Measure{Op: query.Count, Where: query.Is("tool_ok", query.Eq, "false")},
		Per:         &query.Measure{Op: query.Count, Field: "tool_ok"},
		Of:          new(count()),
		CoverageOf:  "tool calls that say whether they worked",
		Dimensions:  eventDimensions("tool_name", "tool_type", "agent_name", "error_type"),
	}
}
