package otel

import (
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
)

// around completes what was said by what a span tells of the work around a model call. Calls below know
// better if that is the answer alone, or what a function was called with and returned.
func (r *reader) around(in, out []message) (told, answered []message, fallback bool) {
	if in == nil {
		in = first([]source{r.general("langfuse.observation.input"), r.general("input.value")}, event.RoleUser)
	}
	if out == nil {
		out = first([]source{r.general("langfuse.observation.output"), r.general("output.value")}, event.RoleAgent)
		fallback = in == nil && out != nil
	}
	if in == nil && out == nil {
		in, out = r.argument(event.RoleUser), r.returned(event.RoleAgent)
		fallback = in != nil || out != nil
	}
	return in, out, fallback
}

// general reads an attribute that may hold anything: what is JSON, but no messages, is no text either.
func (r *reader) general(key string) source {
	return func(role string) []message {
		v, ok := r.said[key]
		text, _ := v.Text()
		if !ok || v.IsString() && strings.TrimSpace(text) == "" || v.IsNumber() || v.IsBool() {
			return nil
		}
		m := r.plain(key)(role)
		if inner := strings.TrimSpace(text); len(m) == 1 && m[0].Text != nil && *m[0].Text == text &&
			(strings.HasPrefix(inner, "{") || strings.HasPrefix(inner, "[")) {
			delete(r.took, key)
			return nil
		}
		return m
	}
}

// argument reads what a function of OpenLLMetry was called with, {"args":[…],"kwargs":{…}}: messages, if
// that is one thing.
func (r *reader) argument(role string) []message {
	const key = "traceloop.entity.input"
	var call struct {
		Args   []json.RawMessage          `json:"args"`
		Kwargs map[string]json.RawMessage `json:"kwargs"`
	}
	if json.Unmarshal(unwrapped(r.said[key]), &call) != nil || len(call.Args)+len(call.Kwargs) != 1 {
		return r.general(key)(role)
	}
	only := call.Args
	for _, v := range call.Kwargs {
		only = append(only, v)
	}
	return r.thing(key, only[0], role)
}

// returned reads what a function of OpenLLMetry returned, which is encoded as JSON once more.
func (r *reader) returned(role string) []message {
	const key = "traceloop.entity.output"
	inner, _ := r.said[key].Text()
	if inner = strings.TrimSpace(inner); json.Valid([]byte(inner)) {
		return r.thing(key, json.RawMessage(inner), role)
	}
	return r.general(key)(role)
}

// thing reads a text or messages; of another value, there is nothing to read.
func (r *reader) thing(key string, v json.RawMessage, role string) []message {
	var text string
	if json.Unmarshal(v, &text) == nil {
		if strings.TrimSpace(text) == "" { // or null
			return nil
		}
		r.took[key] = true
		return []message{trace.TextMessage(role, text)}
	}
	m := trace.ParseMessages(v, role)
	if len(m) == 0 || m[0].Text == nil && m[0].Parts == nil || len(m) == 1 && m[0].Text != nil && *m[0].Text == string(v) {
		return nil
	}
	r.took[key] = true
	return m
}
