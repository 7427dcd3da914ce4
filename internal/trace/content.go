package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// Content is what was said in a model call, an agent's run, or one log record. A row made of a span
// carries it as JSON in its parts; see [Content.JSON] and [ParseContent].
type Content struct {
	// Root says that the span has no parent.
	Root bool `json:"root,omitempty"`
	// Input is what the call was given, history left out: what [Trailing] returns. Nil: not captured.
	Input []Message `json:"input,omitzero"`
	// Output is what came back. Nil: not captured.
	Output []Message `json:"output,omitzero"`
	// Fallback says that spans below know better: this content holds only if none of them has any.
	// PostHog's $ai_trace repeats what its generations say.
	Fallback bool `json:"fallback,omitempty"`
}

// Message is one message of a [Content].
type Message struct {
	// Role is one of the roles of package event, or what was sent if that is no known role.
	Role string `json:"role"`
	// Text is the text parts put together. Nil: there are none, or they were not captured.
	Text *string `json:"text"`
	// Parts is a JSON list with the parts as they were sent, if there is more than text. Tool calls that came
	// beside the content (tool_calls) are parts of type tool_call here.
	Parts json.RawMessage `json:"parts,omitempty"`
	// FinishReason is why the model stopped, if the message says it; as sent.
	FinishReason string `json:"finish_reason,omitempty"`
}

// JSON encodes c for the parts of a row; nil for the zero Content.
func (c Content) JSON() json.RawMessage {
	if c.Input == nil && c.Output == nil {
		c.Fallback = false // of nothing
	}
	if !c.Root && c.Input == nil && c.Output == nil {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		panic(fmt.Sprintf("BUG: encode content: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// ParseContent reads what [Content.JSON] wrote. No bytes are the zero Content.
func ParseContent(data []byte) (Content, error) {
	if len(data) == 0 {
		return Content{}, nil
	}
	var c Content
	if err := json.Unmarshal(data, &c); err != nil {
		return Content{}, fmt.Errorf("parse content: %w", err)
	}
	return c, nil
}

// IsRoot reports what [Content.JSON] wrote says of the root, without reading the messages.
func IsRoot(data []byte) bool {
	var c struct {
		Root bool `json:"root"`
	}
	return len(data) > 0 && json.Unmarshal(data, &c) == nil && c.Root
}

// TextMessage returns a message of text alone.
func TextMessage(role, text string) Message {
	return Message{Role: roleOf(role), Text: &text}
}

// Trailing returns what follows the last message of the agent, without system messages: what is new
// in a request that repeats its history. The result is nil only if messages is.
func Trailing(messages []Message) []Message {
	if messages == nil {
		return nil
	}
	from := 0
	for i := range messages {
		if messages[i].Role == event.RoleAgent {
			from = i + 1
		}
	}
	out := []Message{}
	for _, m := range messages[from:] {
		if m.Role != event.RoleSystem {
			out = append(out, m)
		}
	}
	return out
}

// roleOf is [event.RoleOf] with the further words of model APIs. An unknown word is kept.
func roleOf(word string) string {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "developer":
		return event.RoleSystem
	case "function", "tool_result", "ipython":
		return event.RoleTool
	}
	if role := event.RoleOf(word); role != "" {
		return role
	}
	return strings.TrimSpace(word)
}
