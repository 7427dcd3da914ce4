package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// findings turns what the schema library finds in one value into violations.
type findings struct {
	event   string
	version int
	label   string // of the rule: "Message Sent"
	prefix  string // of fields: "properties"; empty for the call as a whole
	root    any    // the value that was checked
	// pointer says where a value was sent, for omission.
	pointer func(location []string) string
	out     []finding // at most [most]
	rest    []finding // further ones: untold, but acted upon
}

// most bounds the violations of one call that are told.
const most = 100

func (f *findings) add(k Kind, location []string, description, rule string) {
	v := finding{Violation: Violation{Kind: k}}
	if k != KindRequiredMissing && f.pointer != nil {
		v.pointer = f.pointer(location)
	}
	if len(f.out) >= most {
		v.untold = true
		f.rest = append(f.rest, v)
		return
	}
	v.Violation = Violation{Kind: k, Event: f.event, Field: f.field(location), Description: description, Rule: f.label + "#" + rule, Version: f.version}
	f.out = append(f.out, v)
}

// found returns the findings in order, those that are not told last.
func (f *findings) found() []finding { return append(sorted(f.out), f.rest...) }

// field names a location; an index of an array is "$".
func (f *findings) field(location []string) string {
	var b strings.Builder
	b.WriteString(f.prefix)
	at := f.root
	for _, key := range location {
		if list, ok := at.([]any); ok {
			at = element(list, key)
			key = "$"
		} else if object, ok := at.(map[string]any); ok {
			at = object[key]
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(key)
	}
	return shorten(b.String(), 256)
}

func element(list []any, key string) any {
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(list) {
		return list[i]
	}
	return nil
}

// shorten cuts s to n bytes, between characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// rule says where the keyword is that e is about: "/properties/rating/maximum".
func ruleOf(e *jsonschema.ValidationError) string {
	_, fragment, _ := strings.Cut(e.SchemaURL, "#")
	for _, key := range e.ErrorKind.KeywordPath() {
		fragment += "/" + escapePointer(key)
	}
	return fragment
}

// collect notes a finding, or those inside it.
func (f *findings) collect(e *jsonschema.ValidationError) {
	at, rule := e.InstanceLocation, ruleOf(e)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		f.each(KindRequiredMissing, at, k.Missing, "is required", rule)
	case *kind.Dependency:
		f.each(KindRequiredMissing, at, k.Missing, "is required when "+k.Prop+" is there", rule)
	case *kind.DependentRequired:
		f.each(KindRequiredMissing, at, k.Missing, "is required when "+k.Prop+" is there", rule)
	case *kind.AdditionalProperties:
		f.each(KindUnplannedProperty, at, k.Properties, notInPlan, rule)
	case *kind.PropertyNames:
		_, text := describe(e)
		f.each(KindConstraint, at, []string{k.Property}, text, rule)
	case *kind.AnyOf:
		f.alternatives(e, rule)
	case *kind.OneOf:
		if len(k.Subschemas) == 0 {
			f.alternatives(e, rule)
			return
		}
		found, text := describe(e)
		f.add(found, at, text, rule)
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		for _, cause := range inOrder(e.Causes) {
			f.collect(cause)
		}
	default:
		found, text := describe(e)
		f.add(found, at, text, rule)
	}
}

// inOrder sorts causes when not all of them are told, so that the same are told each time.
func inOrder(causes []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(causes) <= most {
		return causes
	}
	return slices.SortedStableFunc(slices.Values(causes), func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation)
	})
}

// each notes the same of several members of a value.
func (f *findings) each(k Kind, at, names []string, description, rule string) {
	if len(names) > most {
		names = slices.Sorted(slices.Values(names))
	}
	for _, name := range names {
		f.add(k, append(slices.Clip(at), name), description, rule)
	}
}

// alternatives says in the fewest words why a value fits none of several schemas.
func (f *findings) alternatives(e *jsonschema.ValidationError, rule string) {
	var types, missing []string
	var near []*jsonschema.ValidationError // alternatives of the right type
	for _, cause := range e.Causes {
		leaf := cause
		for len(leaf.Causes) == 1 {
			leaf = leaf.Causes[0]
		}
		here := slices.Equal(leaf.InstanceLocation, e.InstanceLocation)
		if k, ok := leaf.ErrorKind.(*kind.Type); ok && here {
			types = append(types, k.Want...)
			continue
		}
		near = append(near, cause)
		if k, ok := leaf.ErrorKind.(*kind.Required); ok && here && len(k.Missing) == 1 {
			missing = append(missing, k.Missing[0])
		}
	}
	switch {
	case len(near) == 0 && len(types) > 0:
		text := "expected " + alternatives(slices.Compact(types)) + ", got " + typeName(f.value(e.InstanceLocation))
		f.add(KindTypeMismatch, e.InstanceLocation, text, rule)
	case len(near) == 1 && len(types) > 0:
		f.collect(near[0])
	case len(missing) == len(e.Causes) && len(missing) > 0:
		f.each(KindRequiredMissing, e.InstanceLocation, missing[:1], "one of "+strings.Join(missing, ", ")+" is required", rule)
	default:
		found, text := describe(e)
		f.add(found, e.InstanceLocation, text, rule)
	}
}

// value returns what is at a location.
func (f *findings) value(location []string) any {
	at := f.root
	for _, key := range location {
		switch v := at.(type) {
		case []any:
			at = element(v, key)
		case map[string]any:
			at = v[key]
		}
	}
	return at
}

// sorted orders violations by field, and drops what several keywords say alike. Of several types that a
// value should have, the narrowest is told: it is the shortest.
func sorted(list []finding) []finding {
	slices.SortFunc(list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.pointer, b.pointer), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(len(a.Description), len(b.Description)), cmp.Compare(a.Description, b.Description), cmp.Compare(a.Rule, b.Rule))
	})
	list = slices.CompactFunc(list, func(a, b finding) bool {
		return a.Field == b.Field && a.pointer == b.pointer && a.Kind == b.Kind && (a.Kind == KindTypeMismatch || a.Description == b.Description)
	})
	slices.SortStableFunc(list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Description, b.Description), cmp.Compare(a.Rule, b.Rule))
	})
	return list
}
