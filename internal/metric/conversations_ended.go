package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversationsEnded defines conversations_ended: how many conversations were ended on purpose.
func conversationsEnded() Metric {
	return Metric{
		Name:        "conversations_ended",
		Title:       "Ended conversations",
		Description: "How many conversations were ended on purpose.",
		Definition:  "Conversations with an explicit end: a Conversation Ended event, or their deletion.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        isTrue("ended"),
		Value:       count(),
		Dimensions:  conversationDimensions("end_reason"),
	}
}
