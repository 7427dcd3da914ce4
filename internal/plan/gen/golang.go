package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"regexp"
	"strings"

	"github.com/debrief-dev/debrief/internal/plan"
)

var goPackage = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

const goPrelude = `
import "github.com/segmentio/analytics-go/v3"

// Who is whom a call is about: one of the ids, or both.
type Who struct {
	UserID      string
	AnonymousID string
}

// Queue is the part of analytics.Client that is used.
type Queue interface {
	Enqueue(analytics.Message) error
}
`

// Go writes a package with one function an event, for segmentio/analytics-go v3. What an event must
// have are parameters; what it may have is a struct whose zero value has nothing.
func Go(p *plan.Plan, name string) ([]byte, error) {
	if !goPackage.MatchString(name) || goKeyword(name) {
		return nil, fmt.Errorf("generate Go: %q is no name of a package", name)
	}
	list, full, err := calls(p)
	if err != nil {
		return nil, fmt.Errorf("generate Go: %w", err)
	}
	w := &goWriter{names: taken{"Who": true, "Queue": true}}
	w.b.WriteString(header(full))
	fmt.Fprintf(&w.b, "\n// Package %s sends the events of the tracking plan %s.\npackage %s\n%s", name, full.Name, name, goPrelude)
	for i := range list {
		w.call(&list[i])
	}
	out, err := format.Source(w.b.Bytes())
	if err != nil {
		panic(fmt.Sprintf("BUG: generated Go does not parse: %v\n%s", err, w.b.Bytes()))
	}
	return out, nil
}

type goWriter struct {
	b     bytes.Buffer
	names taken
	later []func() // types that others refer to
}

func (w *goWriter) call(c *call) {
	fn := w.names.pick(pascal(c.callName(), goWord))
	m := w.members(c.members, fn)
	m.taken["q"], m.taken["who"], m.taken["groupID"] = true, true, true
	m.name()
	w.b.WriteString("\n")
	text := c.description
	if text == "" {
		text = "sends " + c.callName() + "."
	} else {
		text = "sends " + c.callName() + ". " + text
	}
	w.doc(fn + " " + text)
	if c.deprecated {
		w.b.WriteString("//\n// Deprecated: the plan says that the event should no longer be sent.\n")
	}
	group, fields := "", ""
	if c.typ == "group" {
		group, fields = "groupID string, ", "GroupId: groupID, "
	}
	fmt.Fprintf(&w.b, "func %s(q Queue, who Who, %s%s) error {\n", fn, group, m.parameters())
	w.b.WriteString(m.build())
	switch c.typ {
	case "track":
		fields += fmt.Sprintf("Event: %q, Properties: m", c.name)
	case "page", "screen":
		fields += fmt.Sprintf("Name: %q, Properties: m", c.name)
	default:
		fields += "Traits: m"
	}
	if c.version > 0 {
		fields += fmt.Sprintf(", Context: &analytics.Context{Extra: map[string]any{\"protocols\": map[string]any{\"event_version\": %d}}}", c.version)
	}
	fmt.Fprintf(&w.b, "return q.Enqueue(analytics.%s{UserId: who.UserID, AnonymousId: who.AnonymousID, %s})\n}\n", capital(c.typ), fields)
	m.options()
	for len(w.later) > 0 {
		next := w.later[0]
		w.later = w.later[1:]
		next()
	}
}

func (w *goWriter) doc(text string) {
	for _, line := range comment(text) {
		fmt.Fprintf(&w.b, "// %s\n", line)
	}
}

// goMembers are the members of one object, as parameters and a struct of options.
type goMembers struct {
	w        *goWriter
	object   *object
	owner    string // the type or function they belong to
	taken    taken
	names    []string // one for each field
	types    []string
	optional string // the struct of what may be left out; "" if there is none
}

func (w *goWriter) members(o *object, owner string) *goMembers {
	m := &goMembers{w: w, object: o, owner: owner, taken: taken{}}
	for _, word := range []string{
		"optional", "m", "out", "item", "analytics", "any", "string", "float64", "int64", "bool", "error", "nil", "true", "false", "len", "make", "append",
	} {
		m.taken[word] = true
	}
	return m
}

// name gives every field its name and type.
func (m *goMembers) name() {
	exported := taken{"Extra": true}
	optional := m.object.open
	for _, f := range m.object.fields {
		name := pascal(f.name, goWord)
		if f.required {
			if name = decapital(name); goKeyword(name) {
				name += "Value"
			}
			name = m.taken.pick(name)
		} else {
			name = exported.pick(name)
			optional = true
		}
		m.names = append(m.names, name)
		m.types = append(m.types, m.w.typeOf(f.shape, m.owner+pascal(f.name, goWord), f.required))
	}
	if optional {
		m.optional = m.w.names.pick(m.owner + "Optional")
	}
}

func (m *goMembers) parameters() string {
	var out []string
	for i, f := range m.object.fields {
		if f.required {
			out = append(out, m.names[i]+" "+m.types[i])
		}
	}
	if m.optional != "" {
		out = append(out, "optional "+m.optional)
	}
	return strings.Join(out, ", ")
}

// build writes the statements that make m, a map of the members.
func (m *goMembers) build() string {
	var b strings.Builder
	b.WriteString("m := map[string]any{}\n")
	if m.object.open {
		b.WriteString("for name, value := range optional.Extra {\nm[name] = value\n}\n")
	}
	for i, f := range m.object.fields {
		if f.required {
			fmt.Fprintf(&b, "m[%q] = %s\n", f.name, m.w.expression(f.shape, m.names[i], true))
		}
	}
	for i, f := range m.object.fields {
		if f.required {
			continue
		}
		at := "optional." + m.names[i]
		test := at + " != nil"
		if f.shape.kind == "enum" {
			test = at + ".value != nil"
		}
		fmt.Fprintf(&b, "if %s {\nm[%q] = %s\n}\n", test, f.name, m.w.expression(f.shape, at, false))
	}
	return b.String()
}

// options writes the struct of what may be left out.
func (m *goMembers) options() {
	if m.optional == "" {
		return
	}
	b := &m.w.b
	fmt.Fprintf(b, "\n// %s are the members that %s can do without.\ntype %s struct {\n", m.optional, m.owner, m.optional)
	for i, f := range m.object.fields {
		if !f.required {
			m.w.doc(f.description)
			fmt.Fprintf(b, "%s %s\n", m.names[i], m.types[i])
		}
	}
	if m.object.open {
		b.WriteString("// Extra are further members, which the plan welcomes.\nExtra map[string]any\n")
	}
	b.WriteString("}\n")
}

// typeOf returns the type of a member, and arranges for it to be written.
func (w *goWriter) typeOf(s *shape, name string, required bool) string {
	pointer := "*"
	if required && !s.nullable {
		pointer = ""
	}
	switch s.kind {
	case "string":
		return pointer + "string"
	case "number":
		return pointer + "float64"
	case "integer":
		return pointer + "int64"
	case "boolean":
		return pointer + "bool"
	case "enum":
		name = w.names.pick(name)
		w.later = append(w.later, func() { w.enum(name, s) })
		return name
	case "object":
		if len(s.object.fields) == 0 {
			return "map[string]any"
		}
		name = w.names.pick(name)
		w.later = append(w.later, func() { w.nested(name, s.object) })
		if required {
			return name
		}
		return "*" + name
	case "array":
		if s.elem == nil {
			return "[]any"
		}
		return "[]" + w.typeOf(s.elem, name+"Item", true)
	}
	return "any"
}

// expression turns a member's value into what is sent.
func (w *goWriter) expression(s *shape, at string, required bool) string {
	switch s.kind {
	case "enum":
		return at + ".value"
	case "object":
		if len(s.object.fields) > 0 {
			return at + ".members"
		}
	case "array":
		if s.elem != nil && (s.elem.kind == "enum" || s.elem.kind == "object" && len(s.elem.object.fields) > 0 || s.elem.kind == "array") {
			return fmt.Sprintf("func() []any {\nout := make([]any, 0, len(%s))\nfor _, item := range %s {\nout = append(out, %s)\n}\nreturn out\n}()", at, at, w.expression(s.elem, "item", true))
		}
		return at
	case "string", "number", "integer", "boolean":
		if !required {
			return "*" + at
		}
	}
	return at
}

// enum writes a type that has the plan's values and no others.
func (w *goWriter) enum(name string, s *shape) {
	fmt.Fprintf(&w.b, "\n// %s is one of the values below.\ntype %s struct{ value any }\n\n// The values of %s.\nvar (\n", name, name, name)
	for _, v := range s.values {
		fmt.Fprintf(&w.b, "%s = %s{%#v}\n", w.names.pick(name+pascalValue(v)), name, goLiteral(v))
	}
	w.b.WriteString(")\n")
}

// goLiteral is a value whose %#v is Go: a number as it was written would be a string.
func goLiteral(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}

func pascalValue(v any) string {
	if s := pascal(fmt.Sprint(v), goWord); s != "Event" {
		return strings.TrimPrefix(s, "Event")
	}
	return "Other"
}

// nested writes a type for an object inside another, and the function that makes it.
func (w *goWriter) nested(name string, o *object) {
	m := w.members(o, name)
	m.name()
	fn := w.names.pick("New" + name)
	fmt.Fprintf(&w.b, "\n// %s is made by %s.\ntype %s struct{ members map[string]any }\n\n", name, fn, name)
	fmt.Fprintf(&w.b, "// %s returns the object with the members that it must have.\nfunc %s(%s) %s {\n%sreturn %s{m}\n}\n", fn, fn, m.parameters(), name, m.build(), name)
	m.options()
}
