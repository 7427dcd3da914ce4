package metric

import "github.com/debrief-dev/debrief/internal/query"

// agentMessages defines agent_messages: how much the copilot says.
func agentMessages() Metric {
	return Metric{
		Name:        "agent_messages",
		Title:       "Agent messages",
		Description: "How much the copilot says.",
		Definition:  "Messages of role agent; human agents are not counted.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("message"), query.Is("role", query.Eq, "agent")),
		Value:       count(),
		Dimensions:  eventDimensions(),
	}
}
