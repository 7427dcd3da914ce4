package metric

import "github.com/debrief-dev/debrief/internal/query"

// overallSatisfaction defines overall_satisfaction: how content users are: what they said where they said it, else what their words and actions tell.
func overallSatisfaction() Metric {
	return Metric{
		Name:        "overall_satisfaction",
		Title:       "Satisfaction, rated or inferred",
		Description: "How content users are: what they said where they said it, else what their words and actions tell.",
		Definition:  "Mean over conversations of the score of their ratings (0 to 1), else of their implied satisfaction. Break down by satisfaction_source to see how much is rated, inferred and unknown. Coverage is the share of conversations that were rated or whose satisfaction could be inferred.",
		Unit:        Score,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Mean, Field: "satisfaction"},
		Of:          new(count()),
		CoverageOf:  "conversations that were rated or whose satisfaction could be inferred",
		Stats:       []Stat{Mean, Median, Min, Max},
		Dimensions:  conversationDimensions("satisfaction_source", "model"),
	}
}
