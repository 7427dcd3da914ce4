package otel

import (
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

type message = trace.Message

// isContent reports whether an attribute holds messages, or a part of them.
func isContent(key string) bool {
	switch key {
	case "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions",
		"gen_ai.prompt", "gen_ai.completion",
		"ai.prompt", "ai.prompt.messages", "ai.response.text", "ai.response.toolCalls", "ai.response.object", "ai.response.reasoning",
		"langfuse.observation.input", "langfuse.observation.output",
		"traceloop.entity.input", "traceloop.entity.output", "input.value", "output.value":
		return true
	}
	for _, prefix := range [...]string{"llm.input_messages.", "llm.output_messages.", "gen_ai.prompt.", "gen_ai.completion."} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// content reads what was said, from the first source that has any, history left out. General sources
// hold whatever a function was given and gave back; they are asked where messages are to be expected.
func (r *reader) content(general bool) trace.Content {
	said := trace.Content{Root: r.isRoot()}
	in := []source{
		r.plain("gen_ai.input.messages"), r.flat("gen_ai.prompt."), r.flat("llm.input_messages."),
		r.plain("ai.prompt.messages"), r.plain("ai.prompt"), r.plain("gen_ai.prompt"), r.events(true),
	}
	out := []source{
		r.plain("gen_ai.output.messages"), r.flat("gen_ai.completion."), r.flat("llm.output_messages."),
		r.vercelAnswer, r.plain("gen_ai.completion"), r.events(false),
	}
	told := first(in, event.RoleUser)
	said.Output = first(out, event.RoleAgent)
	if general {
		told, said.Output, said.Fallback = r.around(told, said.Output)
	}
	said.Input = trace.Trailing(told)
	for key := range r.said { // what says the same again, and the instructions, which are no messages
		if isInput(key) && said.Input != nil || !isInput(key) && said.Output != nil {
			r.took[key] = true
		}
	}
	return said
}

// isInput tells attributes of what a model was given from those of what it answered.
func isInput(key string) bool {
	return strings.Contains(key, "input") || strings.Contains(key, "prompt") || key == "gen_ai.system_instructions"
}

// isRoot reports whether the span is the first of its trace, as far as this service knows.
func (r *reader) isRoot() bool {
	return r.c.Type == "span" && (r.trace.ParentSpanID == "" || r.trace.RemoteParent)
}

// source is one place where messages may be; nil means that it has none.
type source func(role string) []message

func first(sources []source, role string) []message {
	for _, s := range sources {
		if m := s(role); m != nil {
			return m
		}
	}
	return nil
}

// plain reads an attribute that holds messages.
func (r *reader) plain(key string) source {
	return func(role string) []message {
		v, ok := r.said[key]
		if !ok || v.Absent() {
			return nil
		}
		parse := func(v vocab.Value, role string) []message { return trace.ParseMessages([]byte(v.JSON()), role) }
		if isInput(key) {
			parse = parseInput
		}
		m := parse(v, role)
		r.took[key] = m != nil
		return m
	}
}

// vercelAnswer puts together what the AI SDK writes apart: the text, or an object, and calls of tools.
func (r *reader) vercelAnswer(role string) []message {
	text, hasText := r.said["ai.response.text"].Text()
	if !hasText {
		text, hasText = r.said["ai.response.object"].Text()
	}
	calls := unwrapped(r.said["ai.response.toolCalls"])
	if !hasText && (len(calls) == 0 || calls[0] != '[') {
		return nil
	}
	content := []byte(`{"role":"assistant","content":[`)
	if text != "" || len(calls) <= len("[]") {
		content = jsonscan.AppendQuoted(append(content, `{"type":"text","text":`...), text)
		content = append(content, '}')
	}
	for _, call := range toolCalls(calls) {
		if content[len(content)-1] != '[' {
			content = append(content, ',')
		}
		content = append(content, call...)
	}
	for _, key := range [...]string{"ai.response.text", "ai.response.object", "ai.response.toolCalls"} {
		if v, ok := r.said[key]; ok && !v.Absent() {
			r.took[key] = true
		}
	}
	return trace.ParseMessages(append(content, `]}`...), role)
}

// toolCalls turns Vercel's calls of tools into parts of messages.
func toolCalls(list json.RawMessage) []json.RawMessage {
	var calls []struct {
		ID    string          `json:"toolCallId"`
		Name  string          `json:"toolName"`
		Input json.RawMessage `json:"input"`
		Args  json.RawMessage `json:"args"` // before version 5
	}
	if json.Unmarshal(list, &calls) != nil {
		return nil
	}
	var out []json.RawMessage
	for _, c := range calls {
		part := struct {
			Type      string          `json:"type"`
			ID        string          `json:"id,omitempty"`
			Name      string          `json:"name,omitempty"`
			Arguments json.RawMessage `json:"arguments,omitempty"`
		}{"tool_call", c.ID, c.Name, c.Input}
		if part.Arguments == nil {
			part.Arguments = c.Args
		}
		if v, ok := vocab.ParseValue(string(part.Arguments)); ok {
			part.Arguments = unwrapped(v)
		}
		if b, err := json.Marshal(part); err == nil {
			out = append(out, b)
		}
	}
	return out
}

// events reads messages that came as events of the span, as some instrumentations send what the
// conventions have as log records.
func (r *reader) events(input bool) source {
	return func(string) []message {
		var all []message
		for i := range r.trace.Events {
			ev := &r.trace.Events[i]
			in, role, ok := messageEvent(ev.Name)
			if !ok || in != input {
				continue
			}
			for _, key := range [...]string{"gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion", "content"} {
				if v := ev.Attributes[key]; len(v) > 0 {
					all = append(all, trace.ParseMessages(v, role)...)
					break
				}
			}
		}
		return all
	}
}

// messageEvent tells whose message an event of the conventions up to 1.36 is, and whether it is of what
// the model was given.
func messageEvent(name string) (input bool, role string, ok bool) {
	switch name {
	case "gen_ai.system.message":
		return true, event.RoleSystem, true
	case "gen_ai.user.message", "gen_ai.content.prompt":
		return true, event.RoleUser, true
	case "gen_ai.assistant.message":
		return true, event.RoleAgent, true
	case "gen_ai.tool.message":
		return true, event.RoleTool, true
	case "gen_ai.choice", "gen_ai.content.completion":
		return false, event.RoleAgent, true
	}
	return false, "", false
}
