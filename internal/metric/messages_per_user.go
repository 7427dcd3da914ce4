package metric

import "github.com/debrief-dev/debrief/internal/query"

// messagesPerUser defines messages_per_user: how much a user talks with the copilot.
func messagesPerUser() Metric {
	return Metric{
		Name:        "messages_per_user",
		Title:       "Messages per user",
		Description: "How much a user talks with the copilot.",
		Definition:  "Messages of any role on the track events of a user in the period, over user ids with a track event.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Users,
		Value:       query.Measure{Field: "messages"},
		Stats:       distribution(),
		Dimensions:  []string{"new"},
	}
}
