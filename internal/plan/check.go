package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Call is one call to check.
type Call struct {
	// Type is the call type after repair, Event the name of a track call; when it is empty it is read from
	// JSON, as the names of pages and screens always are.
	Type, Event string
	// JSON is the whole call in Segment's shape: one object.
	JSON []byte
}

// Check returns every violation of a call: first those of the event's own rule, then those of the
// common rule, each in the order of their fields; nil when it conforms. Types that the plan has no
// rule for are not looked at, save by the common rule; spans and logs not at all.
func (c *Checker) Check(call Call) []Violation {
	found := c.check(call)
	return violations(found.own, found.common)
}

// found is what a check finds.
type found struct {
	own, common, repairs []finding
}

func (c *Checker) check(call Call) found {
	switch call.Type {
	case "track", "identify", "group", "page", "screen", "alias":
	default:
		return found{}
	}
	if c.common == nil && !c.types[call.Type] {
		return found{}
	}
	var d document
	if err := d.read(call.JSON); err != nil {
		return found{own: []finding{{Violation: Violation{Kind: KindUnknown, Event: call.name(nil), Description: err.Error()}}}}
	}
	out := found{}
	if c.types[call.Type] {
		out = c.event(&d, call)
	}
	if c.common != nil {
		out.common = c.checkCommon(&d, call)
	}
	return out
}

// name is how violations name the event.
func (call Call) name(d *document) string {
	switch call.Type {
	case "identify", "group", "alias":
		return call.Type
	}
	if d == nil {
		return call.Event
	}
	if call.Type != "track" {
		name, _ := d.member("name").(string)
		return name
	}
	if call.Event != "" {
		return call.Event
	}
	name, _ := d.member("event").(string)
	return name
}

func (c *Checker) checkCommon(d *document, call Call) []finding {
	f := findings{event: call.name(d), label: "common", root: d.whole(), pointer: removable}
	f.validate(c.common)
	return f.found()
}

// validate notes what a schema finds in the root.
func (f *findings) validate(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	err := s.Validate(f.root)
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		f.collect(invalid)
	}
}

// removable points to what may be taken out of a call: what is inside properties, traits and context.
func removable(location []string) string {
	if len(location) >= 2 && (location[0] == "properties" || location[0] == "traits" || location[0] == "context") {
		return pointerOf("", location)
	}
	return ""
}

// event checks a call by the rule of its event.
func (c *Checker) event(d *document, call Call) found {
	name := call.name(d)
	key := eventKey{call.Type, name}
	switch call.Type {
	case "identify", "group":
		key.name = ""
	}
	ev := c.events[key]
	if ev == nil && (call.Type == "page" || call.Type == "screen") {
		ev = c.events[eventKey{call.Type, ""}]
	}
	if name == "" {
		name = call.Type
	}
	if ev == nil {
		return found{own: []finding{{Violation: Violation{Kind: KindUnplannedEvent, Event: shorten(name, 256), Description: c.unplanned(key)}}}}
	}
	rules := ev.versions
	if len(rules) > 1 {
		if asked := slices.IndexFunc(rules, func(r *rule) bool { return r.version == d.version() }); asked >= 0 {
			rules = rules[asked : asked+1]
		}
	}
	var oldest found
	for i, r := range rules {
		out := r.check(d, call.Type, name, c.shared)
		if len(out.own) == 0 {
			oldest = out
			break
		}
		if i == 0 {
			oldest = out
		}
	}
	if ev.name != "" && ev.name != key.name {
		oldest.repairs = append(oldest.repairs, finding{Violation: Violation{Kind: KindRepair, Event: name, Description: "is another name of " + ev.name, Rule: ev.name + "#aliases"}})
	}
	return oldest
}

func (c *Checker) unplanned(key eventKey) string {
	if like := c.looks[eventKey{key.typ, fold(key.name)}]; like != "" && fold(key.name) != "" {
		return notInPlan + "; did you mean " + like + "?"
	}
	if key.name == "" {
		return "has no name"
	}
	return notInPlan
}

// version reads context.protocols.event_version; 0 if there is none.
func (d *document) version() int {
	context, _ := d.member("context").(map[string]any)
	protocols, _ := context["protocols"].(map[string]any)
	n, ok := protocols["event_version"].(json.Number)
	if !ok {
		return 0
	}
	v, err := strconv.Atoi(n.String())
	if err != nil {
		return 0
	}
	return v
}

// check applies one version of a rule. What is shared is planned too.
func (r *rule) check(d *document, typ, name string, shared map[string]*names) found {
	f := findings{event: name, version: r.version, label: r.label}
	if r.call != nil {
		f.root, f.pointer = d.whole(), removable
		f.validate(r.call)
	}
	if r.schema == nil {
		return found{own: f.found()}
	}
	p := r.subject(d, typ)
	f.prefix, f.root, f.pointer = p.prefix, p.value, p.pointer
	object, ok := p.value.(map[string]any)
	if !ok {
		f.pointer = nil
		f.add(KindTypeMismatch, nil, "expected object, got "+typeName(p.value), "")
		return found{own: f.found()}
	}
	f.validate(r.schema)
	if !r.open {
		var unplanned []string
		for key := range object {
			if !r.plans(key) && !shared[p.prefix].plans(key) {
				unplanned = append(unplanned, key)
			}
		}
		f.each(KindUnplannedProperty, nil, unplanned, notInPlan, "")
	}
	for i := range p.repairs {
		p.repairs[i].Event, p.repairs[i].Version, p.repairs[i].Rule = name, r.version, r.label+"#property_aliases"
	}
	return found{own: f.found(), repairs: p.repairs}
}

// subject is what the schema of an event is applied to.
type subject struct {
	prefix    string // of fields: "properties", "traits"
	value     any
	base      string            // where it was sent, as a JSON Pointer
	elsewhere map[string]string // members that were sent under another name or in another place
	repairs   []finding
}

func (p *subject) pointer(location []string) string {
	if len(location) == 0 {
		return ""
	}
	if at, ok := p.elsewhere[location[0]]; ok {
		return pointerOf(at, location[1:])
	}
	return pointerOf(p.base, location)
}

// subject finds the properties or traits of a call, and those that were sent in an odd way.
func (r *rule) subject(d *document, typ string) *subject {
	p := &subject{prefix: "properties", base: "/properties"}
	if typ == "identify" || typ == "group" {
		p.traits(d)
	} else {
		p.value = d.member("properties")
	}
	if p.value == nil {
		p.value = map[string]any{}
	}
	if object, ok := p.value.(map[string]any); ok {
		p.tolerate(r, d, object, typ)
	}
	return p
}

// traits looks for traits where official SDKs put them, and where the seeds' examples do.
func (p *subject) traits(d *document) {
	p.prefix, p.base = "traits", "/traits"
	if p.value = d.member("traits"); p.value != nil {
		return
	}
	if context, ok := d.member("context").(map[string]any); ok && context["traits"] != nil {
		p.value, p.base = context["traits"], "/context/traits"
		return
	}
	if p.value = d.member("properties"); p.value != nil {
		p.base = "/properties"
		p.repair("traits", "was sent as properties")
	}
}

func (p *subject) repair(field, how string) {
	p.repairs = append(p.repairs, finding{Violation: Violation{Kind: KindRepair, Field: field, Description: how}})
}

// tolerate fills in properties that were sent under another name, or beside properties.
func (p *subject) tolerate(r *rule, d *document, object map[string]any, typ string) {
	own := false // the map, by now
	take := func(name string, value any, from, how string) {
		if !own {
			object, own = maps.Clone(object), true
			p.value, p.elsewhere = object, map[string]string{}
		}
		object[name] = value
		p.elsewhere[name] = from
		p.repair(p.prefix+"."+name, how)
	}
	for _, name := range slices.Sorted(maps.Keys(r.aliases)) {
		if object[name] != nil {
			continue
		}
		for _, other := range r.aliases[name] {
			if v := object[other]; v != nil {
				take(name, v, pointerOf(p.base, []string{other}), "was sent as "+other)
				delete(object, other)
				break
			}
		}
	}
	if typ != "track" || len(d.members) <= 2 {
		return
	}
	for _, m := range d.members {
		if _, there := object[m.key]; there || envelope(m.key) || !r.known[m.key] {
			continue
		}
		take(m.key, d.member(m.key), pointerOf("", []string{m.key}), "was sent beside properties")
	}
}

// envelope reports whether a member of a call is the envelope's, and so never a property sent in the
// wrong place: its messageId is not a chat message's, its type and action name the call.
func envelope(key string) bool {
	switch key {
	case "type", "action", "event", "name", "category", "userId", "anonymousId", "groupId", "previousId", "messageId",
		"timestamp", "originalTimestamp", "sentAt", "receivedAt", "context", "integrations", "properties", "traits",
		"channel", "version", "writeKey", "_metadata":
		return true
	}
	return strings.HasPrefix(key, "$")
}

// String describes a violation in one line, for people.
func (v *Violation) String() string {
	if v.Field == "" {
		return fmt.Sprintf("%s: %s", v.Event, v.Description)
	}
	return fmt.Sprintf("%s: %s %s", v.Event, v.Field, v.Description)
}
