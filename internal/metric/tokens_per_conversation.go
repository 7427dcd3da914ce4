package metric

import "github.com/debrief-dev/debrief/internal/query"

// tokensPerConversation defines tokens_per_conversation: how much text models read and wrote in a conversation.
func tokensPerConversation() Metric {
	return Metric{
		Name:        "tokens_per_conversation",
		Title:       "Tokens per conversation",
		Description: "How much text models read and wrote in a conversation.",
		Definition:  "Input and output tokens of the model calls of a conversation, over conversations in which a call says any.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        has("tokens"),
		Value:       query.Measure{Field: "tokens"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions("model"),
	}
}
