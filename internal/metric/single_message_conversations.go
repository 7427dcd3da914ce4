package metric

import "github.com/debrief-dev/debrief/internal/query"

// singleMessageConversations defines single_message_conversations: how many conversations are one message and no more.
func singleMessageConversations() Metric {
	return Metric{
		Name:        "single_message_conversations",
		Title:       "Single-message conversations",
		Description: "How many conversations are one message and no more.",
		Definition:  "Conversations with exactly one message.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        query.Is("messages", query.Eq, "1"),
		Value:       count(),
		Dimensions:  conversationDimensions(),
	}
}
