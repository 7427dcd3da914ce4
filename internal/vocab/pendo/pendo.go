// Package pendo is the vocabulary of Pendo's agent analytics, its trackAgent events, sent as track calls.
// Their names are everyday words, so an event is Pendo's only with the properties that Pendo requires.
// Only package app imports it.
package pendo

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps Pendo's agent events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// The names of Pendo's events.
const (
	prompt   = "prompt"
	response = "agent_response"
	reaction = "user_reaction"
	traced   = "agent_trace"
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "pendo" }

// Claims implements [vocab.Vocabulary]: track calls of the four names that say agent, conversation,
// message and content; a trace, which has no message, the first two.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	switch c.Name {
	case prompt, response, reaction:
		return placed(c) && !c.Property("messageId").Absent() && !c.Property("content").Absent()
	case traced:
		return placed(c)
	}
	return false
}

func placed(c *vocab.Call) bool { return c.Row.ConversationID != "" && !c.Property("agentId").Absent() }

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	switch c.Name {
	case prompt:
		message(c, "sent", event.RoleUser)
	case response:
		message(c, "received", event.RoleAgent)
		answeredBy(c)
	case reaction:
		reacted(c)
	case traced:
		c.Row.Kind, c.Row.Action = event.KindProduct, "traced"
	}
	c.TakeAgent()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{{Name: "unknown_reaction", Violation: true, Meaning: "`content` is none of positive, negative and unreact; no score", When: reaction}}
}

func message(c *vocab.Call, action, role string) {
	e := c.Row
	e.Kind, e.Action, e.Role, e.Actor = event.KindMessage, action, role, role
	c.TakeOwnMessageID()
	c.TakeBody("missing_message_body", "content")
}

// answeredBy adds the call of the model that gave an answer, if the event names the model. Pendo does not
// say what it took.
func answeredBy(c *vocab.Call) {
	model := c.TakeText("modelUsed")
	if model == "" {
		return
	}
	call := c.Also("generation")
	call.Kind, call.Action, call.Actor = event.KindGeneration, "completed", event.RoleAgent
	call.Operation, call.CountsUsage, call.ResponseModel, call.MessageID = "chat", true, model, c.Row.MessageID
}

// reacted maps a reaction. Taking one back is a rating without a score; package withdraw then takes the
// score of the last one.
func reacted(c *vocab.Call) {
	const key = "content"
	e := c.Row
	e.Kind, e.Action, e.Rater, e.Actor, e.Scope = event.KindFeedback, "rated", "user", event.RoleUser, "message"
	c.TakeMessageID()
	said, _ := c.Property(key).Text()
	switch word := strings.ToLower(strings.TrimSpace(said)); word {
	case "positive", "negative":
		c.TakeRatingOn(key, "thumbs")
		c.SignalScore()
	case "unreact":
		c.Take(key)
		e.RatingRaw, e.Label = said, word
	default:
		e.RatingRaw = c.TakeText(key)
		c.Violation("unknown_reaction")
	}
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	required := []string{"agentId", "conversationId", "messageId", "content"}
	fields := func(more ...string) []string {
		return append([]string{"agentId → agent_id", "conversationId → conversation_id", "messageId → message_id"}, more...)
	}
	const why = "without the required properties the name is anybody's, and the event product/tracked"
	return []vocab.EventDoc{
		{Name: prompt, Kind: event.KindMessage, Action: "sent", Fields: fields("content → body", "role = user"), Required: required, Why: why},
		{Name: response, Kind: event.KindMessage, Action: "received", Fields: fields("content → body", "role = agent"), Required: required, Why: why},
		{Name: response, Kind: event.KindGeneration, Action: "completed", When: "modelUsed, beside the message", Fields: fields("modelUsed → response_model"), Required: required},
		{Name: reaction, Kind: event.KindFeedback, Action: "rated", Fields: fields("content → rating_raw", "content → label (unreact)", "rater = user"), Required: required,
			Dimension: "answer", Weights: "positive +1, negative −1, unreact none", Why: "unreact is a rating without a score, and takes the score of the last one"},
		{Name: traced, Kind: event.KindProduct, Action: "traced", Fields: fields(), Required: required[:2], Why: "its form is not published; kept as it came"},
	}
}
