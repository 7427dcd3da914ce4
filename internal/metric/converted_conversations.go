package metric

import "github.com/debrief-dev/debrief/internal/query"

// convertedConversations defines converted_conversations: how many conversations reach the goal.
func convertedConversations() Metric {
	return Metric{
		Name:        "converted_conversations",
		Title:       "Converted conversations",
		Description: "How many conversations reach the goal.",
		Definition:  "Conversations with an event that matches the conversion definition. An event without conversation id belongs to the last conversation of the same person that was active in the 30 minutes before it.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Conversations,
		Rows:        isTrue("converted"),
		Value:       count(),
		Conversion:  true,
		Dimensions:  conversationDimensions(),
	}
}
