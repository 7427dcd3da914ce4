package trace

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// ParseMessages reads messages as instrumentations write them, in order, history and system messages
// included; nil if data holds none. It understands
//
//   - a list of messages, one message, or a JSON string that holds either;
//   - messages with parts (OpenTelemetry), with content as a string or a list (OpenAI, Anthropic, Vercel),
//     with parts of the form {"text":…} (Google), and choices {"index","finish_reason","message":{…}};
//   - a list of parts alone, and a bare string: one message of the given role;
//   - an object around them: messages, contents, choices, prompt, input or output, and system beside.
//
// role is who speaks where nobody is named: user for an input, assistant for an output.
func ParseMessages(data []byte, role string) []Message {
	p := messageParser{role: roleOf(role)}
	p.value(data, 0)
	return p.out
}

// ParseInput is [Trailing] of [ParseMessages] of an input.
func ParseInput(data []byte) []Message { return Trailing(ParseMessages(data, event.RoleUser)) }

// ParseOutput is [ParseMessages] of an output.
func ParseOutput(data []byte) []Message { return ParseMessages(data, event.RoleAgent) }

// jsonSpace is the white space of JSON.
const jsonSpace = " \t\r\n"

type messageParser struct {
	role string
	out  []Message
}

// fields are the members of a JSON object.
type fields map[string]json.RawMessage

// value adds the messages of any value; it reports false, and adds nothing, if there are none in it.
func (p *messageParser) value(data []byte, depth int) bool {
	data = bytes.Trim(data, jsonSpace)
	const deepest = 4 // of strings in strings, and objects around messages
	if len(data) == 0 || depth > deepest {
		return false
	}
	switch data[0] {
	case '"':
		return p.text(data, depth)
	case '[':
		return p.list(data, depth)
	case '{':
		var f fields
		return json.Unmarshal(data, &f) == nil && p.object(f, depth)
	}
	return false
}

// text adds what a string holds: messages in JSON, else one message.
func (p *messageParser) text(data []byte, depth int) bool {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return false
	}
	if inner := strings.TrimSpace(s); strings.HasPrefix(inner, "[") || strings.HasPrefix(inner, "{") {
		if p.value([]byte(inner), depth+1) {
			return true
		}
	}
	p.out = append(p.out, TextMessage(p.role, s))
	return true
}

func (p *messageParser) list(data []byte, depth int) bool {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return false
	}
	if isParts(items) {
		p.out = append(p.out, messageOfParts(p.role, items))
		return true
	}
	found := false
	for _, item := range items {
		var f fields
		switch {
		case len(item) > 0 && item[0] == '"':
			found = p.text(item, depth+1) || found
		case len(item) > 0 && item[0] == '[': // a batch of one
			found = p.list(item, depth+1) || found
		case json.Unmarshal(item, &f) == nil:
			found = p.object(f, depth+1) || found
		}
	}
	return found || len(items) == 0
}

// object adds the message that f is, or the messages that it wraps.
func (p *messageParser) object(f fields, depth int) bool {
	if inner, ok := f.object("message"); ok { // a choice
		from := len(p.out)
		if !p.object(inner, depth+1) {
			return false
		}
		for i := from; i < len(p.out); i++ {
			if p.out[i].FinishReason == "" {
				p.out[i].FinishReason = f.finishReason()
			}
		}
		return true
	}
	if f.isMessage() {
		p.out = append(p.out, f.message(p.role))
		return true
	}
	return p.wrapped(f, depth)
}

// wrapped adds the messages of an object around them.
func (p *messageParser) wrapped(f fields, depth int) bool {
	from := len(p.out)
	for _, key := range []string{"messages", "contents", "choices", "prompt", "input", "output"} {
		if v, ok := f[key]; ok && p.value(v, depth+1) {
			break
		}
	}
	if len(p.out) == from {
		return false
	}
	if s, ok := f.string("system"); ok {
		p.out = append(p.out, Message{})
		copy(p.out[from+1:], p.out[from:])
		p.out[from] = TextMessage(event.RoleSystem, s)
	}
	return true
}

// isMessage tells a message from an object around messages.
func (f fields) isMessage() bool {
	if _, ok := f.string("role"); ok {
		return true
	}
	for _, key := range []string{"content", "parts", "tool_calls", "toolCalls"} {
		if _, ok := f[key]; ok {
			return true
		}
	}
	return false
}

// message reads one message.
func (f fields) message(role string) Message {
	if s, ok := f.string("role"); ok && strings.TrimSpace(s) != "" {
		role = s
	}
	var items []json.RawMessage
	for _, key := range []string{"parts", "content"} {
		items = append(items, partsOf(f[key])...)
	}
	if s, ok := f.string("text"); ok && len(items) == 0 {
		items = append(items, quote(s))
	}
	for _, key := range []string{"tool_calls", "toolCalls"} {
		var calls []json.RawMessage
		if json.Unmarshal(f[key], &calls) == nil {
			for _, call := range calls {
				items = append(items, toolCallPart(call))
			}
		}
	}
	m := messageOfParts(role, items)
	m.FinishReason = f.finishReason()
	return m
}

// partsOf reads a content: a list of parts, or a text or an object that is one part.
func partsOf(content json.RawMessage) []json.RawMessage {
	content = bytes.Trim(content, jsonSpace)
	if len(content) == 0 || string(content) == "null" {
		return nil
	}
	var items []json.RawMessage
	if content[0] == '[' && json.Unmarshal(content, &items) == nil {
		return items
	}
	return []json.RawMessage{content}
}

func (f fields) finishReason() string {
	for _, key := range []string{"finish_reason", "finishReason", "stop_reason"} {
		if s, ok := f.string(key); ok && s != "" {
			return s
		}
	}
	return ""
}

func (f fields) string(key string) (string, bool) {
	var s string
	v := f[key]
	if len(v) == 0 || v[0] != '"' || json.Unmarshal(v, &s) != nil {
		return "", false
	}
	return s, true
}

func (f fields) object(key string) (fields, bool) {
	var inner fields
	v := f[key]
	if len(v) == 0 || v[0] != '{' || json.Unmarshal(v, &inner) != nil {
		return nil, false
	}
	return inner, true
}

func quote(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic("BUG: encode string: " + err.Error())
	}
	return b
}
