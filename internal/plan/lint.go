package plan

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// maxRules is how many rules Segment takes in one import; more is a sign of names made by a program.
const maxRules = 2000

var (
	planName  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	scaleForm = regexp.MustCompile(`^\s*-?\d+(\.\d+)?(\s*[-/]\s*-?\d+(\.\d+)?)?\s*$`)
)

// scaleWords are the rating scales with a name of their own (docs/model.md).
var scaleWords = []string{"thumb", "thumbs", "boolean", "binary", "nps", "csat", "ces"}

// linter collects the problems of one plan.
type linter struct {
	p   *Plan
	out []Problem
}

// Lint lists what is wrong or odd in a plan, in the order of the file. A plan with an error cannot be
// used.
func (p *Plan) Lint() []Problem {
	l := &linter{p: p}
	l.head()
	l.events()
	l.spelling()
	l.schemas()
	sort.SliceStable(l.out, func(i, j int) bool { return l.out[i].Line < l.out[j].Line })
	return l.out
}

func (l *linter) add(s Severity, path, format string, args ...any) {
	l.out = append(l.out, Problem{Severity: s, Path: path, Line: l.p.line(path), Message: fmt.Sprintf(format, args...)})
}

func (l *linter) fault(path, format string, args ...any) { l.add(SeverityError, path, format, args...) }
func (l *linter) warn(path, format string, args ...any) {
	l.add(SeverityWarning, path, format, args...)
}

// line finds the line of a path, or of what it is in.
func (p *Plan) line(path string) int {
	for path != "" {
		if line, ok := p.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

func (l *linter) head() {
	p := l.p
	if !planName.MatchString(p.Name) {
		l.fault("name", "a plan has a name of lower-case words with dashes, like shop-copilot")
	}
	if p.RatingScale != "" && !knownScale(p.RatingScale) {
		l.fault("rating_scale", "is no scale; write 1-5, 0-10, 5, thumbs, nps, csat or ces")
	}
	if len(p.Events) == 0 && len(p.Extends) == 0 {
		l.fault("events", "the plan has no event")
	}
	if len(p.Events) > maxRules {
		l.warn("events", "%d rules are more than Segment's %d; are some of these names made by a program?", len(p.Events), maxRules)
	}
	for i, name := range p.Extends {
		at := fmt.Sprintf("extends[%d]", i)
		if _, ok := Builtin(name); !ok {
			l.fault(at, "there is no built-in plan %q", name)
		}
		if slices.Contains(p.Extends[:i], name) {
			l.warn(at, "%s is extended twice", name)
		}
	}
}

func knownScale(s string) bool {
	return scaleForm.MatchString(s) || slices.Contains(scaleWords, strings.ToLower(strings.TrimSpace(s)))
}

func (l *linter) events() {
	rules := map[string]bool{}
	names := map[eventKey]string{} // to the name that it stands for
	for i := range l.p.Events {
		e, at := &l.p.Events[i], fmt.Sprintf("events[%d]", i)
		l.event(e, at)
		id := fmt.Sprintf("%s version %d", e.key().title(), e.versionOf())
		if rules[id] {
			l.fault(at, "%s is there twice", id)
		}
		rules[id] = true
		if other, ok := names[e.key()]; ok && other != e.Name {
			l.fault(at+".name", "is an alias of %s already, so this rule is never reached", other)
		}
		names[e.key()] = e.Name
		for j, alias := range e.Aliases {
			key := eventKey{e.typeOf(), alias}
			if other, ok := names[key]; ok && other != e.Name {
				l.fault(fmt.Sprintf("%s.aliases[%d]", at, j), "is %s already", other)
			}
			names[key] = e.Name
		}
	}
}

func (l *linter) event(e *Event, at string) {
	switch e.typeOf() {
	case "track":
		if strings.TrimSpace(e.Name) == "" {
			l.fault(at, "a track event has a name")
		}
	case "identify", "group":
		if e.Name != "" || len(e.Aliases) > 0 {
			l.fault(at+".name", "%s calls have no name; leave it out", e.typeOf())
		}
	case "page", "screen":
	default:
		l.fault(at+".type", "there is no type %q; it is track, identify, group, page or screen", e.Type)
	}
	if e.Name != strings.TrimSpace(e.Name) {
		l.warn(at+".name", "begins or ends with a space, which the names that are sent have to as well")
	}
	if e.RatingScale != "" && !knownScale(e.RatingScale) {
		l.fault(at+".rating_scale", "is no scale; write 1-5, 0-10, 5, thumbs, nps, csat or ces")
	}
	for name, others := range e.PropertyAliases {
		if slices.Contains(others, name) {
			l.warn(at+".property_aliases."+name, "a property is no alias of itself")
		}
	}
}

// spelling warns of names that people will take for one another.
func (l *linter) spelling() {
	events := map[eventKey]string{}
	properties := map[string]string{}
	for i := range l.p.Events {
		e, at := &l.p.Events[i], fmt.Sprintf("events[%d]", i)
		look := eventKey{e.typeOf(), fold(e.Name)}
		if other, ok := events[look]; ok && other != e.Name && !slices.Contains(e.Aliases, other) {
			l.warn(at+".name", "differs from %s only in case, spaces or punctuation", other)
		} else if !ok {
			events[look] = e.Name
		}
		schema, err := parseJSON(orEmpty(e.Schema))
		if err != nil || schema.get("properties") == nil {
			continue
		}
		for _, m := range schema.get("properties").members {
			other, ok := properties[fold(m.key)]
			if ok && other != m.key {
				l.warn(join(at+".schema.properties", m.key), "another property of this plan is spelled %s", other)
			} else if !ok {
				properties[fold(m.key)] = m.key
			}
		}
	}
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// schemas compiles every schema, and looks at what compiles but cannot be meant.
func (l *linter) schemas() {
	full, err := l.p.Resolve()
	if err != nil {
		full = l.p // said already
	}
	s, err := newSchemas(full)
	if err != nil {
		at, message := faultOfDefs(err)
		l.fault(at, "%s", message)
		return
	}
	check := func(raw json.RawMessage, path string) {
		if len(raw) == 0 {
			return
		}
		if _, err := s.compile(raw); err != nil {
			at, message := faultOf(err, path)
			l.fault(at, "%s", message)
		}
		if n, err := parseJSON(raw); err == nil {
			l.schema(n, path)
		}
	}
	check(l.p.Common, "common")
	for i := range l.p.Events {
		at := fmt.Sprintf("events[%d]", i)
		check(l.p.Events[i].Schema, at+".schema")
		check(l.p.Events[i].Call, at+".call")
	}
	if n, err := parseJSON(orEmpty(l.p.Defs)); err == nil {
		for _, m := range n.members {
			l.schema(m.value, join("$defs", m.key))
		}
	}
}
