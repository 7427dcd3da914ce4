package trace

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// partClass says what a part of a message is, whatever its maker calls it.
type partClass int

const (
	partOther     partClass = iota // reasoning, images, files
	partText                       // what is read
	partToolCall                   // the model asks for a tool
	partToolReply                  // what a tool gave back
)

// classify reads one part: its class, and of a text the text, nil if that was not captured.
func classify(item json.RawMessage) (partClass, *string) {
	item = bytes.Trim(item, jsonSpace)
	if len(item) == 0 {
		return partOther, nil
	}
	if item[0] == '"' {
		var s string
		if json.Unmarshal(item, &s) != nil {
			return partOther, nil
		}
		return partText, &s
	}
	var f fields
	if json.Unmarshal(item, &f) != nil {
		return partOther, nil
	}
	kind, _ := f.string("type")
	switch strings.ReplaceAll(strings.ToLower(kind), "-", "_") {
	case "text", "input_text", "output_text":
		return partText, f.anyText("content", "text")
	case "refusal":
		return partText, f.anyText("refusal", "content", "text")
	case "tool_call", "tool_use", "function_call", "server_tool_call", "server_tool_use", "function":
		return partToolCall, nil
	case "tool_call_response", "tool_result", "tool_response", "function_call_output", "server_tool_call_response":
		return partToolReply, nil
	case "":
		return classifyUntyped(f)
	}
	return partOther, nil
}

// classifyUntyped reads a part of Google's form, which has no type.
func classifyUntyped(f fields) (partClass, *string) {
	for key := range f {
		switch key {
		case "functionCall", "function_call":
			return partToolCall, nil
		case "functionResponse", "function_response":
			return partToolReply, nil
		}
	}
	if t := f.anyText("text", "content"); t != nil {
		if string(f["thought"]) == "true" {
			return partOther, nil
		}
		return partText, t
	}
	return partOther, nil
}

func (f fields) anyText(keys ...string) *string {
	for _, key := range keys {
		if s, ok := f.string(key); ok {
			return &s
		}
	}
	return nil
}

// isParts reports whether a list is one of parts rather than of messages.
func isParts(items []json.RawMessage) bool {
	for _, item := range items {
		var f fields
		if json.Unmarshal(item, &f) != nil || f == nil {
			return false
		}
		if _, ok := f.string("role"); ok {
			return false
		}
		if _, ok := f.string("type"); !ok {
			return false
		}
	}
	return len(items) > 0
}

// messageOfParts makes a message of its parts. One that holds nothing but what tools gave back is the
// tool's, whoever sent it: Anthropic's API has the user send it.
func messageOfParts(role string, items []json.RawMessage) Message {
	m := Message{Role: roleOf(role)}
	var text strings.Builder
	texts, replies := 0, 0
	for _, item := range items {
		class, t := classify(item)
		switch class {
		case partText:
			texts++
			if t != nil {
				text.WriteString(*t)
				m.Text = new("")
			}
		case partToolReply:
			replies++
		}
	}
	if m.Text != nil {
		m.Text = new(text.String())
	}
	if texts < len(items) {
		m.Parts = joinParts(items)
	}
	if replies > 0 && replies == len(items) {
		m.Role = event.RoleTool
	}
	return m
}

// joinParts writes the list of parts in compact form; bare strings become parts of type text.
func joinParts(items []json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		if item = bytes.Trim(item, jsonSpace); len(item) > 0 && item[0] == '"' {
			b.WriteString(`{"type":"text","content":`)
			b.Write(item)
			b.WriteByte('}')
			continue
		}
		if json.Compact(&b, item) != nil {
			b.WriteString("null")
		}
	}
	b.WriteByte(']')
	return b.Bytes()
}

// toolCallPart turns an element of tool_calls, {"id","function":{"name","arguments"}} or flat, into a
// part of type tool_call.
func toolCallPart(call json.RawMessage) json.RawMessage {
	var f fields
	if json.Unmarshal(call, &f) != nil || f == nil {
		return json.RawMessage(`{"type":"tool_call"}`)
	}
	function, ok := f.object("function")
	if !ok {
		function = f
	}
	part := struct {
		Type      string          `json:"type"`
		ID        json.RawMessage `json:"id,omitempty"`
		Name      json.RawMessage `json:"name,omitempty"`
		Arguments json.RawMessage `json:"arguments,omitempty"`
	}{Type: "tool_call", ID: f["id"], Name: function["name"], Arguments: function["arguments"]}
	if s, ok := function.string("arguments"); ok && json.Valid([]byte(s)) && s != "" {
		part.Arguments = json.RawMessage(s)
	}
	b, err := json.Marshal(part)
	if err != nil {
		return json.RawMessage(`{"type":"tool_call"}`)
	}
	return b
}

// callsTools reports whether the message asks for a tool.
func (m *Message) callsTools() bool {
	if len(m.Parts) == 0 {
		return isToolReason(m.FinishReason)
	}
	var items []json.RawMessage
	if json.Unmarshal(m.Parts, &items) != nil {
		return false
	}
	for _, item := range items {
		if class, _ := classify(item); class == partToolCall {
			return true
		}
	}
	return isToolReason(m.FinishReason)
}

// isToolReason reports whether a finish reason, in any spelling, says that the model waits for tools.
func isToolReason(reason string) bool {
	switch strings.ReplaceAll(strings.ToLower(reason), "-", "_") {
	case "tool_call", "tool_calls", "tool_use", "function_call":
		return true
	}
	return false
}

// appendParts adds the parts of a message to a list of parts. A list that would hold nothing but text is
// nil, until there is more.
func appendParts(list json.RawMessage, m *Message) json.RawMessage {
	if len(m.Parts) == 0 {
		return list
	}
	if len(list) == 0 {
		return m.Parts
	}
	var a, b []json.RawMessage
	if json.Unmarshal(list, &a) != nil || json.Unmarshal(m.Parts, &b) != nil {
		return list
	}
	return joinParts(append(a, b...))
}
