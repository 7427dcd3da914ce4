package unity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// values is what a gateway event says as JSON in its field Messages, where that is an object.
type values map[string]json.RawMessage

// payload reads what the row's parts hold, if it is an object.
func payload(c *vocab.Call) values {
	var v values
	if len(c.Row.Parts) > 0 && c.Row.Parts[0] == '{' {
		_ = json.Unmarshal(c.Row.Parts, &v) // it is valid JSON
	}
	return v
}

// first returns the first of some members that is a scalar and not empty, as text.
func (v values) first(keys []string) string {
	for _, key := range keys {
		if s := scalar(v[key]); s != "" {
			return s
		}
	}
	return ""
}

// scalar returns a string, number or boolean as text, "" for anything else.
func scalar(v json.RawMessage) string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '"':
		var s string
		_ = json.Unmarshal(v, &s)
		return s
	case '{', '[', 'n':
		return ""
	}
	return string(v)
}

// outcome returns whether a turn ended in a way.
func outcome(want string) func(*vocab.Call) bool {
	return func(c *vocab.Call) bool {
		got := strings.ToLower(payload(c).first([]string{"outcome"}))
		switch got {
		case "completed", "cancelled", "error", "session_ended":
		default:
			c.Violation("unknown_outcome")
		}
		return got == want
	}
}

// message is one message of a turn.
type message struct {
	ID        json.RawMessage `json:"id"`
	Role      string          `json:"role"`
	Timestamp json.RawMessage `json:"timestamp"`
	Blocks    json.RawMessage `json:"blocks"`
}

// turnMessages makes a row of each message of the user and of the agent that a completed turn holds.
func turnMessages(c *vocab.Call) {
	var all []json.RawMessage
	if len(c.Row.Parts) == 0 || json.Unmarshal(c.Row.Parts, &all) != nil {
		c.Violation("invalid_messages")
		return
	}
	for i, text := range all {
		var m message
		if json.Unmarshal(text, &m) != nil {
			c.Violation("invalid_messages")
			continue
		}
		role := event.RoleOf(m.Role)
		if role != event.RoleUser && role != event.RoleAgent {
			continue // what tools and the system say is in the parts of the turn
		}
		e := c.Also(fmt.Sprintf("message-%03d", i+1)) // ids in their order decide between equal times
		e.Kind, e.Action = event.KindMessage, "received"
		if role == event.RoleUser {
			e.Action = "sent"
		}
		e.Role, e.RoleRaw, e.Actor = role, m.Role, role
		e.MessageID, e.OccurredAt = scalar(m.ID), c.At(scalar(m.Timestamp))
		body, more := blockText(m.Blocks)
		if body != nil {
			c.SetBodyOf(e, *body)
		}
		if more {
			e.Parts = bytes.Clone(m.Blocks) // a part of compact JSON
		}
	}
}

// blockText puts the text of a message's blocks together; nil if there is none. It reports whether there
// is more than text: thoughts, calls of functions, errors.
func blockText(blocks json.RawMessage) (text *string, more bool) {
	if len(blocks) > 0 && blocks[0] == '"' {
		return new(scalar(blocks)), false
	}
	var list []json.RawMessage
	if json.Unmarshal(blocks, &list) != nil {
		return nil, len(blocks) > 0 && blocks[0] == '{'
	}
	var all []string
	for _, block := range list {
		if s, ok := textOf(block); ok {
			all = append(all, s)
		} else {
			more = true
		}
	}
	if len(all) == 0 {
		return nil, more
	}
	return new(strings.Join(all, "\n")), more
}

// textOf returns the text of a block that is one.
func textOf(block json.RawMessage) (string, bool) {
	if len(block) > 0 && block[0] == '"' {
		return scalar(block), true
	}
	var v values
	if json.Unmarshal(block, &v) != nil {
		return "", false
	}
	switch fold(v.first([]string{"type", "$type", "Type"})) {
	case "", "text", "prompt", "response", "answer", "message", "promptblock", "responseblock", "answerblock", "textblock", "markdown":
	default:
		return "", false
	}
	for _, key := range []string{"content", "Content", "text", "Text"} {
		if raw, ok := v[key]; ok && raw[0] == '"' {
			return scalar(raw), true
		}
	}
	return "", false
}
