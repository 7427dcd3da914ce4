package metric

import "github.com/debrief-dev/debrief/internal/query"

// userMessages defines user_messages: how much users say.
func userMessages() Metric {
	return Metric{
		Name:        "user_messages",
		Title:       "User messages",
		Description: "How much users say.",
		Definition:  "Messages of role user.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("message"), query.Is("role", query.Eq, "user")),
		Value:       count(),
		Dimensions:  eventDimensions(),
	}
}
