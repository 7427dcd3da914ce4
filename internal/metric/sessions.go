package metric

import "github.com/debrief-dev/debrief/internal/query"

// sessions defines sessions: how many visits there were.
func sessions() Metric {
	return Metric{
		Name:        "sessions",
		Title:       "Sessions",
		Description: "How many visits there were.",
		Definition:  "Distinct session ids on track events.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        query.AllOf(tracked(), has("session_id")),
		Value:       query.Measure{Op: query.Distinct, Field: "session_id"},
		Dimensions:  eventDimensions(),
	}
}
