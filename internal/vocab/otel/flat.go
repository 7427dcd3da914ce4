package otel

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// tree is attributes that were one structure, taken apart into "messages.0.message.role" and the like.
type tree struct {
	value vocab.Value
	below map[string]*tree
}

// flat reads messages that were taken apart under a prefix.
func (r *reader) flat(prefix string) source {
	return func(role string) []message {
		root := &tree{}
		var keys []string
		for key, v := range r.said {
			if rest, ok := strings.CutPrefix(key, prefix); ok && !v.Absent() && root.add(rest, v) {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			return nil
		}
		text := []byte{'['}
		for _, m := range root.list() {
			text = m.under("message").appendMessage(comma(text))
		}
		out := trace.ParseMessages(append(text, ']'), role)
		if out != nil {
			for _, key := range keys {
				r.took[key] = true
			}
		}
		return out
	}
}

// add puts a value where its path says; false if the path is none.
func (t *tree) add(path string, v vocab.Value) bool {
	const deepest = 12
	steps := strings.Split(path, ".")
	if len(steps) > deepest || len(steps) < 2 {
		return false
	}
	if _, err := strconv.Atoi(steps[0]); err != nil {
		return false
	}
	for _, step := range steps {
		if t.below == nil {
			t.below = map[string]*tree{}
		}
		if t.below[step] == nil {
			t.below[step] = &tree{}
		}
		t = t.below[step]
	}
	t.value = v
	return true
}

// list returns what has numbers for names, in their order.
func (t *tree) list() []*tree {
	if t == nil {
		return nil
	}
	byNumber := map[int]*tree{}
	for name, b := range t.below {
		if n, err := strconv.Atoi(name); err == nil {
			byNumber[n] = b
		}
	}
	out := make([]*tree, 0, len(byNumber))
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		out = append(out, byNumber[n])
	}
	return out
}

// under is what is below a name, or t itself if there is none: OpenInference wraps each element.
func (t *tree) under(name string) *tree {
	if b := t.below[name]; b != nil {
		return b
	}
	return t
}

// child is what is below a name; the empty tree if there is none.
func (t *tree) child(name string) *tree {
	if b := t.below[name]; b != nil {
		return b
	}
	return &tree{}
}

func (t *tree) text(name string) string {
	text, _ := t.child(name).value.Text()
	return text
}

// appendMessage appends a message as JSON.
func (t *tree) appendMessage(dst []byte) []byte {
	dst = append(dst, '{')
	dst = member(dst, "role", t.text("role"))
	dst = member(dst, "finish_reason", t.text("finish_reason"))
	dst = append(quoteKey(dst, "content"), '[')
	dst = t.appendContent(dst)
	dst = append(dst, ']')
	if calls := t.child("tool_calls").list(); len(calls) > 0 {
		dst = append(quoteKey(dst, "tool_calls"), '[')
		for _, c := range calls {
			dst = c.under("tool_call").appendCall(comma(dst))
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendContent appends the parts: a text, a list of parts in JSON, or parts taken apart.
func (t *tree) appendContent(dst []byte) []byte {
	if v := t.child("content").value; !v.Absent() {
		if inner := unwrapped(v); len(inner) > 2 && inner[0] == '[' && inner[1] == '{' {
			dst = append(dst, inner[1:len(inner)-1]...)
		} else if t.text("role") == "tool" {
			dst = member(append(dst, '{'), "type", "tool_call_response")
			dst = append(member(dst, "id", t.text("tool_call_id")), `,"response":`...)
			dst = append(append(dst, inner...), '}')
		} else {
			dst = append(dst, v.JSON()...)
		}
	}
	for _, p := range t.child("contents").list() {
		p = p.under("message_content")
		dst = append(comma(dst), '{')
		for _, name := range slices.Sorted(maps.Keys(p.below)) {
			if v := p.below[name].value; !v.Absent() {
				dst = append(quoteKey(dst, name), v.JSON()...)
			}
		}
		dst = append(dst, '}')
	}
	return dst
}

// appendCall appends a call of a tool as the API of OpenAI has it.
func (t *tree) appendCall(dst []byte) []byte {
	function := t.under("function")
	dst = member(append(dst, '{'), "id", t.text("id"))
	dst = append(quoteKey(dst, "function"), '{')
	dst = member(dst, "name", function.text("name"))
	if v := function.child("arguments").value; !v.Absent() {
		dst = append(quoteKey(dst, "arguments"), v.JSON()...)
	}
	return append(dst, "}}"...)
}

// comma separates elements.
func comma(dst []byte) []byte {
	if last := dst[len(dst)-1]; last != '[' && last != '{' {
		dst = append(dst, ',')
	}
	return dst
}

func quoteKey(dst []byte, key string) []byte {
	return append(jsonscan.AppendQuoted(comma(dst), key), ':')
}

// member appends a text, unless it is empty.
func member(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return jsonscan.AppendQuoted(quoteKey(dst, key), text)
}
