package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversationsPerUser defines conversations_per_user: how often a user comes to the copilot.
func conversationsPerUser() Metric {
	return Metric{
		Name:        "conversations_per_user",
		Title:       "Conversations per user",
		Description: "How often a user comes to the copilot.",
		Definition:  "Distinct conversation ids on the track events of a user in the period, over user ids with a track event.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Users,
		Value:       query.Measure{Field: "conversations"},
		Stats:       distribution(),
		Dimensions:  []string{"new"},
	}
}
