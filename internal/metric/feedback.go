package metric

import "github.com/debrief-dev/debrief/internal/query"

// feedback defines feedback: how often users say what they think.
func feedback() Metric {
	return Metric{
		Name:        "feedback",
		Title:       "Feedback",
		Description: "How often users say what they think.",
		Definition:  "Feedback events: ratings and comments.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("feedback"),
		Value:       count(),
		Dimensions:  eventDimensions("action", "rating_raw", "label", "scope", "feedback_name"),
	}
}
