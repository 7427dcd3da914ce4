package metric

import "github.com/debrief-dev/debrief/internal/query"

// impliedSatisfaction defines implied_satisfaction: how content users are by their words and actions, ratings left out.
func impliedSatisfaction() Metric {
	return Metric{
		Name:        "implied_satisfaction",
		Title:       "Implied satisfaction",
		Description: "How content users are by their words and actions, ratings left out.",
		Definition:  "Mean over conversations of what the analyser concludes of words and signals, 0 to 1. Coverage is the share of conversations that it could be inferred of.",
		Unit:        Score,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Mean, Field: "implied_satisfaction"},
		Of:          new(count()),
		CoverageOf:  "conversations that it could be inferred of",
		Stats:       []Stat{Mean, Median, Min, Max},
		Dimensions:  conversationDimensions("satisfaction_source", "model"),
	}
}
