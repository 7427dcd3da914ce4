package metric

import "github.com/debrief-dev/debrief/internal/query"

// firstResponseTime defines first_response_time: how long users wait for the first answer.
func firstResponseTime() Metric {
	return Metric{
		Name:        "first_response_time",
		Title:       "First response time",
		Description: "How long users wait for the first answer.",
		Definition:  "The first agent message after the first user message of a conversation, minus that user message.",
		Unit:        Millis,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        has("first_response_ms"),
		Value:       query.Measure{Field: "first_response_ms"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
