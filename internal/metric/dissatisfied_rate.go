package metric

import "github.com/debrief-dev/debrief/internal/query"

// dissatisfiedRate defines dissatisfied_rate: in which share of conversations users show that an answer did not please them.
func dissatisfiedRate() Metric {
	return Metric{
		Name:        "dissatisfied_rate",
		Title:       "Dissatisfied",
		Description: "In which share of conversations users show that an answer did not please them.",
		Definition:  "Conversations with a turn of the user that shows dissatisfaction, divided by conversations that were analysed. Coverage is the share of conversations that were analysed.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Conversations,
		Value:       query.Measure{Op: query.Count, Where: query.Is("dissatisfied_turns", query.Greater, "0")},
		Per:         &query.Measure{Op: query.Count, Where: analysed()},
		Of:          new(count()),
		CoverageOf:  "conversations that were analysed",
		Dimensions:  conversationDimensions(),
	}
}
