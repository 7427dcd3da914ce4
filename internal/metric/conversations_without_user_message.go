package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversationsWithoutUserMessage defines conversations_without_user_message: in how many conversations the user said nothing.
func conversationsWithoutUserMessage() Metric {
	return Metric{
		Name:        "conversations_without_user_message",
		Title:       "Conversations without user message",
		Description: "In how many conversations the user said nothing.",
		Definition:  "Conversations that have a message, but none of role user.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        query.AllOf(withMessages(), query.Is("user_messages", query.Eq, "0")),
		Value:       count(),
		Dimensions:  conversationDimensions(),
	}
}
