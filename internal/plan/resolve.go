package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// eventKey is what a rule is found by.
type eventKey struct{ typ, name string }

// typeOf returns the call type of an event; track is the default.
func (e *Event) typeOf() string {
	if e.Type == "" {
		return "track"
	}
	return e.Type
}

func (e *Event) versionOf() int { return max(e.Version, 1) }

func (e *Event) key() eventKey { return eventKey{e.typeOf(), e.Name} }

// title names an event in words: "track Message Sent".
func (k eventKey) title() string {
	if k.name == "" {
		return k.typ
	}
	return k.typ + " " + k.name
}

// Resolve returns the plan with the events of the built-in plans that it extends, its own first. What has
// a name already, be it an alias, is not taken over. The common rules of all of them apply together. The
// result extends nothing.
func (p *Plan) Resolve() (*Plan, error) {
	out := *p
	out.Extends = nil
	if len(p.Extends) == 0 {
		return &out, nil
	}
	out.lines = nil
	own := map[eventKey]bool{} // names and aliases that are taken
	out.Events = take(nil, own, p.Events)
	commons := rules(p.Common)
	for _, name := range p.Extends {
		base, ok := Builtin(name)
		if !ok {
			return nil, fmt.Errorf("plan %s extends %q, which is no built-in plan", p.Name, name)
		}
		if len(base.Defs) > 0 && len(out.Defs) > 0 {
			merged, err := mergeDefs(base.Defs, out.Defs)
			if err != nil {
				return nil, fmt.Errorf("extend plan %s: %w", name, err)
			}
			out.Defs = merged
		} else if len(base.Defs) > 0 {
			out.Defs = base.Defs
		}
		out.Events = take(out.Events, own, base.Events)
		commons = append(commons, rules(base.Common)...)
		if out.RatingScale == "" {
			out.RatingScale = base.RatingScale
		}
	}
	var err error
	out.Common, err = allOf(commons)
	return &out, err
}

// take adds the events whose names are not taken, without the aliases that are, and takes their names.
func take(list []Event, taken map[eventKey]bool, events []Event) []Event {
	names := map[eventKey]bool{}
	for _, e := range events {
		if taken[e.key()] {
			continue
		}
		e.Aliases = slices.DeleteFunc(slices.Clone(e.Aliases), func(alias string) bool { return taken[eventKey{e.typeOf(), alias}] })
		list = append(list, e)
		names[e.key()] = true
		for _, alias := range e.Aliases {
			names[eventKey{e.typeOf(), alias}] = true
		}
	}
	maps.Copy(taken, names)
	return list
}

func rules(r json.RawMessage) []json.RawMessage {
	if len(r) == 0 {
		return nil
	}
	return []json.RawMessage{r}
}

// allOf joins schemas; nil for none.
func allOf(list []json.RawMessage) (json.RawMessage, error) {
	switch len(list) {
	case 0:
		return nil, nil
	case 1:
		return list[0], nil
	}
	out, err := json.Marshal(map[string]any{"allOf": list})
	if err != nil {
		return nil, fmt.Errorf("join common rules: %w", err)
	}
	return out, nil
}

// mergeDefs joins two sets of definitions; those of over win.
func mergeDefs(under, over json.RawMessage) (json.RawMessage, error) {
	a, err := parseJSON(under)
	if err != nil {
		return nil, err
	}
	b, err := parseJSON(over)
	if err != nil {
		return nil, err
	}
	for _, m := range a.members {
		if b.get(m.key) == nil {
			b.members = append(b.members, m)
		}
	}
	return b.appendJSON(nil), nil
}
