package metric

import "github.com/debrief-dev/debrief/internal/query"

// costPerConversation defines cost_per_conversation: what a conversation costs, in US dollars.
func costPerConversation() Metric {
	return Metric{
		Name:        "cost_per_conversation",
		Title:       "Cost per conversation",
		Description: "What a conversation costs, in US dollars.",
		Definition:  "Sum of the costs of the model calls of a conversation, over conversations in which a call has one.",
		Unit:        USD,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        has("cost_usd"),
		Value:       query.Measure{Field: "cost_usd"},
		Stats:       []Stat{Mean, Median, P90, P95, P99, Min, Max, Sum},
		Dimensions:  conversationDimensions("model"),
	}
}
