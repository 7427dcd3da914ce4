package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// path is the steps to a value: members' names, and indexes of arrays as text.
type path []string

// parsePath reads "$.a.b[0]['c d']"; "$" and "$." are the whole.
func parsePath(text string) path {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "$"), ".")
	var steps path
	for text != "" {
		if rest, ok := strings.CutPrefix(text, "["); ok {
			inside, after, found := strings.Cut(rest, "]")
			if found {
				steps = append(steps, strings.Trim(inside, `'"`))
				text = strings.TrimPrefix(after, ".")
				continue
			}
		}
		end := strings.IndexAny(text, ".[")
		switch {
		case end < 0:
			end = len(text)
		case end == 0:
			end = 1 // an empty step, or a bracket that nothing closes
		}
		if step := strings.Trim(text[:end], "."); step != "" {
			steps = append(steps, step)
		}
		text = strings.TrimPrefix(text[end:], ".")
	}
	return steps
}

func (p path) resolve(payload any) (any, error) { return p.of(payload), nil }

// of returns what stands at the path.
func (p path) of(v any) any {
	for _, step := range p {
		switch in := v.(type) {
		case map[string]any:
			member, ok := in[step]
			if !ok {
				return nothing
			}
			v = member
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return nothing
			}
			v = in[i]
		default:
			return nothing
		}
	}
	return v
}

// template is text with paths in it: texts[0] paths[0] texts[1] …
type template struct {
	texts []string
	paths []path
}

// parseTemplate reads "a {{b.c}} d". Braces that nothing closes are text.
func parseTemplate(text string) template {
	var t template
	for {
		before, rest, ok := strings.Cut(text, "{{")
		inside, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			t.texts = append(t.texts, text)
			return t
		}
		t.texts = append(t.texts, before)
		t.paths = append(t.paths, parsePath(strings.TrimSpace(strings.Trim(inside, "{}"))))
		text = strings.TrimPrefix(after, "}") // of {{{a}}}
	}
}

func (t template) resolve(payload any) (any, error) {
	var b strings.Builder
	for i, text := range t.texts {
		b.WriteString(text)
		if i < len(t.paths) {
			b.WriteString(asText(t.paths[i].of(payload)))
		}
	}
	return b.String(), nil
}

// asText is how a value stands in text: nothing and null are empty, objects and arrays are JSON.
func asText(v any) string {
	switch v := v.(type) {
	case nil, absent:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("BUG: encode %T: %v", v, err))
	}
	return string(text)
}

// Lookup returns what stands at a path of a decoded call, as text; false if there is nothing or null.
func Lookup(call any, at string) (string, bool) {
	v := parsePath(at).of(call)
	if v == nothing || v == nil {
		return "", false
	}
	return asText(v), true
}
