// Package copilotkit is the vocabulary of CopilotKit's observability hooks, which an app relays as track
// calls with the hooks' own names. Only package app imports it.
package copilotkit

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps CopilotKit's hooks. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// The names of the hooks.
const (
	sent        = "onMessageSent"
	regenerated = "onMessageRegenerated"
	copied      = "onMessageCopied"
	feedback    = "onFeedbackGiven"
	started     = "onChatStarted"
	stopped     = "onChatStopped"
	expanded    = "onChatExpanded"
	minimized   = "onChatMinimized"
	failed      = "onError"
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "copilotkit" }

// Claims implements [vocab.Vocabulary]: track calls of the hooks' names. onError is anybody's name, so
// that one must say in which conversation.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	switch c.Name {
	case sent, regenerated, copied, feedback, started, stopped, expanded, minimized:
		return true
	case failed:
		return c.Row.ConversationID != ""
	}
	return false
}

// Map implements [vocab.Vocabulary]. Expanding and minimizing need no conversation: the chat may be empty.
func (Vocabulary) Map(c *vocab.Call) {
	e := c.Row
	switch c.Name {
	case sent:
		e.Kind, e.Action, e.Role, e.Actor = event.KindMessage, "sent", event.RoleUser, event.RoleUser
		c.TakeOwnMessageID()
		c.TakeBody("missing_message_body", "message", "content", "text", "message_body", "body")
	case regenerated:
		act(c, "regenerated", "answer")
		c.Signal(-0.5)
	case copied:
		act(c, "copied", "answer")
		e.Value = c.TakeText("content", "message", "text")
		c.Signal(0.4)
	case feedback:
		rated(c)
	case started:
		e.Kind, e.Action = event.KindGeneration, "first_token"
		c.TakeMessageID()
	case stopped:
		e.Kind, e.Action, e.Actor, e.Operation = event.KindGeneration, "cancelled", event.RoleUser, "chat"
		c.TakeMessageID()
		c.Signal(-0.5)
	case expanded:
		act(c, "opened", "window")
	case minimized:
		act(c, "closed", "window")
	case failed:
		wentWrong(c)
	}
	if c.Name != expanded && c.Name != minimized {
		c.NeedConversation()
	}
	c.TakeAgent()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code { return nil }

func act(c *vocab.Call, action, target string) {
	e := c.Row
	e.Kind, e.Action, e.Actor, e.Target = event.KindInteraction, action, event.RoleUser, target
	c.TakeMessageID()
}

// rated maps a thumb. Apps name the hook's second argument as they like.
func rated(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Rater, e.Actor = event.KindFeedback, "rated", "user", event.RoleUser
	c.TakeMessageID()
	if e.Scope = "conversation"; e.MessageID != "" {
		e.Scope = "message"
	}
	key := "type"
	for _, other := range [...]string{"feedback", "rating"} {
		if c.Property(key).Absent() {
			key = other
		}
	}
	c.TakeRatingOn(key, "thumbs")
	e.Comment = c.TakeText("comment")
	c.SignalScore()
}

// wentWrong maps an error that the chat has shown.
func wentWrong(c *vocab.Call) {
	act(c, "error_shown", "answer")
	e := c.Row
	e.ErrorType = c.TakeText("code", "error_type", "type")
	e.ErrorMessage = c.TakeText("message", "error_message", "error")
	c.Signal(-0.6)
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	required := []string{"conversationId"}
	fields := func(more ...string) []string {
		return append([]string{"conversationId, threadId → conversation_id", "messageId → message_id"}, more...)
	}
	return []vocab.EventDoc{
		{Name: sent, Kind: event.KindMessage, Action: "sent", Fields: fields("message, content, text → body", "role = user"), Required: append(required, "message")},
		{Name: regenerated, Kind: event.KindInteraction, Action: "regenerated", Fields: fields("target = answer"), Required: required, Dimension: "answer", Weight: new(-0.5), Why: "asked again for the same thing"},
		{Name: copied, Kind: event.KindInteraction, Action: "copied", Fields: fields("content, message, text → value", "target = answer"), Required: required, Dimension: "answer", Weight: new(0.4)},
		{Name: feedback, Kind: event.KindFeedback, Action: "rated", Fields: fields("type, feedback, rating → rating_raw", "comment → comment", "rater = user"), Required: append(required, "type, feedback, rating"),
			Dimension: "answer", Weights: "thumbsUp +1, thumbsDown −1"},
		{Name: started, Kind: event.KindGeneration, Action: "first_token", Fields: fields(), Required: required, Why: "the hook is called when the answer begins"},
		{Name: stopped, Kind: event.KindGeneration, Action: "cancelled", Fields: fields("actor = user"), Required: required, Dimension: "answer", Weight: new(-0.5), Why: "stopped the answer before its end"},
		{Name: expanded, Kind: event.KindInteraction, Action: "opened", Fields: fields("target = window")},
		{Name: minimized, Kind: event.KindInteraction, Action: "closed", Fields: fields("target = window")},
		{Name: failed, Kind: event.KindInteraction, Action: "error_shown", Fields: fields("code, error_type, type → error_type", "message, error_message, error → error_message"), Required: required, Dimension: "answer", Weight: new(-0.6)},
	}
}
