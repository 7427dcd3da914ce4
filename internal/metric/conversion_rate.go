package metric

import "github.com/debrief-dev/debrief/internal/query"

// conversionRate defines conversion_rate: which share of conversations reaches the goal.
func conversionRate() Metric {
	return Metric{
		Name:        "conversion_rate",
		Title:       "Conversion rate",
		Description: "Which share of conversations reaches the goal.",
		Definition:  "Converted conversations divided by conversations.",
		Unit:        Ratio,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Count, Where: isTrue("converted")},
		Per:         new(count()),
		Conversion:  true,
		Dimensions:  conversationDimensions(),
	}
}
