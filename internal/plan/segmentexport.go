package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ExportSegment writes a plan as Segment's Public API has it: trackingPlan and rules, of which the rules
// are what its PUT /tracking-plans/{id}/rules takes, 200 in a call. What the plan extends is written out,
// an alias becomes a rule of its own; rating scales and aliases of properties have no place there.
func ExportSegment(p *Plan) ([]byte, error) {
	full, err := p.Resolve()
	if err != nil {
		return nil, fmt.Errorf("export plan %s: %w", p.Name, err)
	}
	defs, err := parseJSON(orEmpty(full.Defs))
	if err != nil {
		return nil, fmt.Errorf("export plan %s: $defs: %w", p.Name, err)
	}
	x := segmentExport{defs: defs, rules: node{kind: '['}}
	if len(full.Common) > 0 {
		common, err := parseJSON(full.Common)
		if err != nil {
			return nil, fmt.Errorf("export plan %s: common: %w", p.Name, err)
		}
		x.rule("COMMON", "", 1, false, x.complete(common))
	}
	for i := range full.Events {
		e := &full.Events[i]
		schema, err := x.schema(e)
		if err != nil {
			return nil, fmt.Errorf("export plan %s: events[%d]: %w", p.Name, i, err)
		}
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			x.rule(strings.ToUpper(e.typeOf()), name, e.versionOf(), e.Deprecated, schema)
		}
	}
	head := object("name", word(p.Name), "slug", word(p.Name), "type", word("LIVE"))
	if p.Description != "" {
		head.set("description", word(p.Description))
	}
	var b bytes.Buffer
	if err := json.Indent(&b, object("trackingPlan", head, "rules", &x.rules).appendJSON(nil), "", "  "); err != nil {
		return nil, fmt.Errorf("export plan %s: %w", p.Name, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// segmentExport is one export.
type segmentExport struct {
	defs  *node
	rules node
}

func (x *segmentExport) rule(typ, key string, version int, deprecated bool, schema *node) {
	r := object("type", word(typ))
	if key != "" {
		r.set("key", word(key))
	}
	r.set("version", &node{kind: '0', text: fmt.Sprint(version)})
	r.set("jsonSchema", schema)
	if deprecated {
		r.set("deprecatedAt", word("1970-01-01T00:00:00Z"))
	}
	x.rules.items = append(x.rules.items, r)
}

// schema wraps an event's schema in one of the whole call.
func (x *segmentExport) schema(e *Event) (*node, error) {
	inner := "properties"
	if e.typeOf() == "identify" || e.typeOf() == "group" {
		inner = "traits"
	}
	part, err := parseJSON(orEmpty(e.Schema))
	if err != nil {
		return nil, err
	}
	call, err := parseJSON(orEmpty(e.Call))
	if err != nil {
		return nil, err
	}
	out := object("$schema", word(draft07), "type", word("object"))
	if e.Description != "" {
		out.set("description", word(e.Description))
	}
	if len(e.Labels) > 0 {
		labels := object()
		for _, key := range slices.Sorted(maps.Keys(e.Labels)) {
			labels.set(key, word(e.Labels[key]))
		}
		out.set("labels", labels)
	}
	members := object()
	if rest := call.get("properties"); rest != nil {
		members.members = slices.Clone(rest.members)
	}
	members.set(inner, part.without("$schema"))
	out.set("properties", members)
	required := &node{kind: '['}
	if rest := call.get("required"); rest != nil {
		required.items = slices.Clone(rest.items)
	}
	if r := part.get("required"); r != nil && len(r.items) > 0 {
		required.items = append(required.items, word(inner))
	}
	if len(required.items) > 0 {
		out.set("required", required)
	}
	for _, m := range call.members {
		if m.key != "properties" && m.key != "required" {
			out.set(m.key, m.value)
		}
	}
	return x.complete(out), nil
}

// complete adds the plan's definitions to a schema that refers to them.
func (x *segmentExport) complete(schema *node) *node {
	if len(x.defs.members) > 0 && schema.uses(func(m member) bool { return m.key == "$ref" }) {
		schema = schema.without()
		schema.set("$defs", x.defs)
	}
	return schema
}

func word(s string) *node { return &node{kind: '"', text: s} }

// object makes an object of keys and values in turn.
func object(pairs ...any) *node {
	n := &node{kind: '{'}
	for i := 0; i < len(pairs); i += 2 {
		n.set(pairs[i].(string), pairs[i+1].(*node))
	}
	return n
}

func (n *node) set(key string, value *node) {
	n.members = append(n.members, member{key: key, value: value})
}
