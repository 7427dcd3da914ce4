// Package langfuse is the vocabulary of Langfuse's ingestion API: scores, which are feedback, and traces
// with their observations, which are rows of a trace. Scores are understood as track calls as well. Only
// package app imports it.
package langfuse

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps Langfuse's items. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// protocol is that of the door for Langfuse's API.
const protocol = "langfuse"

// The names of the items that have a mapping of their own. Observations are named after their type, with
// -create or -update behind it.
const (
	score  = "score-create"
	traced = "trace-create"
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "langfuse" }

// Claims implements [vocab.Vocabulary]: all that came through Langfuse's API, and scores that name what they
// are of.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	if c.Protocol == protocol {
		return true
	}
	if c.Name != score || c.Property("name").Absent() {
		return false
	}
	return c.Row.SessionID != "" || !c.Property("traceId").Absent() || !c.Property("observationId").Absent()
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	place(c)
	if c.Name == score {
		scored(c)
		return
	}
	observed(c)
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "missing_score_name", Violation: true, Meaning: "`name` is absent", When: score},
		{Name: "missing_trace_id", Violation: true, Meaning: "`traceId` is absent", When: "observations"},
	}
}

// place maps where an item belongs. Langfuse's session is the conversation. An item that names its trace
// alone gets the conversation of the trace, once that is known.
func place(c *vocab.Call) {
	e := c.Row
	if e.SessionID != "" && e.ConversationID == "" {
		c.SetConversation(e.SessionID)
	}
	e.TraceID = c.TakeText("traceId")
}

// scored maps a score.
func scored(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action = event.KindFeedback, "evaluated"
	e.FeedbackName = c.RequireText("missing_score_name", "name")
	e.SpanID = c.TakeText("observationId")
	e.Rater = raterOf(c)
	if e.Rater == "user" {
		e.Action, e.Actor = "rated", event.RoleUser
	}
	switch {
	case e.SpanID != "" || e.TraceID != "":
		e.Scope = "trace"
	case e.ConversationID != "":
		e.Scope = "conversation"
	}
	valued(c)
	e.Comment = c.TakeText("comment")
	if e.Rater == "user" {
		c.SignalScore()
	}
}

// raterOf says who scored. Scores that come through the API do not say: those named after users' feedback
// are users'. What is a machine's must not pass for what users think.
func raterOf(c *vocab.Call) string {
	said, _ := c.Property("source").Text()
	switch strings.ToUpper(said) {
	case "ANNOTATION":
		return "reviewer"
	case "EVAL":
		return "evaluator"
	}
	name := strings.ToLower(c.Row.FeedbackName)
	for _, word := range [...]string{"user", "feedback", "thumb", "rating", "csat", "nps", "satisfaction", "like"} {
		if strings.Contains(name, word) {
			return "user"
		}
	}
	return "evaluator"
}

// valued maps the value of a score by its data type. The scale of a number is not sent: a user's is read as
// any rating is, a machine's has no score.
func valued(c *vocab.Call) {
	const key = "value"
	e := c.Row
	kind, _ := c.Property("dataType").Text()
	text, scalar := c.Property(key).Text()
	boolean := strings.EqualFold(kind, "BOOLEAN") || kind == "" && c.Property(key).IsBool()
	switch {
	case scalar && (strings.EqualFold(kind, "CATEGORICAL") || !boolean && !vocab.IsRating(text)):
		e.Label = c.TakeText(key)
	case boolean:
		c.TakeRatingOn(key, "boolean")
	case e.Rater == "user":
		own := ""
		if n, ok := vocab.ParseNumber(text); ok && (n == 0 || n == 1 || n == -1) {
			own = "thumbs" // users' feedback of one or none; stars of 1 say so by the source's scale
		}
		c.TakeRatingOn(key, own)
	default:
		if e.RatingRaw = c.TakeText(key); e.RatingRaw == "" {
			c.Violation("missing_rating")
		}
	}
}
