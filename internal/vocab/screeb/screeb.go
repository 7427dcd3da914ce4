// Package screeb is the vocabulary of Screeb's copilot page, sent as track calls. One reader serves
// every version of the page: required is what the first version required and no later one dropped.
// Only package app imports it.
package screeb

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps Screeb's four copilot events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// The names of Screeb's events.
const (
	prompt       = "screeb_copilot_user_prompt"
	response     = "screeb_copilot_response"
	conversion   = "screeb_copilot_conversion"
	satisfaction = "screeb_copilot_satisfaction"
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "screeb" }

// Claims implements [vocab.Vocabulary]: track calls of the four names.
func (Vocabulary) Claims(c *vocab.Call) bool {
	switch c.Name {
	case prompt, response, conversion, satisfaction:
		return c.Type == "track"
	}
	return false
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	switch c.Name {
	case prompt:
		message(c, "sent", event.RoleUser, "missing_prompt", "prompt")
	case response:
		message(c, "received", event.RoleAgent, "missing_response", "response")
	case conversion:
		converted(c)
	case satisfaction:
		rated(c)
	}
	c.TakeAgent()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "missing_prompt", Violation: true, Meaning: "`prompt` is absent", When: prompt},
		{Name: "missing_response", Violation: true, Meaning: "`response` is absent", When: response},
		{Name: "missing_session_id", Violation: true, Meaning: "`session_id` is absent", When: "all but " + conversion},
	}
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	const conversation, session, agent = "conversation_id → conversation_id", "session_id → session_id", "agent_id → agent_id"
	return []vocab.EventDoc{
		{Name: prompt, Kind: event.KindMessage, Action: "sent", Fields: []string{"prompt → body", conversation, session, agent, "role = user"},
			Required: []string{"prompt", "conversation_id", "session_id"}},
		{Name: response, Kind: event.KindMessage, Action: "received", Fields: []string{"response → body", conversation, session, agent, "role = agent"},
			Required: []string{"response", "conversation_id", "session_id"}},
		{Name: conversion, Kind: event.KindConversion, Action: "converted",
			Fields:    []string{"name → conversion_name (without: conversion)", conversation, session, agent, "revenue, value → amount", "currency → currency"},
			Dimension: "answer", Weight: new(1.0), Why: "the outcome that the product exists for; the newest pages need neither name nor conversation"},
		{Name: satisfaction, Kind: event.KindFeedback, Action: "rated",
			Fields:   []string{"rating → rating_raw (number or string)", "rating_scale → rating_scale_raw (1-5, 1/5, or 5 for 1 to 5)", conversation, session, agent, "rater = user"},
			Required: []string{"rating", "rating_scale", "conversation_id", "session_id"}, Dimension: "answer", Weights: "2·score − 1", Why: "an explicit rating"},
	}
}

// message maps a prompt or a response. The event says who wrote it.
func message(c *vocab.Call, action, role, missing, key string) {
	e := c.Row
	e.Kind, e.Action, e.Role, e.Actor = event.KindMessage, action, role, role
	need(c)
	c.TakeOwnMessageID()
	c.TakeBody(missing, key, "message_body", "content", "text", "message", "body")
}

// need notes what every version of the page requires.
func need(c *vocab.Call) {
	c.NeedConversation()
	if c.Row.SessionID == "" {
		c.Violation("missing_session_id")
	}
}

// converted maps a conversion. Later versions of the page dropped its name, and the newest needs
// neither conversation nor session.
func converted(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action = event.KindConversion, "converted"
	e.ConversionName = c.TakeText("name")
	if e.ConversionName == "" {
		e.ConversionName = "conversion"
	}
	c.TakeMessageID()
	c.TakeMoney()
	c.Signal(1)
}

func rated(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater = event.KindFeedback, "rated", "user"
	need(c)
	c.TakeMessageID()
	if !c.TakeRating("rating") {
		c.Violation("missing_rating_scale")
	}
	e.Comment = c.TakeText("comment")
	switch {
	case e.MessageID != "":
		e.Scope = "message"
	case e.ConversationID != "":
		e.Scope = "conversation"
	case e.SessionID != "":
		e.Scope = "session"
	}
	c.SignalScore()
}
