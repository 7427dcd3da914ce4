package metric

import "github.com/debrief-dev/debrief/internal/query"

// people defines people: how many people use the product, signed in or not.
func people() Metric {
	return Metric{
		Name:        "people",
		Title:       "People",
		Description: "How many people use the product, signed in or not.",
		Definition:  "Distinct persons with a track event in the period: whom its ids were decided to be, else the user id, else the one person known for the anonymous id, else the anonymous id.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        tracked(),
		Value:       query.Measure{Op: query.Distinct, Field: "person"},
		Dimensions:  eventDimensions(),
	}
}
