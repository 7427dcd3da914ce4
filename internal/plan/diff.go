package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Diff lists how a plan changed, event by event in the order of the new one. A change is breaking when
// calls that conformed may no longer do. Plans that extend others are compared with what they take over.
func Diff(before, after *Plan) []Change {
	d := differ{}
	a, b := resolved(before), resolved(after)
	d.words("", "", "description", a.Description, b.Description)
	d.words("", "", "rating scale", a.RatingScale, b.RatingScale)
	d.rule("", "common", a.Common, b.Common)
	d.rule("", "$defs", a.Defs, b.Defs)
	old := map[string]*Event{}
	for i := range a.Events {
		old[a.Events[i].id()] = &a.Events[i]
	}
	for i := range b.Events {
		e := &b.Events[i]
		if o := old[e.id()]; o != nil {
			d.event(o, e)
			delete(old, e.id())
		} else if first := a.find(e.key()); first != nil {
			d.add(false, e.key().title(), "", "has a new version %d", e.versionOf())
		} else {
			d.add(false, e.key().title(), "", "is new")
		}
	}
	for i := range a.Events {
		e := &a.Events[i]
		switch {
		case old[e.id()] == nil:
		case b.find(e.key()) != nil:
			d.add(true, e.key().title(), "", "lost version %d", e.versionOf())
		default:
			d.add(true, e.key().title(), "", "is gone; calls of it are unplanned now")
		}
	}
	return d.out
}

func resolved(p *Plan) *Plan {
	if full, err := p.Resolve(); err == nil {
		return full
	}
	return p
}

func (e *Event) id() string { return fmt.Sprintf("%s %q v%d", e.typeOf(), e.Name, e.versionOf()) }

// find returns the first version of an event.
func (p *Plan) find(key eventKey) *Event {
	for i := range p.Events {
		if p.Events[i].key() == key {
			return &p.Events[i]
		}
	}
	return nil
}

type differ struct{ out []Change }

func (d *differ) add(breaking bool, event, path, format string, args ...any) {
	d.out = append(d.out, Change{Breaking: breaking, Event: event, Path: path, Description: fmt.Sprintf(format, args...)})
}

// words notes a changed text that no call depends on.
func (d *differ) words(event, path, what, a, b string) {
	if a != b {
		d.add(false, event, path, "%s changed", what)
	}
}

func (d *differ) event(a, b *Event) {
	name := b.key().title()
	if v := b.versionOf(); v > 1 {
		name += " v" + strconv.Itoa(v)
	}
	d.words(name, "", "description", a.Description, b.Description)
	d.words(name, "", "rating scale", a.RatingScale, b.RatingScale)
	if a.Deprecated != b.Deprecated {
		d.add(false, name, "", "%s", map[bool]string{true: "is deprecated now", false: "is no longer deprecated"}[b.Deprecated])
	}
	for _, alias := range a.Aliases {
		if !slices.Contains(b.Aliases, alias) {
			d.add(true, name, "", "is no longer known as %s", alias)
		}
	}
	for _, alias := range b.Aliases {
		if !slices.Contains(a.Aliases, alias) {
			d.add(false, name, "", "is known as %s too", alias)
		}
	}
	d.aliases(name, a.PropertyAliases, b.PropertyAliases)
	prefix := "properties"
	if b.typeOf() == "identify" || b.typeOf() == "group" {
		prefix = "traits"
	}
	d.schemas(name, prefix, a.Schema, b.Schema)
	d.rule(name, "call", a.Call, b.Call)
}

func (d *differ) aliases(event string, a, b map[string][]string) {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if a[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, other := range a[name] {
			if !slices.Contains(b[name], other) {
				d.add(true, event, "properties."+name, "is no longer taken from %s", other)
			}
		}
		for _, other := range b[name] {
			if !slices.Contains(a[name], other) {
				d.add(false, event, "properties."+name, "is taken from %s too", other)
			}
		}
	}
}

// rule compares two schemas as a whole: what a change means to calls is not looked into.
func (d *differ) rule(event, path string, a, b json.RawMessage) {
	switch {
	case len(a) == 0 && len(b) == 0 || sameJSON(a, b):
	case len(a) == 0:
		d.add(path != "$defs", event, path, "is new")
	case len(b) == 0:
		d.add(path == "$defs", event, path, "is gone")
	default:
		d.add(true, event, path, "changed")
	}
}

func sameJSON(a, b json.RawMessage) bool {
	x, errX := parseJSON(orEmpty(a))
	y, errY := parseJSON(orEmpty(b))
	return errX == nil && errY == nil && x.equal(y)
}

// equal compares values; the order of members is none.
func (n *node) equal(o *node) bool {
	if n == nil || o == nil {
		return n == o
	}
	if n.kind != o.kind || n.text != o.text || len(n.items) != len(o.items) || len(n.members) != len(o.members) {
		return false
	}
	for i := range n.items {
		if !n.items[i].equal(o.items[i]) {
			return false
		}
	}
	for _, m := range n.members {
		if !m.value.equal(o.get(m.key)) {
			return false
		}
	}
	return true
}

func (d *differ) schemas(event, path string, a, b json.RawMessage) {
	switch {
	case len(a) == 0 && len(b) == 0:
	case len(a) == 0:
		d.add(true, event, path, "has a schema now")
	case len(b) == 0:
		d.add(false, event, path, "has no schema any more")
	default:
		x, errX := parseJSON(a)
		y, errY := parseJSON(b)
		if errX == nil && errY == nil {
			d.schema(event, path, x, y, true)
		}
	}
}

// schema compares what two schemas say of one value. Only the properties of the event itself are closed
// to what they do not name.
func (d *differ) schema(event, path string, a, b *node, closed bool) {
	if a.kind != '{' || b.kind != '{' {
		if !a.equal(b) {
			d.add(b.kind != 't', event, path, "rule changed")
		}
		return
	}
	for _, key := range keysOf(a, b) {
		x, y := a.get(key), b.get(key)
		if x.equal(y) {
			continue
		}
		switch key {
		case "properties":
			d.properties(event, path, a, b, closed)
		case "required":
			d.required(event, path, x, y)
		case "items":
			if x != nil && y != nil {
				d.schema(event, path+".$", x, y, false)
			} else {
				d.add(y != nil, event, path+".$", "%s", map[bool]string{true: "has a rule now", false: "has no rule any more"}[y != nil])
			}
		default:
			d.keyword(event, path, key, x, y)
		}
	}
}

func keysOf(a, b *node) []string {
	var out []string
	for _, n := range []*node{a, b} {
		for _, m := range n.members {
			if !slices.Contains(out, m.key) {
				out = append(out, m.key)
			}
		}
	}
	return out
}

func (d *differ) properties(event, path string, a, b *node, closed bool) {
	none := &node{kind: '{'}
	x, y := a.get("properties"), b.get("properties")
	if x == nil {
		x = none
	}
	if y == nil {
		y = none
	}
	shut := func(n *node) bool {
		more := n.get("additionalProperties")
		return closed && more == nil || more != nil && more.kind == 'f'
	}
	for _, name := range keysOf(x, y) {
		at, p, q := join(path, name), x.get(name), y.get(name)
		switch {
		case p == nil && !shut(a):
			d.add(true, event, at, "has a rule now; it was free before")
		case p == nil:
			d.add(false, event, at, "is new")
		case q == nil && shut(b):
			d.add(true, event, at, "is gone; it is unplanned now")
		case q == nil:
			d.add(false, event, at, "is no longer described")
		default:
			d.schema(event, at, p, q, false)
		}
	}
}

func (d *differ) required(event, path string, a, b *node) {
	x, y := texts(a), texts(b)
	for _, name := range x {
		if !slices.Contains(y, name) {
			d.add(false, event, join(path, name), "became optional")
		}
	}
	for _, name := range y {
		if !slices.Contains(x, name) {
			d.add(true, event, join(path, name), "became required")
		}
	}
}

func texts(n *node) []string {
	if n == nil {
		return nil
	}
	return typesOf(n)
}

// keyword compares one keyword whose value is not a schema of its own.
func (d *differ) keyword(event, path, key string, a, b *node) {
	switch key {
	case "description", "title", "examples", "default", "$comment", "labels", "deprecated", "$schema", "$id", "id":
		d.add(false, event, path, "%s changed", key)
		return
	case "type", "enum":
		x, y := words(a), words(b)
		wider := b == nil || a != nil && subset(x, y, key)
		d.add(!wider, event, path, "%s", changed(key, x, y))
		return
	case "minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum", "maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum":
		d.add(!looser(key, a, b), event, path, "%s", changed(key, words(a), words(b)))
		return
	case "additionalProperties":
		open := b == nil || b.kind == 't'
		d.add(!open, event, path, "%s", map[bool]string{true: "takes further properties now", false: "no longer takes any further property"}[open])
		return
	}
	d.add(b != nil, event, path, "%s", changed(key, words(a), words(b)))
}

func words(n *node) []string {
	if n == nil {
		return nil
	}
	if n.kind != '[' {
		return []string{string(n.appendJSON(nil))}
	}
	var out []string
	for _, item := range n.items {
		out = append(out, string(item.appendJSON(nil)))
	}
	return out
}

// subset reports whether everything in a is in b as well.
func subset(a, b []string, key string) bool {
	return !slices.ContainsFunc(a, func(v string) bool {
		return !slices.Contains(b, v) && (key != "type" || v != `"integer"` || !slices.Contains(b, `"number"`))
	})
}

// looser reports whether a bound lets through at least what it did.
func looser(key string, a, b *node) bool {
	if a == nil || b == nil {
		return b == nil
	}
	x, errX := strconv.ParseFloat(a.text, 64)
	y, errY := strconv.ParseFloat(b.text, 64)
	if errX != nil || errY != nil {
		return false
	}
	if strings.HasPrefix(strings.ToLower(strings.TrimPrefix(key, "exclusive")), "min") {
		return y <= x
	}
	return y >= x
}

func changed(key string, a, b []string) string {
	long := func(s string) bool { return len(s) > 60 }
	if slices.ContainsFunc(a, long) || slices.ContainsFunc(b, long) {
		return key + " changed"
	}
	switch {
	case len(a) == 0:
		return fmt.Sprintf("%s is now %s", key, strings.Join(b, ", "))
	case len(b) == 0:
		return key + " is gone"
	}
	return fmt.Sprintf("%s changed from %s to %s", key, strings.Join(a, ", "), strings.Join(b, ", "))
}
