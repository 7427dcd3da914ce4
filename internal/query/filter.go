package query

import (
	"errors"
	"fmt"
	"slices"
)

// Filter is a condition on a row: exactly one of its parts is set. A nil filter holds for every row, an
// empty And (not nil) too, an empty Or for none.
type Filter struct {
	And []*Filter
	Or  []*Filter
	Not *Filter
	// Is compares one field of the row.
	Is *Compare
	// Has holds for a conversation (grain Conversations) one of whose tracked events passes the inner
	// filter, which is at the grain of events.
	Has *Filter
	// In holds for an event (grain Events) whose conversation exists and passes the inner filter,
	// which is at the grain of conversations.
	In *Filter
	// Reached holds for a conversation (grain Conversations) that reaches a step of a funnel.
	Reached *Reached
}

// Cmp is how a field is compared.
type Cmp string

const (
	Eq       Cmp = "eq"       // equal to one of Values; strings exactly, case included
	Less     Cmp = "lt"       // number or time
	AtMost   Cmp = "lte"      // number or time
	Greater  Cmp = "gt"       // number or time
	AtLeast  Cmp = "gte"      // number or time
	Contains Cmp = "contains" // string: the value contains the text, both lower-cased rune by rune (strings.ToLower)
	Exists   Cmp = "exists"   // the row has the field; Values empty
)

// Compare is one comparison. A row that lacks the field passes none. On a set-valued field it passes
// if any of the row's values does. Negation is Not, so "not equal" holds where the field is absent.
type Compare struct {
	Field string
	Cmp   Cmp
	// Values to compare with, as text: at least one, exactly one but for Eq. Numbers are decimal,
	// booleans true or false, times RFC 3339.
	Values []string
}

// AllOf joins filters, leaving out nil ones. It returns nil if none is left.
func AllOf(fs ...*Filter) *Filter {
	var and []*Filter
	for _, f := range fs {
		if f != nil {
			and = append(and, f)
		}
	}
	switch len(and) {
	case 0:
		return nil
	case 1:
		return and[0]
	}
	return &Filter{And: and}
}

// Is compares a field with the values, which is the filter most questions need.
func Is(field string, cmp Cmp, values ...string) *Filter {
	return &Filter{Is: &Compare{Field: field, Cmp: cmp, Values: values}}
}

// Fields adds the names of all fields that the filter compares, those inside Has and In too.
func (f *Filter) Fields(into map[string]bool) {
	if f == nil {
		return
	}
	if f.Is != nil {
		into[f.Is.Field] = true
	}
	for _, inner := range slices.Concat(f.And, f.Or, []*Filter{f.Not, f.Has, f.In}) {
		inner.Fields(into)
	}
}

// Validate reports what is wrong with the filter at a grain; nil means that every engine
// compiles it.
func (f *Filter) Validate(g Grain) error {
	if f == nil {
		return nil
	}
	return f.validate(g, 0)
}

const maxFilterDepth = 16

func (f *Filter) validate(g Grain, depth int) error {
	if depth > maxFilterDepth {
		return fmt.Errorf("filter is nested deeper than %d", maxFilterDepth)
	}
	if f == nil {
		return errors.New("filter has an empty part")
	}
	parts := 0
	var errs []error
	sub := func(g Grain, inner ...*Filter) {
		parts++
		for _, x := range inner {
			errs = append(errs, x.validate(g, depth+1))
		}
	}
	if f.And != nil {
		sub(g, f.And...)
	}
	if f.Or != nil {
		sub(g, f.Or...)
	}
	if f.Not != nil {
		sub(g, f.Not)
	}
	if f.Has != nil {
		if g != Conversations {
			errs = append(errs, fmt.Errorf("has is for conversations, not %s", g))
		}
		sub(Events, f.Has)
	}
	if f.In != nil {
		if g != Events {
			errs = append(errs, fmt.Errorf("in is for events, not %s", g))
		}
		sub(Conversations, f.In)
	}
	if f.Reached != nil {
		parts++
		errs = append(errs, f.Reached.validate(g, depth+1))
	}
	if f.Is != nil {
		parts++
		errs = append(errs, f.Is.validate(g))
	}
	if parts != 1 {
		errs = append(errs, fmt.Errorf("filter has %d parts; it has exactly one", parts))
	}
	return joined(errs)
}

func (c *Compare) validate(g Grain) error {
	f, err := Resolve(g, c.Field)
	if err != nil {
		return err
	}
	if f.Origin == OfEvents {
		return fmt.Errorf("%s is a field of events; ask for conversations that have such an event", c.Field)
	}
	switch c.Cmp {
	case Exists:
		if len(c.Values) != 0 {
			return fmt.Errorf("%s exists takes no value", c.Field)
		}
		return nil
	case Eq:
		if len(c.Values) == 0 {
			return fmt.Errorf("%s eq needs a value", c.Field)
		}
	case Contains:
		if f.Type != String {
			return fmt.Errorf("contains needs a string; %s is a %s", c.Field, f.Type)
		}
	case Less, AtMost, Greater, AtLeast:
		if f.Type != Number && f.Type != Time {
			return fmt.Errorf("%s needs a number or a time; %s is a %s", c.Cmp, c.Field, f.Type)
		}
	default:
		return fmt.Errorf("unknown comparison %q", c.Cmp)
	}
	if c.Cmp != Eq && len(c.Values) != 1 {
		return fmt.Errorf("%s %s takes one value, not %d", c.Field, c.Cmp, len(c.Values))
	}
	for _, v := range c.Values {
		if err := f.Type.check(v); err != nil {
			return fmt.Errorf("%s: %w", c.Field, err)
		}
	}
	return nil
}

// asksConversion reports whether the filter, which is valid, asks for a field that Conversion defines.
func (f *Filter) asksConversion() bool {
	switch {
	case f == nil:
		return false
	case f.Is != nil:
		return OfConversion(f.Is.Field)
	}
	return slices.ContainsFunc(f.And, (*Filter).asksConversion) || slices.ContainsFunc(f.Or, (*Filter).asksConversion) ||
		f.Not.asksConversion() || f.Has.asksConversion() || f.In.asksConversion()
}

// OfConversion reports whether the meaning of a field of conversations depends on a Conversion.
func OfConversion(field string) bool {
	return slices.Contains([]string{"converted", "converted_at", "conversion_inferred", "messages_to_conversion", "outcome"}, field)
}

// joined is errors.Join without the nil ones counting.
func joined(errs []error) error { return errors.Join(errs...) }
