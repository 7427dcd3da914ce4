package metric

import "github.com/debrief-dev/debrief/internal/query"

// responseTime defines response_time: how long users wait for answers.
func responseTime() Metric {
	return Metric{
		Name:        "response_time",
		Title:       "Response time",
		Description: "How long users wait for answers.",
		Definition:  "An agent's message minus the user's message directly before it in the conversation.",
		Unit:        Millis,
		Better:      Down,
		Grain:       query.Events,
		Rows:        has("response_ms"),
		Value:       query.Measure{Field: "response_ms"},
		Stats:       distribution(),
		Dimensions:  eventDimensions("role"),
	}
}
