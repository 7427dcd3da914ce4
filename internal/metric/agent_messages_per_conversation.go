package metric

import "github.com/debrief-dev/debrief/internal/query"

// agentMessagesPerConversation defines agent_messages_per_conversation: how long conversations are, counted in answers.
func agentMessagesPerConversation() Metric {
	return Metric{
		Name:        "agent_messages_per_conversation",
		Title:       "Agent messages per conversation",
		Description: "How long conversations are, counted in answers.",
		Definition:  "Messages of role agent in a conversation, over conversations that have a message.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        withMessages(),
		Value:       query.Measure{Field: "agent_messages"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
