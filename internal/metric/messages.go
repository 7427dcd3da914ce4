package metric

import "github.com/debrief-dev/debrief/internal/query"

// messages defines messages: how much is said.
func messages() Metric {
	return Metric{
		Name:        "messages",
		Title:       "Messages",
		Description: "How much is said.",
		Definition:  "Messages of any role; break down by role to tell users from the copilot.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("message"),
		Value:       count(),
		Dimensions:  eventDimensions("role"),
	}
}
