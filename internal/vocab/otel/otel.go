// Package otel is the vocabulary of OpenTelemetry's spans and log records about generative AI: all
// generations of its own conventions, the AI SDK of Vercel, OpenInference, OpenLLMetry and Langfuse. One
// span or record becomes one row; turns and messages are derived from the rows of a whole trace, in
// package trace. Only package app imports it.
package otel

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps spans and log records. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "otel" }

// Claims implements [vocab.Vocabulary]: all spans and log records.
func (Vocabulary) Claims(c *vocab.Call) bool { return c.Type == "span" || c.Type == "log" }

// Condenses reports whether an attribute is content, of which a row keeps in its parts what is new, in
// one form for all.
func (Vocabulary) Condenses(key string) bool { return isContent(key) }

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	r := newReader(c)
	r.place()
	if c.Type == "log" {
		r.log()
	} else {
		r.span()
		r.evaluationEvents()
	}
	r.takeUsed()
}

// span maps a span by what it does.
func (r *reader) span() {
	e := r.c.Row
	op := r.operation()
	e.SourceSubtype = op.word
	switch op.class {
	case classCall, classRun:
		r.generation(op)
	case classTool, classRetrieval, classMemory:
		r.tool(op)
	default:
		r.other()
	}
	e.LatencyMS = r.latency()
	r.c.Keep("span_name", r.c.Name)
}

// other maps a span that is none of a model: it links others to each other.
func (r *reader) other() {
	e := r.c.Row
	e.Kind, e.Action = event.KindProduct, "traced"
	r.failure()
	e.Parts = r.content(false).JSON()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "missing_timestamp", Meaning: "the row is stored at receive time", When: "a span without start, a log record without a time; noted at the door"},
		{Name: "missing_operation", Meaning: "a span was taken for a model call by its model and tokens", When: "spans that name no operation"},
		{Name: "unknown_operation", Meaning: "the operation is none of the conventions; with tokens the span was taken for a model call, else it is any other span", When: "spans"},
		{Name: "cached_tokens_added", Meaning: "cached tokens were added to the input tokens, which include them", When: "the sender counts them apart"},
		{Name: "negative_duration", Meaning: "the span has no latency", When: "it ends before it starts"},

		{Name: "missing_tool_name", Violation: true, Meaning: "the name of the span stands in for the tool's", When: "spans of tools"},
		{Name: "missing_evaluation_name", Violation: true, Meaning: "`gen_ai.evaluation.name` is absent", When: "gen_ai.evaluation.result"},
		{Name: "too_long_id", Violation: true, Meaning: "the id of a conversation, session or person has more than 1,024 characters; left in properties", When: "spans and log records"},
	}
}
