package amplitude

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// scored maps a score: a rating by a user, or the judgement of somebody else.
func scored(c *vocab.Call) {
	const source = prefix + "Evaluation Source"
	e := c.Row
	e.Kind, e.Action = event.KindFeedback, "evaluated"
	said, _ := c.Property(source).Text()
	switch strings.ToLower(said) {
	case "ai", "llm", "code", "evaluator":
		e.Rater = "evaluator"
	case "reviewer", "human":
		e.Rater = "reviewer"
	default:
		e.Action, e.Rater, e.Actor = "rated", "user", event.RoleUser
	}
	if said == e.Rater {
		c.Take(source)
	}
	valued(c)
}

// judged maps what Amplitude's evaluators found in a session.
func judged(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater = event.KindFeedback, "evaluated", "evaluator"
	valued(c)
}

// valued maps the value of a score, what it is of, and its signal.
func valued(c *vocab.Call) {
	const value = prefix + "Score Value"
	e := c.Row
	e.FeedbackName = c.TakeText(prefix+"Score Name", prefix+"Evaluator Name")
	e.Label = text(c, "Score Label")
	e.Comment = c.TakeText(prefix+"Comment", prefix+"Task Failure Reason")
	target(c)
	for _, key := range [...]string{value, prefix + "Quality Score"} {
		v, ok := c.Property(key).Text()
		if !ok || v == "" {
			continue
		}
		if !vocab.IsRating(v) {
			if e.Label == "" {
				e.Label = c.TakeText(key)
			}
			break
		}
		c.TakeRatingOn(key, scaleOf(e, v))
		break
	}
	c.SignalScore()
}

// scaleOf returns the scale of a value that comes without one. Amplitude's own are 0 to 1, thumbs as
// well; stars are told by their size. A plain 1 by a user is a thumb only if its name says so.
func scaleOf(e *event.Event, value string) string {
	n, ok := vocab.ParseNumber(value)
	switch {
	case !ok || n < 0 || n > 1:
		return ""
	case n == 1 && e.Rater == "user" && !namesThumb(e.FeedbackName):
		return ""
	}
	return "0-1"
}

// namesThumb reports whether a score of this name is a yes or a no.
func namesThumb(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"thumb", "helpful", "like", "binary", "accepted"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// target maps what a score is of.
func target(c *vocab.Call) {
	const id, kind = prefix + "Target ID", prefix + "Target Type"
	e := c.Row
	e.MessageID = text(c, "Message ID")
	said, _ := c.Property(kind).Text()
	switch strings.ToLower(said) {
	case "message":
		e.Scope = "message"
		if e.MessageID == "" {
			e.MessageID = c.TakeText(id)
		}
	case "trace":
		e.Scope = "trace"
		if e.TraceID == "" {
			e.TraceID = c.TakeText(id)
		}
	default:
		if e.Scope = "conversation"; e.MessageID != "" {
			e.Scope = "message"
		}
	}
	if said == e.Scope {
		c.Take(kind)
	}
}
