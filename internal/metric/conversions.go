package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversions defines conversions: how often the goal is reached.
func conversions() Metric {
	return Metric{
		Name:        "conversions",
		Title:       "Conversions",
		Description: "How often the goal is reached.",
		Definition:  "Track events that match the conversion definition, in conversations or not; with attribution=explicit, only those that name their conversation.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        tracked(),
		Value:       count(),
		Conversion:  true,
		Dimensions:  eventDimensions("source_event", "conversion_name"),
	}
}
