package metric

import "github.com/debrief-dev/debrief/internal/query"

// returningUsers defines returning_users: how many users came back.
func returningUsers() Metric {
	return Metric{
		Name:        "returning_users",
		Title:       "Returning users",
		Description: "How many users came back.",
		Definition:  "Distinct user ids with a track event in the period and one before it.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Users,
		Value:       query.Measure{Op: query.Count, Where: not(isTrue("new"))},
		Dimensions:  []string{"conversations", "messages"},
	}
}
