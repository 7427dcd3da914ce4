package otel

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// The names of the conventions' log records, beside those of messages.
const (
	evaluation = "gen_ai.evaluation.result"
	details    = "gen_ai.client.inference.operation.details"
	exception  = "gen_ai.client.operation.exception"
)

// log maps a log record.
func (r *reader) log() {
	c, e := r.c, r.c.Row
	if len(c.Name) <= longestWord {
		e.SourceSubtype = c.Name
	}
	if v, ok := c.Property("event.name").Text(); ok && v == e.SourceSubtype {
		c.Take("event.name") // the subtype says it, too
	}
	if severity, ok := c.TakeMember("severity").Text(); ok {
		c.Keep("severity", severity)
	}
	input, role, isMessage := messageEvent(c.Name)
	switch {
	case c.Name == evaluation:
		r.evaluated(e, recordAttributes{r})
	case c.Name == details:
		r.details()
	case c.Name == exception:
		r.thrown()
	case isMessage:
		r.message(input, role)
	default:
		e.Kind, e.Action = event.KindProduct, "traced"
		r.failure()
	}
}

// details maps what a model call was, told beside its span. If the span comes as well, it takes from the
// record what it lacks, and the record is no call of its own any more.
func (r *reader) details() {
	op := r.operation()
	if op.class != classRun {
		op.class = classCall
	}
	if op.name == "" {
		op.name = "chat"
	}
	r.slots[fieldOperation].used = op.word == op.name // the subtype is the record's name
	r.generation(op)
}

// thrown maps an exception of a model call; as details, if its span comes.
func (r *reader) thrown() {
	e := r.c.Row
	e.Kind, e.Action, e.Actor = event.KindGeneration, "failed", event.RoleAgent
	e.Operation, e.CountsUsage = "chat", true
	r.model()
	if !r.failure() {
		e.ErrorType = "error"
	}
	e.SignalDimension, e.SignalWeight = "answer", new(-0.6)
}

// message maps a record with one message. It is joined to its span by the ids of both.
func (r *reader) message(input bool, role string) {
	c, e := r.c, r.c.Row
	e.Kind, e.Action = event.KindProduct, "traced"
	body := c.Member("body")
	messages := trace.ParseMessages([]byte(body.JSON()), role)
	if messages == nil { // not captured; that there was one is known
		messages = []message{{Role: role}}
		if !body.Absent() {
			messages[0].FinishReason = finishOf(body)
		}
	}
	c.TakeMember("body")
	e.Provider = r.provider()
	if input {
		e.Parts = trace.Content{Input: messages}.JSON()
		return
	}
	e.Parts = trace.Content{Output: messages}.JSON()
	if word := messages[len(messages)-1].FinishReason; len(word) <= longestWord {
		e.FinishReason = vocab.FinishReason(word)
	}
}

// finishOf reads why the model stopped of a choice without a message.
func finishOf(body vocab.Value) string {
	var choice struct {
		FinishReason string `json:"finish_reason"`
	}
	decode(body, &choice)
	return choice.FinishReason
}

// attributes are those of a record, or of a span's event.
type attributes interface {
	get(f field) string
}

// recordAttributes are those of the call.
type recordAttributes struct{ r *reader }

func (a recordAttributes) get(f field) string { return a.r.text(f) }

// eventAttributes are those of a span's event.
type eventAttributes struct{ ev *spanEvent }

func (a eventAttributes) get(f field) string {
	for _, name := range names(f) {
		if s := a.ev.text(name); s != "" {
			return s
		}
		var n json.Number
		if json.Unmarshal(a.ev.Attributes[name], &n) == nil && n != "" {
			return n.String()
		}
	}
	return ""
}

// evaluationEvents makes a further row of each evaluation that came as an event of the span.
func (r *reader) evaluationEvents() {
	for i := range r.trace.Events {
		ev := &r.trace.Events[i]
		if ev.Name != evaluation {
			continue
		}
		e := r.c.Also("evaluation" + strconv.Itoa(i))
		e.OccurredAt, e.SpanID = r.c.At(ev.Time), r.trace.SpanID
		r.evaluated(e, eventAttributes{ev})
	}
}

// evaluated maps a verdict on an answer. Its scale is the evaluator's own: only a plan or the source's
// settings make a score of it.
func (r *reader) evaluated(e *event.Event, a attributes) {
	c := r.c
	e.Kind, e.Action, e.Rater = event.KindFeedback, "evaluated", "evaluator"
	if e.FeedbackName = a.get(fieldEvaluation); e.FeedbackName == "" {
		c.Violation("missing_evaluation_name")
	}
	e.Label, e.Comment = a.get(fieldLabel), a.get(fieldExplanation)
	e.RatingRaw, e.MessageID = a.get(fieldScore), a.get(fieldResponseID)
	e.ErrorType = a.get(fieldErrorType)
	e.Scope = "trace"
	if e.MessageID != "" || e.SpanID != "" {
		e.Scope = "message"
	}
	e.SignalDimension, e.SignalWeight = "answer", new(0.0)
	scale, known := vocab.Scale{}, false
	if plan := c.Source.PlannedScale; plan != nil {
		scale, known = vocab.ParseScale(plan(c.Type, evaluation))
	}
	if !known {
		scale, known = vocab.ParseScale(c.Source.RatingScale)
	}
	n, ok := vocab.ParseNumber(strings.TrimSpace(e.RatingRaw))
	if !known || !ok {
		return
	}
	e.RatingMin, e.RatingMax = new(scale.Min), new(scale.Max)
	if n < scale.Min || n > scale.Max {
		c.Violation("rating_out_of_range")
		return
	}
	e.Score = new((n - scale.Min) / (scale.Max - scale.Min))
	e.SignalWeight = new(2**e.Score - 1)
}
