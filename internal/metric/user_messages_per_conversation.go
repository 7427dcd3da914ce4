package metric

import "github.com/debrief-dev/debrief/internal/query"

// userMessagesPerConversation defines user_messages_per_conversation: how long conversations are, counted in questions.
func userMessagesPerConversation() Metric {
	return Metric{
		Name:        "user_messages_per_conversation",
		Title:       "User messages per conversation",
		Description: "How long conversations are, counted in questions.",
		Definition:  "Messages of role user in a conversation, over conversations that have a message.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        withMessages(),
		Value:       query.Measure{Field: "user_messages"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
