package metric

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// ended completes a metric about the share of conversations that ended with one of the outcomes.
func ended(m Metric, outcomes ...string) Metric {
	m.Unit, m.Grain, m.Conversion = Ratio, query.Conversations, true
	m.Value = query.Measure{Op: query.Count, Where: query.Is("outcome", query.Eq, outcomes...)}
	m.Per = &query.Measure{Op: query.Count, Where: judged()}
	m.Of, m.CoverageOf = new(count()), "conversations whose outcome is known"
	m.Dimensions = conversationDimensions("model")
	return m
}

// judged are the conversations that have an outcome and are over.
func judged() *query.Filter {
	return query.AllOf(has("outcome"), not(query.Is("outcome", query.Eq, event.OutcomeOpen)))
}

// endedWell are those of them that were resolved or converted.
func endedWell() *query.Filter {
	return query.Is("outcome", query.Eq, event.OutcomeResolved, event.OutcomeConverted)
}

// analysed are the conversations that the analyser has looked at.
func analysed() *query.Filter { return has("analysis_version") }
