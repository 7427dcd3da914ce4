package identity

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Window is over what time the identifiers of a type are counted.
type Window string

// Windows.
const (
	Ever  Window = "ever"
	Day   Window = "day"
	Week  Window = "week"
	Month Window = "month" // 30 days
	Year  Window = "year"  // 365 days
)

var windows = map[Window]time.Duration{Ever: 0, Day: 24 * time.Hour, Week: 7 * 24 * time.Hour, Month: 30 * 24 * time.Hour, Year: 365 * 24 * time.Hour}

// TypeRule says how a type of identifiers links.
type TypeRule struct {
	Type Type `json:"type"`
	// Limit is how many of the type a person may have that were first seen within the window; claims that would
	// lead to more link nothing.
	Limit  int    `json:"limit"`
	Window Window `json:"window"`
}

// Rules say how identifiers link. The zero value of a field is its default ([DefaultRules]), but for lists, which
// are as they are.
type Rules struct {
	// Types are in order of their priority. user_id is the first, always; what is not listed comes last, in order of
	// its name, with OtherLimit ever.
	Types      []TypeRule `json:"types"`
	OtherLimit int        `json:"other_limit"`
	// Blocked are patterns (RE2, the whole value, in any case) of values that name nobody, of every type.
	Blocked []string `json:"blocked"`
	// NewPerDay is how many others of one type an identifier may be seen with for the first time on a day (UTC).
	// What is seen with more is flagged: a constant in a program rather than a person. It links nothing then.
	NewPerDay int `json:"new_per_day"`
	// Suspicious are patterns, as Blocked, of values that look like constants, for which SuspiciousPerDay holds.
	Suspicious       []string `json:"suspicious"`
	SuspiciousPerDay int      `json:"suspicious_per_day"`
	// Trusted are never flagged.
	Trusted []Identifier `json:"trusted"`
	// MaxIdentifiers and MaxMerges bound a person; beyond them nothing more is linked. An identifier with claims to more
	// than MaxIdentifiers others is flagged.
	MaxIdentifiers int `json:"max_identifiers"`
	MaxMerges      int `json:"max_merges"`
}

// DefaultRules are those of a workspace that has said nothing. Priorities, caps and most limits are Segment's
// (Unify, identity resolution settings); Mixpanel's list of ids that it refuses is blocked. A browser that forgets
// makes a new anonymous id each week: Segment's limit of 5 would break up real people, so it is 100.
func DefaultRules() Rules {
	return Rules{
		Types: []TypeRule{{User, 1, Ever}, {Email, 5, Ever}, {Anonymous, 100, Ever}}, OtherLimit: 5,
		Blocked:   []string{`[0-]*`, `-1`, `null`, `nil`, `none`, `undefined`, `nan`, `true`, `false`, `n/?a`, `anon`, `anonymous`, `anonymous[-_ ]?(id|user)`, `unknown`, `guest`, `not[-_ ]?set`, `\[object object\]`, `\{.*\}`},
		NewPerDay: 20, Suspicious: slices.Clone(suspicious), SuspiciousPerDay: 3,
		MaxIdentifiers: 1000, MaxMerges: 100,
	}
}

// suspicious is the default of Rules.Suspicious.
var suspicious = []string{
	`[0-9]{1,4}`, `12345[0-9]*`, `abc(123)?`, `x+`, `a+`,
	`(my|the|your|some)?[-_ ]?(user|client|customer)[-_ ]?(id|name)?[-_ ]?[0-9]{0,3}`,
	`tests?[-_ ]?(user|id|account)?[-_ ]?[0-9]{0,3}`,
	`(foo|bar|demo|example|sample|admin|root|default|dev|local)[-_ ]?(user|id)?[-_ ]?[0-9]{0,3}`,
}

// masked matches what redaction puts in the place of what it takes out: it is the same for everybody.
var masked = regexp.MustCompile(`\[[a-z]+\]`)

const (
	maxValue    = 512 // bytes of an identifier; longer ones are none
	maxPatterns = 200
	maxTypes    = 50
)

// Validate reports all that is wrong with the rules, joined, for whoever wrote them.
func (r Rules) Validate() error {
	_, err := New(r)
	return err
}

// Resolver resolves by compiled rules. It keeps nothing and may be used from many goroutines.
type Resolver struct {
	rules      Rules
	rank       map[Type]int
	blocked    *regexp.Regexp
	suspicious *regexp.Regexp
	trusted    map[Identifier]bool
}

// New compiles rules. Its error joins all that is wrong with them.
func New(r Rules) (*Resolver, error) {
	d := DefaultRules()
	for _, v := range []struct{ at, otherwise *int }{
		{&r.OtherLimit, &d.OtherLimit}, {&r.NewPerDay, &d.NewPerDay}, {&r.SuspiciousPerDay, &d.SuspiciousPerDay},
		{&r.MaxIdentifiers, &d.MaxIdentifiers}, {&r.MaxMerges, &d.MaxMerges},
	} {
		if *v.at == 0 {
			*v.at = *v.otherwise
		}
	}
	v := &Resolver{rules: r, rank: map[Type]int{}, trusted: map[Identifier]bool{}}
	errs := []error{v.types()}
	if min(r.OtherLimit, r.NewPerDay, r.SuspiciousPerDay, r.MaxIdentifiers, r.MaxMerges) < 0 {
		errs = append(errs, errors.New("a limit is negative"))
	}
	if r.MaxIdentifiers > 1000 || r.MaxMerges > 1000 {
		errs = append(errs, errors.New("max_identifiers and max_merges are at most 1000"))
	}
	for _, i := range r.Trusted {
		v.trusted[i] = true
	}
	var err error
	if v.blocked, err = compile("blocked", r.Blocked); err != nil {
		errs = append(errs, err)
	}
	if v.suspicious, err = compile("suspicious", r.Suspicious); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return v, nil
}

// types ranks the types.
func (v *Resolver) types() error {
	all := v.rules.Types
	if len(all) == 0 || all[0].Type != User || len(all) > maxTypes {
		return fmt.Errorf("types begin with %s, and are at most %d", User, maxTypes)
	}
	var errs []error
	for i, t := range all {
		if _, twice := v.rank[t.Type]; twice || t.Type == "" {
			errs = append(errs, fmt.Errorf("type %q is listed twice, or has no name", t.Type))
		}
		if _, ok := windows[t.Window]; !ok {
			errs = append(errs, fmt.Errorf("window of %s is ever, day, week, month or year, not %q", t.Type, t.Window))
		}
		if t.Limit < 1 {
			errs = append(errs, fmt.Errorf("limit of %s is %d; it is 1 or more", t.Type, t.Limit))
		}
		v.rank[t.Type] = i
	}
	return errors.Join(errs...)
}

// compile makes one pattern of many; nil if there are none.
func compile(what string, patterns []string) (*regexp.Regexp, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("%d %s patterns; at most %d", len(patterns), what, maxPatterns)
	}
	for _, p := range patterns {
		if len(p) > maxValue {
			return nil, fmt.Errorf("%s pattern is longer than %d bytes", what, maxValue)
		}
		if _, err := regexp.Compile(p); err != nil {
			return nil, fmt.Errorf("%s pattern %q: %w", what, p, err)
		}
	}
	return regexp.Compile(`(?is)\A(?:(?:` + strings.Join(patterns, ")|(?:") + `))\z`)
}

// Rules returns what it resolves by, defaults filled in.
func (v *Resolver) Rules() Rules {
	r := v.rules
	r.Types, r.Blocked, r.Suspicious, r.Trusted = slices.Clone(r.Types), slices.Clone(r.Blocked), slices.Clone(r.Suspicious), slices.Clone(r.Trusted)
	return r
}

// Blocked reports whether a value names nobody, by the rules or because redaction put it there.
func (v *Resolver) Blocked(value string) bool {
	value = strings.TrimSpace(value)
	return value == "" || len(value) > maxValue || masked.MatchString(value) || v.blocked != nil && v.blocked.MatchString(value)
}

// compareTypes orders types by priority.
func (v *Resolver) compareTypes(a, b Type) int {
	i, listed := v.rank[a]
	j, alsoListed := v.rank[b]
	switch {
	case listed && alsoListed:
		return i - j
	case listed:
		return -1
	case alsoListed:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// rule returns what holds for a type.
func (v *Resolver) rule(t Type) TypeRule {
	if i, ok := v.rank[t]; ok {
		return v.rules.Types[i]
	}
	return TypeRule{t, v.rules.OtherLimit, Ever}
}
