// Package rudderstack is the vocabulary of RudderStack's AI events, sent as track calls: a prompt, one
// answer with the totals of all that it took, what the user did with it, and spans beside them. Only
// package app imports it.
package rudderstack

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps RudderStack's AI events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// The names of the events.
const (
	prompt      = "ai_user_prompt_created"
	response    = "ai_response_received"
	oldResponse = "ai_llm_response_received" // before version 0.2 of the spec
	action      = "ai_user_action"
	span        = "ai_otel_span"
	mcp         = "mcp_" // begins the names of events of MCP servers
)

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "rudderstack" }

// Claims implements [vocab.Vocabulary]: track calls of the five names, and of MCP servers those that tell of
// tools. Their other events say nothing of a copilot.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	switch c.Name {
	case prompt, response, oldResponse, action, span:
		return true
	}
	return strings.HasPrefix(c.Name, mcp) && strings.Contains(c.Name, "tool")
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	c.Row.TurnID = c.TakeText("interaction_id")
	switch c.Name {
	case prompt:
		message(c, "sent", event.RoleUser, "prompt_text", "prompt")
	case response, oldResponse:
		answered(c)
	case action:
		acted(c)
	case span:
		spanned(c)
	default:
		called(c)
	}
	c.TakeAgent()
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "missing_action", Violation: true, Meaning: "`action` is absent", When: action},
		{Name: "missing_trace_id", Violation: true, Meaning: "`trace_id` is absent", When: span},
	}
}

// message maps a message of either side. The libraries leave texts out unless told otherwise.
func message(c *vocab.Call, done, role string, keys ...string) {
	e := c.Row
	e.Kind, e.Action, e.Role, e.Actor = event.KindMessage, done, role, role
	c.NeedConversation()
	c.TakeOwnMessageID()
	c.TakeBody("", keys...)
}

// answered maps an answer, and beside it what it took: one row with the totals, however many calls of models
// that were.
func answered(c *vocab.Call) {
	message(c, "received", event.RoleAgent, "response_text", "response")
	e := c.Also("generation")
	e.Kind, e.Action, e.Actor, e.Operation, e.CountsUsage = event.KindGeneration, "completed", event.RoleAgent, "chat", true
	e.MessageID = c.Row.MessageID
	e.ResponseModel = c.TakeText("model_used", "model")
	e.Provider = c.TakeText("provider")
	e.LatencyMS = c.TakeMillis(1, "latency_ms")
	e.TTFTMS = c.TakeMillis(1, "ttft_ms", "time_to_first_token_ms")
	e.InputTokens = c.TakeCount("input_tokens", "prompt_tokens")
	e.OutputTokens = c.TakeCount("output_tokens", "completion_tokens")
	if e.CostUSD = c.TakeNumber("invalid_amount", "cost_usd"); e.CostUSD != nil {
		e.CostSource = "reported"
	}
	e.ErrorType = c.TakeText("error_type")
	e.ErrorMessage = c.TakeText("error_message")
	if status, _ := c.Property("response_status").Text(); failed(status) {
		e.Action = "failed"
	}
	e.OccurredAt = vocab.Begun(c.Row.OccurredAt, e.LatencyMS)
}

// failed reports whether a status tells of a failure.
func failed(status string) bool {
	switch strings.ToLower(strings.TrimSpace(status)) {
	case "error", "failed", "failure", "timeout", "false":
		return true
	}
	return false
}

// acted maps what a user did with an answer, by the word of the app.
func acted(c *vocab.Call) {
	const key = "action"
	e := c.Row
	e.Actor = event.RoleUser
	c.NeedConversation()
	c.TakeMessageID()
	said, _ := c.Property(key).Text()
	if said == "" {
		c.Violation("missing_action")
	}
	e.Comment = c.TakeText("comment", "feedback_text")
	did := func(kind event.Kind, action string, weight float64) {
		e.Kind, e.Action = kind, action
		c.Signal(weight)
	}
	switch strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(said)) {
	case "copy", "copied":
		did(event.KindInteraction, "copied", 0.4)
	case "regenerate", "regenerated", "retry", "retried":
		did(event.KindInteraction, "regenerated", -0.5)
	case "edit", "edited":
		did(event.KindInteraction, "edited", -0.3)
	case "stop", "stopped", "cancel", "cancelled", "canceled":
		did(event.KindGeneration, "cancelled", -0.5)
	case "thumbsup", "thumbup", "up", "like", "liked", "positive", "thumbsdown", "thumbdown", "down", "dislike", "disliked", "negative":
		rated(c, key, said)
	default:
		e.Kind, e.Action, e.ProductEvent = event.KindProduct, "tracked", c.Name
		return
	}
	if e.Kind == event.KindInteraction {
		e.Target = "answer"
	}
}

func rated(c *vocab.Call, key, said string) {
	e := c.Row
	e.Kind, e.Action, e.Rater = event.KindFeedback, "rated", "user"
	if e.Scope = "conversation"; e.MessageID != "" {
		e.Scope = "message"
	}
	if strings.HasSuffix(strings.ToLower(said), "liked") { // the scale knows the verb without its ending
		c.Take(key)
		e.RatingRaw, e.RatingMin, e.RatingMax, e.Score = said, new(0.0), new(1.0), new(1.0)
		if strings.HasPrefix(strings.ToLower(said), "dis") {
			e.Score = new(0.0)
		}
	} else {
		c.TakeRatingOn(key, "thumbs")
	}
	c.SignalScore()
}
