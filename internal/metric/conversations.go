package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversations defines conversations: how much the copilot is used.
func conversations() Metric {
	return Metric{
		Name:        "conversations",
		Title:       "Conversations",
		Description: "How much the copilot is used.",
		Definition:  "Distinct conversation ids on track calls. A conversation belongs to the time of its Conversation Started, else of its first event.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       count(),
		Dimensions:  conversationDimensions(),
	}
}
