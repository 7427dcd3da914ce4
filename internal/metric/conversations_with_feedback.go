package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversationsWithFeedback defines conversations_with_feedback: in how many conversations users say what they think.
func conversationsWithFeedback() Metric {
	return Metric{
		Name:        "conversations_with_feedback",
		Title:       "Conversations with feedback",
		Description: "In how many conversations users say what they think.",
		Definition:  "Conversations with at least one feedback event.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Conversations,
		Rows:        query.Is("feedback", query.Greater, "0"),
		Value:       count(),
		Dimensions:  conversationDimensions(),
	}
}
