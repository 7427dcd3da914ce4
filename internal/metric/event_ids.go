package metric

import "github.com/debrief-dev/debrief/internal/query"

// eventIDs defines event_ids: how many distinct ids the events have.
func eventIDs() Metric {
	return Metric{
		Name:        "event_ids",
		Title:       "Event ids",
		Description: "How many distinct ids the stored calls have: as many as events, however often they were sent.",
		Definition:  "Distinct event ids of the rows that events counts.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        not(has("derived_from")),
		Value:       query.Measure{Op: query.Distinct, Field: "id"},
		Dimensions:  eventDimensions("source_event", "kind", "vocabulary"),
	}
}
