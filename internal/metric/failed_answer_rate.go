package metric

import "github.com/debrief-dev/debrief/internal/query"

// failedAnswerRate defines failed_answer_rate: which share of answers fails: could not find, do or say what was asked.
func failedAnswerRate() Metric {
	return Metric{
		Name:        "failed_answer_rate",
		Title:       "Failed answers",
		Description: "Which share of answers fails: could not find, do or say what was asked.",
		Definition:  "Agent messages that were found to have failed, divided by agent messages, over conversations that were analysed.",
		Unit:        Ratio,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        analysed(),
		Value:       query.Measure{Op: query.Sum, Field: "failed_answers"},
		Per:         &query.Measure{Op: query.Sum, Field: "agent_messages"},
		Dimensions:  conversationDimensions("model"),
	}
}
