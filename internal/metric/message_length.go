package metric

import "github.com/debrief-dev/debrief/internal/query"

// messageLength defines message_length: how long messages are.
func messageLength() Metric {
	return Metric{
		Name:        "message_length",
		Title:       "Message length",
		Description: "How long messages are.",
		Definition:  "Unicode code points of the body of a message, as it was before redaction.",
		Unit:        Chars,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("message"), has("body_chars")),
		Value:       query.Measure{Field: "body_chars"},
		Stats:       distribution(),
		Dimensions:  eventDimensions("role"),
	}
}
