package metric

import "github.com/debrief-dev/debrief/internal/query"

// rephraseRate defines rephrase_rate: in which share of conversations users ask the same again.
func rephraseRate() Metric {
	return Metric{
		Name:        "rephrase_rate",
		Title:       "Rephrased",
		Description: "In which share of conversations users ask the same again.",
		Definition:  "Conversations with the signal rephrase, divided by conversations that were analysed. Coverage is the share of conversations that were analysed.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Count, Where: query.Is("signal", query.Eq, "rephrase")},
		Per:         &query.Measure{Op: query.Count, Where: analysed()},
		Of:          new(count()),
		CoverageOf:  "conversations that were analysed",
		Dimensions:  conversationDimensions(),
	}
}
