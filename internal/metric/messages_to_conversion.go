package metric

import "github.com/debrief-dev/debrief/internal/query"

// messagesToConversion defines messages_to_conversion: how much users have to say until they reach the goal.
func messagesToConversion() Metric {
	return Metric{
		Name:        "messages_to_conversion",
		Title:       "Messages to conversion",
		Description: "How much users have to say until they reach the goal.",
		Definition:  "User messages not later than the first conversion of a conversation, over converted conversations.",
		Unit:        Number,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        has("messages_to_conversion"),
		Value:       query.Measure{Field: "messages_to_conversion"},
		Conversion:  true,
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
