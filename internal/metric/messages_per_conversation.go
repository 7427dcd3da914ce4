package metric

import "github.com/debrief-dev/debrief/internal/query"

// messagesPerConversation defines messages_per_conversation: how long conversations are.
func messagesPerConversation() Metric {
	return Metric{
		Name:        "messages_per_conversation",
		Title:       "Messages per conversation",
		Description: "How long conversations are.",
		Definition:  "Messages of any role in a conversation, over conversations that have a message.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        withMessages(),
		Value:       query.Measure{Field: "messages"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
