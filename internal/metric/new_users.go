package metric

import "github.com/debrief-dev/debrief/internal/query"

// newUsers defines new_users: how many users came for the first time.
func newUsers() Metric {
	return Metric{
		Name:        "new_users",
		Title:       "New users",
		Description: "How many users came for the first time.",
		Definition:  "Distinct user ids whose first track event of all lies in the period.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Users,
		Value:       query.Measure{Op: query.Count, Where: isTrue("new")},
		Dimensions:  []string{"conversations", "messages"},
	}
}
