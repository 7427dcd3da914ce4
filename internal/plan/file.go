package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// MaxFile is the size of the largest file that [Parse] reads, in bytes.
const MaxFile = 4 << 20

// Parse reads a plan, YAML or JSON. It checks the shape of the file and names line and path of what is
// not as it should be; whether the rules make sense says [Plan.Lint].
func Parse(data []byte) (*Plan, error) {
	root, err := parseNode(data)
	if err != nil {
		return nil, fmt.Errorf("parse plan: %w", err)
	}
	r := planReader{lines: map[string]int{}}
	p := r.plan(root)
	if r.err != nil {
		return nil, fmt.Errorf("parse plan: %w", r.err)
	}
	p.lines = r.lines
	return p, nil
}

func parseNode(data []byte) (*node, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("larger than %d bytes", MaxFile)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '{' {
		n, err := parseJSON(data)
		if err == nil || json.Valid(data) {
			return n, err
		}
		// A YAML file may begin with a brace too; if it is none, the fault of its JSON says more.
		if n, yamlErr := parseYAML(data); yamlErr == nil {
			return n, nil
		}
		return nil, err
	}
	return parseYAML(data)
}

// planReader reads a plan from nodes; it keeps the first fault.
type planReader struct {
	lines map[string]int
	err   error
}

func (r *planReader) fail(n *node, path, format string, args ...any) {
	if r.err == nil {
		r.err = lineError(n.line, path, format, args...)
	}
}

// object calls field for every member of an object; field reports whether it knows the name.
func (r *planReader) object(n *node, path string, field func(key, path string, value *node) bool) {
	if n.kind != '{' {
		r.fail(n, path, "expected an object, found %s", n.word())
		return
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		at := join(path, m.key)
		if _, ok := r.lines[at]; !ok {
			r.lines[at] = m.line
		}
		where := &node{line: m.line}
		if seen[m.key] {
			r.fail(where, at, "is there twice")
		}
		seen[m.key] = true
		if r.err != nil {
			return
		}
		if m.value.kind != 'n' && !field(m.key, at, m.value) {
			r.fail(where, at, "is not known here")
		}
	}
}

func (r *planReader) plan(n *node) *Plan {
	p := &Plan{}
	r.object(n, "", func(key, path string, v *node) bool {
		switch key {
		case "name":
			p.Name = r.text(v, path)
		case "description":
			p.Description = r.text(v, path)
		case "version":
			p.Version = r.count(v, path)
		case "extends":
			p.Extends = r.texts(v, path)
		case "rating_scale":
			p.RatingScale = r.scale(v, path)
		case "common":
			p.Common = r.schema(v, path)
		case "$defs":
			p.Defs = r.schema(v, path)
		case "events":
			p.Events = r.events(v, path)
		default:
			return false
		}
		return true
	})
	return p
}

func (r *planReader) events(n *node, path string) []Event {
	if n.kind != '[' {
		r.fail(n, path, "expected a list of events, found %s", n.word())
		return nil
	}
	out := make([]Event, len(n.items))
	for i, item := range n.items {
		at := path + "[" + strconv.Itoa(i) + "]"
		r.lines[at] = item.line
		r.event(item, at, &out[i])
	}
	return out
}

func (r *planReader) event(n *node, path string, e *Event) {
	r.object(n, path, func(key, path string, v *node) bool {
		switch key {
		case "type":
			e.Type = r.text(v, path)
		case "name":
			e.Name = r.text(v, path)
		case "aliases":
			e.Aliases = r.texts(v, path)
		case "version":
			e.Version = r.count(v, path)
		case "description":
			e.Description = r.text(v, path)
		case "labels":
			e.Labels = map[string]string{}
			r.object(v, path, func(key, path string, v *node) bool {
				e.Labels[key] = r.text(v, path)
				return true
			})
		case "deprecated":
			if e.Deprecated = v.kind == 't'; v.kind != 't' && v.kind != 'f' {
				r.fail(v, path, "expected true or false, found %s", v.word())
			}
		case "rating_scale":
			e.RatingScale = r.scale(v, path)
		case "property_aliases":
			e.PropertyAliases = map[string][]string{}
			r.object(v, path, func(key, path string, v *node) bool {
				e.PropertyAliases[key] = r.texts(v, path)
				return true
			})
		case "schema":
			e.Schema = r.schema(v, path)
		case "call":
			e.Call = r.schema(v, path)
		default:
			return false
		}
		return true
	})
}

func (r *planReader) text(n *node, path string) string {
	if n.kind != '"' {
		r.fail(n, path, "expected a string, found %s", n.word())
	}
	return n.text
}

// scale reads a rating scale, which is easily written as a number: 5.
func (r *planReader) scale(n *node, path string) string {
	if n.kind == '0' {
		return n.text
	}
	return r.text(n, path)
}

func (r *planReader) texts(n *node, path string) []string {
	if n.kind != '[' {
		r.fail(n, path, "expected a list of strings, found %s", n.word())
	}
	var out []string
	for i, item := range n.items {
		out = append(out, r.text(item, path+"["+strconv.Itoa(i)+"]"))
	}
	return out
}

func (r *planReader) count(n *node, path string) int {
	i, err := strconv.Atoi(n.text)
	if n.kind != '0' || err != nil || i < 1 {
		r.fail(n, path, "expected an integer from 1 on")
	}
	return i
}

// schema keeps a schema as JSON in the order of the file, and notes the lines of what is in it.
func (r *planReader) schema(n *node, path string) json.RawMessage {
	if n.kind != '{' && n.kind != 't' && n.kind != 'f' {
		r.fail(n, path, "expected a JSON Schema, found %s", n.word())
		return nil
	}
	r.note(n, path)
	return n.appendJSON(nil)
}

func (r *planReader) note(n *node, path string) {
	seen := map[string]bool{}
	for _, m := range n.members {
		at := join(path, m.key)
		r.lines[at] = m.line
		if seen[m.key] {
			r.fail(&node{line: m.line}, at, "is there twice")
		}
		seen[m.key] = true
		r.note(m.value, at)
	}
	for i, item := range n.items {
		at := path + "[" + strconv.Itoa(i) + "]"
		r.lines[at] = item.line
		r.note(item, at)
	}
}

// JSON writes the plan as indented JSON, with the same members in the same order.
func (p *Plan) JSON() ([]byte, error) {
	text, err := p.compact()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, fmt.Errorf("write plan %s: %w", p.Name, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// YAML writes the plan as a file for people.
func (p *Plan) YAML() ([]byte, error) {
	text, err := p.compact()
	if err != nil {
		return nil, err
	}
	n, err := parseJSON(text)
	if err != nil {
		return nil, fmt.Errorf("write plan %s: %w", p.Name, err)
	}
	return n.appendYAML(nil, 0), nil
}

func (p *Plan) compact() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("write plan %s: %w", p.Name, err)
	}
	return b.Bytes(), nil
}
