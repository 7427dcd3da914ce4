// Package audience is sets of people by condition: a rule over what people did and the traits that they
// have. Rules are data and pure: who evaluates one brings the traits, sent and computed, and asks the
// event store the questions that [Rule.Deeds] lists. Package compute decides when.
package audience

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

// Rule is a condition on a person: exactly one of its parts is set.
type Rule struct {
	All []Rule `json:"all,omitempty"` // every one holds
	Any []Rule `json:"any,omitempty"` // at least one holds
	Not *Rule  `json:"not,omitempty"` // does not hold
	// Trait compares a trait, sent or computed.
	Trait *TraitTest `json:"trait,omitempty"`
	// Did counts what the person did.
	Did *Deed `json:"did,omitempty"`
}

// Bounds of a rule: how deep it may be nested, and how many conditions it may have (Segment's number).
const (
	MaxDepth      = 8
	MaxConditions = 50
)

// Deed holds if the person has so many rows.
type Deed struct {
	Of    query.Grain `json:"of"`              // events or conversations
	Where []string    `json:"where,omitempty"` // as of a trait's definition
	// Window leaves out rows that are older; 0 looks at all.
	Window     trait.Duration `json:"window,omitempty"`
	Conversion string         `json:"conversion,omitempty"`
	// AtLeast and AtMost bound the number of rows; at least one is given. AtMost 0 means "never did".
	AtLeast *int `json:"at_least,omitempty"`
	AtMost  *int `json:"at_most,omitempty"`
}

// Definition is the trait whose value is the number of rows.
func (d *Deed) Definition() trait.Definition {
	return trait.Definition{Of: d.Of, Where: d.Where, Aggregate: trait.Count, Window: d.Window, Conversion: d.Conversion}
}

// TraitTest compares a trait. Who lacks it passes no comparison but Absent; a list passes if one of its
// elements does. Values are compared as numbers where both are, as times where both are, else as text.
type TraitTest struct {
	Key    string   `json:"key"`
	Op     Op       `json:"op"`
	Values []string `json:"values,omitempty"`
}

// Op is how a trait is compared.
type Op string

// The operators: those of Segment's audiences.
const (
	Equals     Op = "equals"      // one of the values
	Differs    Op = "differs"     // has the trait, and it equals none of the values
	Exists     Op = "exists"      // no value
	Absent     Op = "absent"      // no value
	Less       Op = "lt"          // one value, as of the following
	AtMost     Op = "lte"         // number or time
	Greater    Op = "gt"          // number or time
	AtLeast    Op = "gte"         // number or time
	Contains   Op = "contains"    // text, whatever the case
	StartsWith Op = "starts_with" // text, exactly
	EndsWith   Op = "ends_with"   // text, exactly
	WithinLast Op = "within_last" // a time not longer ago than the duration, and not ahead
	BeforeLast Op = "before_last" // a time longer ago than the duration
	WithinNext Op = "within_next" // a time ahead by not more than the duration, and not past
	AfterNext  Op = "after_next"  // a time ahead by more than the duration
)

// Ops are all operators, in the order in which people are offered them.
func Ops() []Op {
	return []Op{Equals, Differs, Exists, Absent, Less, AtMost, Greater, AtLeast, Contains, StartsWith, EndsWith, WithinLast, BeforeLast, WithinNext, AfterNext}
}

// ages reports whether the operator compares how far a time is from now.
func (o Op) ages() bool {
	return o == WithinLast || o == BeforeLast || o == WithinNext || o == AfterNext
}

// orders reports whether the operator compares what has an order: numbers and times.
func (o Op) orders() bool { return o == Less || o == AtMost || o == Greater || o == AtLeast }

// Validate reports all that is wrong with the rule, joined.
func (r *Rule) Validate() error {
	n := 0
	err := r.validate(0, &n)
	if n > MaxConditions {
		err = errors.Join(err, fmt.Errorf("%d conditions; at most %d", n, MaxConditions))
	}
	return err
}

func (r *Rule) validate(depth int, n *int) error {
	if depth > MaxDepth {
		return fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	parts := 0
	for _, is := range []bool{r.All != nil, r.Any != nil, r.Not != nil, r.Trait != nil, r.Did != nil} {
		if is {
			parts++
		}
	}
	if parts != 1 {
		return errors.New("a condition is exactly one of all, any, not, trait and did")
	}
	var errs []error
	for _, inner := range r.inner() {
		errs = append(errs, inner.validate(depth+1, n))
	}
	switch {
	case r.Trait != nil:
		*n++
		errs = append(errs, r.Trait.validate())
	case r.Did != nil:
		*n++
		errs = append(errs, r.Did.validate())
	case r.Not == nil && len(r.inner()) == 0:
		errs = append(errs, errors.New("all and any hold at least one condition"))
	}
	return errors.Join(errs...)
}

// Futile reports the conditions of a valid rule that could never hold, joined. It is asked of rules that are written:
// what is stored is computed all the same.
func (r *Rule) Futile() error {
	if t := r.Trait; t != nil && t.Op.orders() && !ordered(t.Values[0]) {
		return fmt.Errorf("trait %s: %s %q would never hold; compare with a number, or with a time such as 2026-05-01 or 2026-05-01T10:00:00Z", t.Key, t.Op, t.Values[0])
	}
	var errs []error
	for _, inner := range r.inner() {
		errs = append(errs, inner.Futile())
	}
	return errors.Join(errs...)
}

// inner are the rules that this one joins.
func (r *Rule) inner() []*Rule {
	var out []*Rule
	for i := range r.All {
		out = append(out, &r.All[i])
	}
	for i := range r.Any {
		out = append(out, &r.Any[i])
	}
	if r.Not != nil {
		out = append(out, r.Not)
	}
	return out
}

func (d *Deed) validate() error {
	def := d.Definition()
	errs := []error{def.Validate()}
	switch {
	case d.AtLeast == nil && d.AtMost == nil:
		errs = append(errs, errors.New("did: say at_least or at_most"))
	case d.AtLeast != nil && *d.AtLeast < 1, d.AtMost != nil && *d.AtMost < 0:
		errs = append(errs, errors.New("did: at_least is from 1, at_most from 0"))
	case d.AtLeast != nil && d.AtMost != nil && *d.AtMost < *d.AtLeast:
		errs = append(errs, errors.New("did: at_most is less than at_least"))
	}
	return errors.Join(errs...)
}

func (t *TraitTest) validate() error {
	if t.Key == "" {
		return errors.New("trait: say which key")
	}
	if !slices.Contains(Ops(), t.Op) {
		return fmt.Errorf("trait %s: operator %q; use one of %v", t.Key, t.Op, Ops())
	}
	switch t.Op {
	case Exists, Absent:
		if len(t.Values) > 0 {
			return fmt.Errorf("trait %s: %s takes no value", t.Key, t.Op)
		}
	case Equals, Differs:
		if len(t.Values) == 0 {
			return fmt.Errorf("trait %s: %s takes values", t.Key, t.Op)
		}
	default:
		if len(t.Values) != 1 {
			return fmt.Errorf("trait %s: %s takes one value", t.Key, t.Op)
		}
	}
	if t.Op.ages() {
		if _, err := t.duration(); err != nil {
			return fmt.Errorf("trait %s: %w", t.Key, err)
		}
	}
	return nil
}

func (t *TraitTest) duration() (time.Duration, error) {
	var d trait.Duration
	err := d.UnmarshalText([]byte(t.Values[0]))
	return time.Duration(d), err
}

// Deeds lists what the rule counts, in order; [Person.Counts] answers in the same one.
func (r *Rule) Deeds() []*Deed {
	if r.Did != nil {
		return []*Deed{r.Did}
	}
	var out []*Deed
	for _, inner := range r.inner() {
		out = append(out, inner.Deeds()...)
	}
	return out
}

// Moves says that membership may change with time alone: a window or an age of a trait is looked at.
func (r *Rule) Moves() bool {
	switch {
	case r.Did != nil:
		return r.Did.Window > 0
	case r.Trait != nil:
		return r.Trait.Op.ages()
	}
	return slices.ContainsFunc(r.inner(), (*Rule).Moves)
}

// Ages are how far from now, in the past or ahead, the times may be that the rule asks for.
func (r *Rule) Ages() []time.Duration {
	if r.Trait != nil && r.Trait.Op.ages() {
		if d, err := r.Trait.duration(); err == nil {
			return []time.Duration{d}
		}
	}
	var out []time.Duration
	for _, inner := range r.inner() {
		out = append(out, inner.Ages()...)
	}
	return out
}

// Keys are the traits that the rule looks at, each once.
func (r *Rule) Keys() []string {
	if r.Trait != nil {
		return []string{r.Trait.Key}
	}
	var out []string
	for _, inner := range r.inner() {
		out = append(out, inner.Keys()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Person is what a rule looks at.
type Person struct {
	Traits map[string]json.RawMessage // sent and computed, by key
	Counts []int                      // rows, as Deeds lists them
}

// Holds reports whether a valid rule holds for a person at a time.
func (r *Rule) Holds(p Person, now time.Time) bool {
	counts := p.Counts
	return r.holds(p.Traits, &counts, now)
}

// holds takes the counts of its deeds from the front. All parts are looked at, so that each takes its own.
func (r *Rule) holds(traits map[string]json.RawMessage, counts *[]int, now time.Time) bool {
	switch {
	case r.Did != nil:
		n := (*counts)[0]
		*counts = (*counts)[1:]
		return (r.Did.AtLeast == nil || n >= *r.Did.AtLeast) && (r.Did.AtMost == nil || n <= *r.Did.AtMost)
	case r.Trait != nil:
		return r.Trait.holds(traits[r.Trait.Key], now)
	case r.Not != nil:
		return !r.Not.holds(traits, counts, now)
	}
	held := 0
	inner := r.inner()
	for _, part := range inner {
		if part.holds(traits, counts, now) {
			held++
		}
	}
	return held == len(inner) || r.Any != nil && held > 0
}

func (t *TraitTest) holds(raw json.RawMessage, now time.Time) bool {
	values := elements(raw)
	switch t.Op {
	case Exists:
		return len(values) > 0
	case Absent:
		return len(values) == 0
	case Differs:
		return len(values) > 0 && !slices.ContainsFunc(values, t.equalsOne)
	case Equals:
		return slices.ContainsFunc(values, t.equalsOne)
	}
	return slices.ContainsFunc(values, func(v string) bool { return t.compares(v, now) })
}

func (t *TraitTest) equalsOne(v string) bool {
	return slices.ContainsFunc(t.Values, func(w string) bool { c, ok := compare(v, w); return v == w || ok && c == 0 })
}

func (t *TraitTest) compares(v string, now time.Time) bool {
	want := t.Values[0]
	if t.Op.ages() {
		return t.ageHolds(v, now)
	}
	switch t.Op {
	case Contains:
		return strings.Contains(strings.ToLower(v), strings.ToLower(want))
	case StartsWith:
		return strings.HasPrefix(v, want)
	case EndsWith:
		return strings.HasSuffix(v, want)
	}
	c, ok := compare(v, want)
	if !ok {
		return false
	}
	switch t.Op {
	case Less:
		return c < 0
	case AtMost:
		return c <= 0
	case Greater:
		return c > 0
	case AtLeast:
		return c >= 0
	}
	panic("BUG: operator was not validated: " + string(t.Op))
}

// ageHolds compares how far a time is from now.
func (t *TraitTest) ageHolds(v string, now time.Time) bool {
	at, ok := instant(v)
	d, err := t.duration()
	if !ok || err != nil {
		return false
	}
	age := now.Sub(at)
	switch t.Op {
	case WithinLast:
		return age >= 0 && age <= d
	case BeforeLast:
		return age > d
	case WithinNext:
		return age <= 0 && -age <= d
	case AfterNext:
		return -age > d
	}
	panic("BUG: operator asks no age: " + string(t.Op))
}

// ordered reports whether a value can be compared by order.
func ordered(v string) bool {
	n, err := strconv.ParseFloat(v, 64)
	if err == nil {
		return !math.IsNaN(n)
	}
	_, ok := instant(v)
	return ok
}

// compare orders two values that are both numbers or both times; ok is false where they are neither.
func compare(a, b string) (c int, ok bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, x == y // not a number equals nothing
	}
	at, okA := instant(a)
	bt, okB := instant(b)
	return at.Compare(bt), okA && okB
}

// instant reads a time as clients write them in traits: RFC 3339, or a day.
func instant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// elements are the values of a trait as text: of a list those of its elements, of nothing or null none. An
// object is one value, its JSON.
func elements(raw json.RawMessage) []string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil || v == nil {
		return nil
	}
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) == nil {
		var out []string
		for _, part := range parts {
			if len(part) > 0 && part[0] != '[' {
				out = append(out, elements(part)...)
			}
		}
		return out
	}
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return []string{string(raw)}
}
