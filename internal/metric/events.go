package metric

import "github.com/debrief-dev/debrief/internal/query"

// events defines events: how many calls were stored.
func events() Metric {
	return Metric{
		Name:        "events",
		Title:       "Events",
		Description: "How many calls were stored.",
		Definition:  "Stored rows that stand for an accepted call, identify and page calls included; rows derived from others are left out.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        not(has("derived_from")),
		Value:       count(),
		Dimensions:  eventDimensions("source_event", "kind", "vocabulary"),
	}
}
