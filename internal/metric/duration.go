package metric

import "github.com/debrief-dev/debrief/internal/query"

// duration defines duration: how long conversations last.
func duration() Metric {
	return Metric{
		Name:        "duration",
		Title:       "Duration",
		Description: "How long conversations last.",
		Definition:  "Last message minus first message of a conversation, 0 with one message; conversations without messages have none.",
		Unit:        Millis,
		Better:      Neither,
		Grain:       query.Conversations,
		Rows:        has("duration_ms"),
		Value:       query.Measure{Field: "duration_ms"},
		Stats:       distribution(),
		Dimensions:  conversationDimensions(),
	}
}
