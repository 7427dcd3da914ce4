package metric

import "github.com/debrief-dev/debrief/internal/query"

// satisfaction defines satisfaction: how content users are, where they said so.
func satisfaction() Metric {
	return Metric{
		Name:        "satisfaction",
		Title:       "Satisfaction",
		Description: "How content users are, where they said so.",
		Definition:  "Mean over rated conversations of the mean score (0 to 1, from any scale) of their ratings. Coverage is the share of conversations that were rated.",
		Unit:        Score,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Mean, Field: "score"},
		Of:          new(count()),
		CoverageOf:  "conversations that were rated",
		Stats:       []Stat{Mean, Median, Min, Max},
		Dimensions:  conversationDimensions(),
	}
}
