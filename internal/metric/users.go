package metric

import "github.com/debrief-dev/debrief/internal/query"

// users defines users: how many signed-in users there are, by what they did.
func users() Metric {
	return Metric{
		Name:        "users",
		Title:       "Users",
		Description: "How many signed-in users there are, by what they did.",
		Definition:  "Distinct user ids with a track event, as active users; breaks down by facts of a user instead of by fields of events.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Users,
		Value:       count(),
		Dimensions:  []string{"new", "conversations", "messages"},
	}
}
