package metric

import "github.com/debrief-dev/debrief/internal/query"

// activeUsers defines active_users: how many signed-in users use the product.
func activeUsers() Metric {
	return Metric{
		Name:        "active_users",
		Title:       "Active users",
		Description: "How many signed-in users use the product.",
		Definition:  "Distinct user ids with any track event in the period.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        query.AllOf(tracked(), has("user_id")),
		Value:       query.Measure{Op: query.Distinct, Field: "user_id"},
		Dimensions:  eventDimensions(),
	}
}
