package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversationsWithoutAgentMessage defines conversations_without_agent_message: in how many conversations nobody answered.
func conversationsWithoutAgentMessage() Metric {
	return Metric{
		Name:        "conversations_without_agent_message",
		Title:       "Conversations without answer",
		Description: "In how many conversations nobody answered.",
		Definition:  "Conversations that have a message, but none of role agent or human_agent.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Conversations,
		Rows: query.AllOf(withMessages(), query.Is("agent_messages", query.Eq, "0"),
			query.Is("human_agent_messages", query.Eq, "0")),
		Value:      count(),
		Dimensions: conversationDimensions(),
	}
}
