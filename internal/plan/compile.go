package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Checker is a compiled plan. It never changes; many goroutines may use one.
type Checker struct {
	events map[eventKey]*planned // by name and by alias
	types  map[string]bool       // call types that the plan has rules for
	looks  map[eventKey]string   // names without case, space and underscores, to the planned ones
	common *jsonschema.Schema
	shared map[string]*names // properties and traits that the common rule speaks of
	scale  string
}

// planned is one event with all its versions, oldest first.
type planned struct {
	name     string
	scale    string
	versions []*rule
}

// rule is one version of an event.
type rule struct {
	label   string
	version int
	schema  *jsonschema.Schema // of the properties; nil for none
	call    *jsonschema.Schema // of the call; nil for none
	names                      // properties that the schema speaks of
	open    bool               // properties without a name in the plan are fine
	aliases map[string][]string
}

// Compile prepares a plan for checking. It fails on rules that cannot be applied; [Plan.Lint] lists
// them all.
func Compile(p *Plan) (*Checker, error) {
	full, err := p.Resolve()
	if err != nil {
		return nil, fmt.Errorf("compile plan %s: %w", p.Name, err)
	}
	s, err := newSchemas(full)
	if err != nil {
		path, message := faultOfDefs(err)
		return nil, fmt.Errorf("compile plan %s: %s: %s", p.Name, path, message)
	}
	c := &Checker{events: map[eventKey]*planned{}, types: map[string]bool{}, looks: map[eventKey]string{}, shared: map[string]*names{}, scale: full.RatingScale}
	if len(full.Common) > 0 {
		if c.common, err = s.compile(full.Common); err != nil {
			path, message := faultOf(err, "common")
			return nil, fmt.Errorf("compile plan %s: %s: %s", p.Name, path, message)
		}
	}
	for _, member := range []string{"properties", "traits"} {
		c.shared[member] = commonNames(c.common, member)
	}
	for i := range full.Events {
		e := &full.Events[i]
		r, err := newRule(s, e, fmt.Sprintf("events[%d]", i))
		if err != nil {
			return nil, fmt.Errorf("compile plan %s: %w", p.Name, err)
		}
		if err := c.add(e, r); err != nil {
			return nil, fmt.Errorf("compile plan %s: events[%d]: %w", p.Name, i, err)
		}
	}
	return c, nil
}

func newRule(s *schemas, e *Event, path string) (*rule, error) {
	r := &rule{label: e.Name, version: e.versionOf(), aliases: e.PropertyAliases, names: names{known: map[string]bool{}}, open: true}
	if r.label == "" {
		r.label = e.typeOf()
	}
	var err error
	if len(e.Schema) > 0 {
		if r.schema, err = s.compile(e.Schema); err != nil {
			path, message := faultOf(err, path+".schema")
			return nil, fmt.Errorf("%s: %s", path, message)
		}
		r.declare(r.schema)
	}
	if len(e.Call) > 0 {
		if r.call, err = s.compile(e.Call); err != nil {
			path, message := faultOf(err, path+".call")
			return nil, fmt.Errorf("%s: %s", path, message)
		}
	}
	return r, nil
}

// add files a rule under the names of its event.
func (c *Checker) add(e *Event, r *rule) error {
	key := e.key()
	ev := c.events[key]
	if ev == nil {
		ev = &planned{name: e.Name}
		c.events[key] = ev
		c.types[key.typ] = true
	} else if ev.name != e.Name {
		return fmt.Errorf("%s is an alias of %s already", key.title(), ev.name)
	}
	for _, v := range ev.versions {
		if v.version == r.version {
			return fmt.Errorf("%s has version %d twice", key.title(), r.version)
		}
	}
	if ev.scale == "" {
		ev.scale = e.RatingScale
	}
	ev.versions = append(ev.versions, r)
	slices.SortFunc(ev.versions, func(a, b *rule) int { return a.version - b.version })
	for _, name := range append([]string{e.Name}, e.Aliases...) {
		at := eventKey{key.typ, name}
		if other := c.events[at]; other != nil && other != ev {
			return fmt.Errorf("%s is the name of another event already", at.title())
		}
		c.events[at] = ev
		if look := (eventKey{key.typ, fold(name)}); c.looks[look] == "" {
			c.looks[look] = e.Name
		}
	}
	return nil
}

// names are the members of an object that a schema speaks of.
type names struct {
	known    map[string]bool
	patterns []jsonschema.Regexp
}

func (n *names) plans(name string) bool {
	return n.known[name] || slices.ContainsFunc(n.patterns, func(p jsonschema.Regexp) bool { return p.MatchString(name) })
}

// add notes the names in one schema.
func (n *names) add(s *jsonschema.Schema) {
	for name := range s.Properties {
		n.known[name] = true
	}
	for pattern := range s.PatternProperties {
		n.patterns = append(n.patterns, pattern)
	}
}

// declare notes the properties that a schema speaks of, wherever it does.
func (r *rule) declare(s *jsonschema.Schema) {
	free := false
	visit(s, func(s *jsonschema.Schema) {
		r.add(s)
		// What additionalProperties forbids, the schema itself reports.
		free = free || s.AdditionalProperties != nil || s.UnevaluatedProperties != nil
	})
	r.open = free || len(r.known)+len(r.patterns) == 0
}

// commonNames returns what the common rule says of a member of calls, properties or traits: it is planned in
// every event.
func commonNames(common *jsonschema.Schema, member string) *names {
	out := &names{known: map[string]bool{}}
	visit(common, func(s *jsonschema.Schema) { visit(s.Properties[member], out.add) })
	return out
}

// visit calls f for a schema and those that apply to the same value.
func visit(s *jsonschema.Schema, f func(*jsonschema.Schema)) {
	seen := map[*jsonschema.Schema]bool{}
	var walk func(s *jsonschema.Schema)
	walk = func(s *jsonschema.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		f(s)
		for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.If, s.Then, s.Else, s.Ref, s.RecursiveRef}} {
			for _, sub := range list {
				walk(sub)
			}
		}
		if s.DynamicRef != nil {
			walk(s.DynamicRef.Ref)
		}
		for _, sub := range s.DependentSchemas {
			walk(sub)
		}
	}
	walk(s)
}

// fold reduces a name to what people remember of it: letters and digits, without case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// RatingScale returns the scale that the plan gives to ratings of an event sent without one; "" for none.
func (c *Checker) RatingScale(typ, name string) string {
	if ev := c.events[eventKey{typ, name}]; ev != nil && ev.scale != "" {
		return ev.scale
	}
	return c.scale
}
