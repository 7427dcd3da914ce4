package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ImportSegment reads a tracking plan of Segment's: trackingPlan and rules as the Public API has them
// (with or without its data envelope), the older Config API's, or the plan.json that typewriter keeps.
// Problems are what could not be taken over, and what [Plan.Lint] says of the result. The error is of a
// file that is none of these.
func ImportSegment(data []byte) (*Plan, []Problem, error) {
	root, err := parseNode(data)
	if err != nil {
		return nil, nil, fmt.Errorf("import tracking plan: %w", err)
	}
	im := &segmentImport{plan: &Plan{Version: 1}}
	if err := im.file(root); err != nil {
		return nil, nil, fmt.Errorf("import tracking plan: %w", err)
	}
	return im.plan, append(im.problems, im.plan.Lint()...), nil
}

// segmentImport is one import.
type segmentImport struct {
	plan     *Plan
	defs     node
	problems []Problem
}

func (im *segmentImport) note(path, format string, args ...any) {
	im.problems = append(im.problems, Problem{Severity: SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...)})
}

var errNoSegmentPlan = errors.New("found no rules; expected the rules of Segment's Public API, a plan of the Config API or typewriter's plan.json")

func (im *segmentImport) file(root *node) error {
	if data := root.get("data"); data != nil {
		root = data
	}
	if list := root.get("tracking_plans"); list != nil && len(list.items) == 1 {
		root = list.items[0]
	}
	head := root
	if p := root.get("trackingPlan"); p != nil {
		head = p
	}
	rules := root.get("rules")
	if rules == nil {
		rules = head.get("rules")
	}
	switch {
	case root.kind == '[':
		rules = root
	case rules == nil:
		return errNoSegmentPlan
	}
	im.head(head)
	switch rules.kind {
	case '[':
		for i, r := range rules.items {
			im.rule(r, "rules["+strconv.Itoa(i)+"]")
		}
	case '{':
		im.config(rules)
	default:
		return errNoSegmentPlan
	}
	if len(im.defs.members) > 0 {
		im.defs.kind = '{'
		im.plan.Defs = im.defs.appendJSON(nil)
	}
	return nil
}

func (im *segmentImport) head(n *node) {
	title := textOf(n.get("display_name"))
	if title == "" {
		title = textOf(n.get("name"))
	}
	name := textOf(n.get("slug"))
	if !planName.MatchString(name) {
		name = slug(title)
	}
	im.plan.Name = name
	if im.plan.Description = textOf(n.get("description")); im.plan.Description == "" && title != name {
		im.plan.Description = title
	}
}

// slug makes a plan's name of a title.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	if len(words) == 0 {
		return "imported"
	}
	return strings.Join(words, "-")
}

func textOf(n *node) string {
	if n == nil || n.kind != '"' {
		return ""
	}
	return n.text
}

// rule takes over a rule of the Public API.
func (im *segmentImport) rule(n *node, path string) {
	schema := n.get("jsonSchema")
	if schema == nil {
		schema = n.get("rules") // so typewriter names them in some versions
	}
	if schema == nil || schema.kind != '{' {
		im.note(path, "has no jsonSchema; left out")
		return
	}
	key := textOf(n.get("key"))
	if key == "" {
		key = textOf(n.get("name"))
	}
	e := Event{Name: key, Version: intOf(n.get("version")), Description: textOf(n.get("description"))}
	if at := textOf(n.get("deprecatedAt")); at != "" && !strings.HasPrefix(at, "0001-") {
		e.Deprecated = true
	}
	im.add(e, strings.ToLower(textOf(n.get("type"))), schema, path)
}

func intOf(n *node) int {
	if n == nil {
		return 0
	}
	i, _ := strconv.Atoi(n.text)
	return max(i, 0)
}

// config takes over the rules of the older Config API.
func (im *segmentImport) config(rules *node) {
	for _, m := range rules.members {
		switch m.key {
		case "events":
			for i, r := range m.value.items {
				schema := r.get("rules")
				if schema == nil {
					im.note(fmt.Sprintf("rules.events[%d]", i), "has no rules; left out")
					continue
				}
				e := Event{Name: textOf(r.get("name")), Version: intOf(r.get("version")), Description: textOf(r.get("description"))}
				im.add(e, "track", schema, fmt.Sprintf("rules.events[%d]", i))
			}
		case "global", "common", "identify", "group":
			if m.value.kind == '{' && len(m.value.members) > 0 {
				im.add(Event{}, m.key, m.value, "rules."+m.key)
			}
		case "identify_traits", "group_traits":
			if len(m.value.items) > 0 {
				im.note("rules."+m.key, "is not taken over: the rule of %s says the same", strings.TrimSuffix(m.key, "_traits"))
			}
		}
	}
}

// add takes over one rule: a schema of the whole call, of which the part on properties or traits
// becomes the event's schema.
func (im *segmentImport) add(e Event, typ string, schema *node, path string) {
	im.mend(schema)
	schema = im.takeDefs(schema, path)
	inner := "properties"
	switch typ {
	case "", "track":
	case "common", "global":
		im.plan.Common = schema.without("$schema", "labels").appendJSON(nil)
		return
	case "identify", "group":
		inner, e.Name, e.Type = "traits", "", typ
	case "page", "screen":
		e.Type = typ
	default:
		im.note(path, "has the type %s, which is not known; left out", typ)
		return
	}
	if e.Version == 1 {
		e.Version = 0
	}
	if e.Description == "" {
		e.Description = textOf(schema.get("description"))
	}
	if labels := schema.get("labels"); labels != nil && len(labels.members) > 0 {
		e.Labels = map[string]string{}
		for _, m := range labels.members {
			e.Labels[m.key] = string(m.value.appendJSON(nil))
			if m.value.kind == '"' {
				e.Labels[m.key] = m.value.text
			}
		}
	}
	if part := schema.get("properties").get(inner); part != nil && len(part.members) > 0 {
		e.Schema = dated(part).appendJSON(nil)
	}
	if rest := callPart(schema, inner); len(rest.members) > 0 {
		e.Call = rest.appendJSON(nil)
	}
	im.plan.Events = append(im.plan.Events, e)
}

// callPart is what a rule says of the call beside properties or traits.
func callPart(schema *node, inner string) *node {
	out := &node{kind: '{'}
	for _, m := range schema.members {
		switch m.key {
		case "$schema", "type", "description", "labels", "title", "$id", "id":
		case "properties":
			rest := &node{kind: '{'}
			for _, p := range m.value.members {
				if p.key != inner && !saysNothing(p.value) {
					rest.members = append(rest.members, p)
				}
			}
			if len(rest.members) > 0 {
				out.members = append(out.members, member{key: "properties", value: rest})
			}
		case "required":
			rest := &node{kind: '['}
			for _, r := range m.value.items {
				if r.text != inner {
					rest.items = append(rest.items, r)
				}
			}
			if len(rest.items) > 0 {
				out.members = append(out.members, member{key: "required", value: rest})
			}
		default:
			out.members = append(out.members, m)
		}
	}
	return out
}

// saysNothing reports whether a schema lets any object pass: {}, or {"type":"object"} and no more.
func saysNothing(n *node) bool {
	for _, m := range n.members {
		if m.key != "type" && m.key != "description" && !(m.key == "properties" && len(m.value.members) == 0) {
			return false
		}
	}
	return n.kind == '{'
}

func (n *node) without(keys ...string) *node {
	out := *n
	out.members = slices.DeleteFunc(slices.Clone(n.members), func(m member) bool { return slices.Contains(keys, m.key) })
	return &out
}

// dated names draft-07 where a schema uses what later drafts read otherwise.
func dated(n *node) *node {
	if !n.uses(func(m member) bool {
		return m.key == "items" && m.value.kind == '[' || m.key == "additionalItems" || m.key == "dependencies"
	}) {
		return n
	}
	out := n.without("$schema")
	out.members = append([]member{{key: "$schema", value: &node{kind: '"', text: draft07}}}, out.members...)
	return out
}

const draft07 = "http://json-schema.org/draft-07/schema#"

func (n *node) uses(is func(member) bool) bool {
	for _, m := range n.members {
		if is(m) || m.value.uses(is) {
			return true
		}
	}
	return slices.ContainsFunc(n.items, func(item *node) bool { return item.uses(is) })
}

// mend turns Segment's own types into JSON Schema's: any has no type, date-time is a format.
func (im *segmentImport) mend(n *node) {
	if t := n.get("type"); t != nil && (t.kind == '"' || t.kind == '[') {
		types := typesOf(t)
		if slices.Contains(types, "any") {
			*n = *n.without("type")
		} else if i := slices.Index(types, "date-time"); i >= 0 {
			if t.kind == '"' {
				t.text = "string"
			} else {
				t.items[i].text = "string"
			}
			if n.get("format") == nil {
				n.members = append(n.members, member{key: "format", value: &node{kind: '"', text: "date-time"}})
			}
		}
	}
	if ref := n.get("$ref"); ref != nil && ref.kind == '"' {
		ref.text = strings.Replace(ref.text, "#/definitions/", "#/$defs/", 1)
	}
	for _, m := range n.members {
		im.mend(m.value)
	}
	for _, item := range n.items {
		im.mend(item)
	}
}

// takeDefs moves a rule's definitions to the plan's.
func (im *segmentImport) takeDefs(schema *node, path string) *node {
	for _, key := range []string{"definitions", "$defs"} {
		defs := schema.get(key)
		if defs == nil {
			continue
		}
		for _, m := range defs.members {
			if other := im.defs.get(m.key); other == nil {
				im.defs.members = append(im.defs.members, m)
			} else if !other.equal(m.value) {
				im.note(path+"."+key+"."+m.key, "differs from the definition of the same name in another rule, which is used")
			}
		}
	}
	return schema.without("definitions", "$defs")
}
