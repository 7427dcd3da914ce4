// Package posthog is the vocabulary of PostHog's AI events, $ai_generation and its kin, through PostHog's
// own route or as track calls. What one event says of a trace becomes a row of that trace; who took part
// and which messages came of it is derived from the rows of the whole trace. Only package app imports it.
package posthog

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps PostHog's AI events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// The names of PostHog's events.
const (
	generation = "$ai_generation"
	traced     = "$ai_trace"
	span       = "$ai_span"
	embedding  = "$ai_embedding"
	metric     = "$ai_metric"
	feedback   = "$ai_feedback"
	evaluation = "$ai_evaluation"
	surveySent = "survey sent"
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "posthog" }

// Claims implements [vocab.Vocabulary]: track calls of the AI events, and answers to surveys that name a
// trace.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	switch c.Name {
	case generation, traced, span, embedding, metric, feedback, evaluation:
		return true
	case surveySent:
		text, ok := c.Property("$ai_trace_id").Text()
		return ok && text != ""
	}
	return false
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	place(c)
	switch c.Name {
	case generation:
		modelCall(c, "chat")
	case embedding:
		modelCall(c, "embedding")
	case traced:
		wholeTrace(c)
	case span:
		step(c)
	case metric:
		measured(c)
	case feedback:
		commented(c)
	case evaluation:
		evaluated(c)
	case surveySent:
		answered(c)
	}
	c.TakeAgent()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "missing_trace_id", Violation: true, Meaning: "`$ai_trace_id` is absent", When: "all but " + evaluation},
		{Name: "missing_comment", Violation: true, Meaning: "`$ai_feedback_text` is absent", When: feedback},
		{Name: "missing_metric", Violation: true, Meaning: "`$ai_metric_name` or `$ai_metric_value` is absent", When: metric},
	}
}

// place maps where an event belongs. Without a conversation of its own it gets that of its trace, once
// the rows of the trace are there.
func place(c *vocab.Call) {
	e := c.Row
	e.TraceID = c.TakeText("$ai_trace_id")
	if e.TraceID == "" && c.Name != evaluation {
		c.Violation("missing_trace_id")
	}
	if e.ConversationID == "" {
		if id := c.TakeText("$ai_session_id"); id != "" {
			c.SetConversation(id)
		}
	}
	if e.SessionID == "" {
		e.SessionID = c.TakeText("$session_id")
	}
	e.SpanID = c.TakeText("$ai_span_id", "$ai_generation_id")
	e.ParentSpanID = c.TakeText("$ai_parent_id")
}

// measured maps a metric, whose value is text, whatever it measures.
func measured(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater, e.Scope = event.KindFeedback, "evaluated", "evaluator", "trace"
	e.FeedbackName = c.RequireText("missing_metric", "$ai_metric_name")
	value := c.RequireText("missing_metric", "$ai_metric_value")
	if _, ok := vocab.ParseNumber(value); ok {
		e.RatingRaw = value // its scale is the maker's own, so there is no score
	} else {
		e.Label = value
	}
}

func commented(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater, e.Actor, e.Scope = event.KindFeedback, "commented", "user", event.RoleUser, "trace"
	e.Comment = c.RequireText("missing_comment", "$ai_feedback_text")
}

// evaluated maps the verdict of an evaluation: a yes or no, or none where it did not apply.
func evaluated(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater = event.KindFeedback, "evaluated", "evaluator"
	if e.TraceID != "" {
		e.Scope = "trace"
	}
	e.FeedbackName = c.TakeText("$ai_evaluation_name")
	switch v := c.Property("$ai_evaluation_result"); {
	case v.IsBool():
		e.RatingRaw, _ = v.Text()
		c.Take("$ai_evaluation_result")
		e.RatingMin, e.RatingMax, e.Score = new(0.0), new(1.0), new(0.0)
		if e.RatingRaw == "true" {
			e.Score = new(1.0)
		}
	default:
		e.RatingRaw = c.TakeText("$ai_evaluation_result")
	}
	e.Comment = c.TakeText("$ai_evaluation_reasoning")
	e.Label = c.TakeText("$ai_sentiment_label")
	c.Signal(0)
}

// answered maps an answer to a survey: a rating if it is one, else a comment.
func answered(c *vocab.Call) {
	const key = "$survey_response"
	e := c.Row
	e.Kind, e.Action, e.Rater, e.Actor, e.Scope = event.KindFeedback, "rated", "user", event.RoleUser, "trace"
	e.FeedbackName = c.TakeText("$survey_name")
	if text, ok := c.Property(key).Text(); ok && text != "" && !vocab.IsRating(text) {
		e.Action, e.Comment = "commented", c.TakeText(key)
		return
	}
	c.TakeRating(key)
	c.SignalScore()
}
