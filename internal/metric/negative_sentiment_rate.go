package metric

import "github.com/debrief-dev/debrief/internal/query"

// negativeSentimentRate defines negative_sentiment_rate: in which share of conversations users sound negative.
func negativeSentimentRate() Metric {
	return Metric{
		Name:        "negative_sentiment_rate",
		Title:       "Negative sentiment",
		Description: "In which share of conversations users sound negative.",
		Definition:  "Conversations whose user messages together are negative, divided by conversations that have a sentiment. Coverage is the share of conversations that have a sentiment.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Count, Where: query.Is("sentiment", query.Eq, "negative")},
		Per:         &query.Measure{Op: query.Count, Field: "sentiment"},
		Of:          new(count()),
		CoverageOf:  "conversations that have a sentiment",
		Dimensions:  conversationDimensions(),
	}
}
