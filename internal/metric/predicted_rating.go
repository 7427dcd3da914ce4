package metric

import "github.com/debrief-dev/debrief/internal/query"

// predictedRating defines predicted_rating: what users would have rated.
func predictedRating() Metric {
	return Metric{
		Name:        "predicted_rating",
		Title:       "Predicted rating",
		Description: "What users would have rated.",
		Definition:  "Mean over conversations of the rating that the analyser predicts, 0 to 1. Coverage is the share of conversations that it could be predicted of.",
		Unit:        Score,
		Better:      Up,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Mean, Field: "predicted_rating"},
		Of:          new(count()),
		CoverageOf:  "conversations that it could be predicted of",
		Stats:       []Stat{Mean, Median, Min, Max},
		Dimensions:  conversationDimensions("satisfaction_source", "model"),
	}
}
