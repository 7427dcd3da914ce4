// Package amplitude is the vocabulary of Amplitude's agent analytics: track calls named "[Agent] …", with
// properties of the same prefix. Only package app imports it.
package amplitude

import (
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps Amplitude's agent events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// prefix begins the names of Amplitude's agent events and of their properties.
const prefix = "[Agent] "

// The names of the events, behind the prefix.
const (
	userMessage = "User Message"
	aiResponse  = "AI Response"
	toolCall    = "Tool Call"
	span        = "Span"
	embedding   = "Embedding"
	sessionEnd  = "Session End"
	score       = "Score"
	enrichment  = "Session Enrichment"
	evaluator   = "Evaluator Result"
)

// textKey is the property that holds the text of a message: {"text": …}.
const textKey = "$llm_message"

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "amplitude" }

// Claims implements [vocab.Vocabulary]: track calls of the nine names.
func (Vocabulary) Claims(c *vocab.Call) bool {
	name, ok := strings.CutPrefix(c.Name, prefix)
	if !ok || c.Type != "track" {
		return false
	}
	switch name {
	case userMessage, aiResponse, toolCall, span, embedding, sessionEnd, score, enrichment, evaluator:
		return true
	}
	return false
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	place(c)
	switch strings.TrimPrefix(c.Name, prefix) {
	case userMessage:
		asked(c)
	case aiResponse:
		answered(c)
	case toolCall:
		called(c)
	case span:
		modelCall(c, c.Row, "span", false)
	case embedding:
		modelCall(c, c.Row, "embedding", true)
	case sessionEnd:
		ended(c)
	case score:
		scored(c)
	default:
		judged(c)
	}
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code { return nil }

// text takes a property of the prefix.
func text(c *vocab.Call, name string) string { return c.TakeText(prefix + name) }

// place maps what all events have: the conversation, which is Amplitude's agent session, and the agent. An
// insert id stands for the event id where the call has none.
func place(c *vocab.Call) {
	e := c.Row
	for _, key := range [...]string{"insert_id", "$insert_id"} {
		if id, ok := c.Property(key).Text(); ok {
			c.SetEventID(id)
		}
	}
	if id := text(c, "Session ID"); id != "" {
		c.SetConversation(id)
	}
	c.NeedConversation()
	e.TraceID = text(c, "Trace ID")
	e.TurnID = text(c, "Turn ID")
	e.AgentID = text(c, "Agent ID")
	e.AgentVersion = text(c, "Agent Version")
	if l := text(c, "Locale"); l != "" {
		e.Locale = l
	}
}

// message maps what messages of either side have. Clients may leave the text out by intent.
func message(c *vocab.Call, action, role string) {
	e := c.Row
	e.Kind, e.Action, e.Role, e.Actor = event.KindMessage, action, role, role
	if e.MessageID = text(c, "Message ID"); e.MessageID == "" {
		c.NewMessageID()
	}
	if body, ok := textOf(c); ok {
		c.Take(textKey)
		c.SetBody(body)
	}
}

// textOf returns the text of a message.
func textOf(c *vocab.Call) (string, bool) {
	v := c.Property(textKey)
	if v.IsString() {
		return v.Text()
	}
	var wrapped map[string]any
	if !v.IsObject() || json.Unmarshal([]byte(v.JSON()), &wrapped) != nil || len(wrapped) != 1 {
		return "", false
	}
	s, ok := wrapped["text"].(string)
	return s, ok
}

// asked maps a message to the agent. One from another agent is no user's and makes no conversation.
func asked(c *vocab.Call) {
	e := c.Row
	if source, _ := c.Property(prefix + "Message Source").Text(); strings.EqualFold(source, "agent") {
		e.Kind, e.Action, e.Actor = event.KindProduct, "traced", event.RoleAgent
		e.MessageID = text(c, "Message ID")
		return
	}
	message(c, "sent", event.RoleUser)
	e.ParentID = text(c, "Edited Message ID")
	switch {
	case says(c, "Is Regeneration"):
		c.Signal(-0.5)
	case says(c, "Is Edit"):
		c.Signal(-0.3)
	}
}

// says reports whether a property is true; it stays a property.
func says(c *vocab.Call, name string) bool {
	s, _ := c.Property(prefix + name).Text()
	return strings.EqualFold(s, "true")
}

// answered maps an answer and, beside it, the call of the model that gave it. A call that failed without a
// text is no answer.
func answered(c *vocab.Call) {
	if body, _ := textOf(c); says(c, "Is Error") && body == "" {
		c.Row.MessageID = text(c, "Message ID")
		modelCall(c, c.Row, "chat", true)
		return
	}
	message(c, "received", event.RoleAgent)
	if says(c, "Was Copied") {
		c.Signal(0.4)
	}
	call := c.Also("generation")
	call.MessageID = c.Row.MessageID
	modelCall(c, call, "chat", true)
}

// modelCall maps a call of a model, or a span around some, to a row of the call. It began its latency
// before the event was sent. Span ids stay properties: messages are events of their own here, and none
// are to be derived from spans.
func modelCall(c *vocab.Call, e *event.Event, operation string, counts bool) {
	e.Kind, e.Action, e.Actor = event.KindGeneration, "completed", event.RoleAgent
	e.Operation, e.CountsUsage = operation, counts
	if says(c, "Is Error") {
		e.Action = "failed"
		e.ErrorType, e.ErrorMessage = text(c, "Error Type"), text(c, "Error Message")
	}
	e.Provider, e.ResponseModel = text(c, "Provider"), text(c, "Model Name")
	e.LatencyMS = c.TakeMillis(1, prefix+"Latency Ms")
	e.TTFTMS = c.TakeMillis(1, prefix+"TTFB Ms")
	e.InputTokens = c.TakeCount(prefix + "Input Tokens")
	e.OutputTokens = c.TakeCount(prefix + "Output Tokens")
	e.CacheReadTokens = c.TakeCount(prefix + "Cache Read Tokens")
	e.CacheWriteTokens = c.TakeCount(prefix + "Cache Creation Tokens")
	e.ReasoningTokens = c.TakeCount(prefix + "Reasoning Tokens")
	if e.CostUSD = c.TakeNumber("invalid_amount", prefix+"Cost USD"); e.CostUSD != nil {
		e.CostSource = "reported"
	}
	e.Streamed = c.TakeBool(prefix + "Is Streaming")
	const reason = prefix + "Finish Reason"
	if word, ok := c.Property(reason).Text(); ok {
		if e.FinishReason = vocab.FinishReason(word); e.FinishReason == word {
			c.Take(reason)
		}
	}
	e.OccurredAt = vocab.Begun(c.Row.OccurredAt, e.LatencyMS)
}

func called(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Actor = event.KindTool, "called", event.RoleAgent
	e.ToolName, e.ToolType = text(c, "Tool Name"), text(c, "Tool Type")
	e.ToolCallID = text(c, "Invocation ID")
	e.ParentID = text(c, "Parent Message ID")
	e.ToolArgs, e.ToolResult = c.TakeJSON(prefix+"Tool Input"), c.TakeJSON(prefix+"Tool Output")
	e.ToolOK = c.TakeBool(prefix + "Tool Success")
	if e.ToolOK == nil && says(c, "Is Error") {
		e.ToolOK = new(false)
	}
	e.ErrorType, e.ErrorMessage = text(c, "Error Type"), text(c, "Error Message")
	e.LatencyMS = c.TakeMillis(1, prefix+"Latency Ms")
	e.OccurredAt = vocab.Begun(e.OccurredAt, e.LatencyMS)
	if e.ToolOK != nil && !*e.ToolOK {
		c.Signal(-0.3)
		e.SignalDimension = "tool"
	}
}

// ended maps the end of a session. Who left after the first turn did not get what he came for.
func ended(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Reason = event.KindConversation, "ended", "explicit"
	if e.TurnIndex = c.TakeCount(prefix + "Abandonment Turn"); e.TurnIndex != nil && *e.TurnIndex == 1 {
		c.Signal(-0.4)
	}
}
