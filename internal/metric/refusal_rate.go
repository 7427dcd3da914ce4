package metric

import "github.com/debrief-dev/debrief/internal/query"

// refusalRate defines refusal_rate: which share of answers refuses what was asked.
func refusalRate() Metric {
	return Metric{
		Name:        "refusal_rate",
		Title:       "Refusals",
		Description: "Which share of answers refuses what was asked.",
		Definition:  "Agent messages that were found to be refusals, divided by agent messages, over conversations that were analysed.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        analysed(),
		Value:       query.Measure{Op: query.Sum, Field: "refusals"},
		Per:         &query.Measure{Op: query.Sum, Field: "agent_messages"},
		Dimensions:  conversationDimensions("model"),
	}
}
