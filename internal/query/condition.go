package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Condition is one comparison as people write it in URLs and definitions:
//
//	[!]field:op:value[|value…]
//
// "tool_name:eq:a|b" holds where the field is a or b, "!user_id:exists" where there is none. Only eq
// takes several values; in them \| is the character | and \\ is \. All other operators take the rest
// as it is.
type Condition struct {
	Not    bool
	Field  string
	Cmp    Cmp
	Values []string
}

var errCondition = errors.New(`write field:op:value, for example "channel:eq:web" or "!user_id:exists"`)

// ParseCondition reads a condition. Whether the field exists depends on the grain and is checked when
// the condition is asked.
func ParseCondition(s string) (Condition, error) {
	var c Condition
	rest, not := strings.CutPrefix(s, "!")
	c.Not = not
	var op, value string
	var hasOp, hasValue bool
	c.Field, op, hasOp = strings.Cut(rest, ":")
	op, value, hasValue = strings.Cut(op, ":")
	c.Cmp = Cmp(op)
	switch {
	case c.Field == "" || !hasOp:
		return Condition{}, errCondition
	case !slices.Contains([]Cmp{Eq, Less, AtMost, Greater, AtLeast, Contains, Exists}, c.Cmp):
		return Condition{}, fmt.Errorf("unknown operator %q; use eq, lt, lte, gt, gte, contains or exists", op)
	case c.Cmp == Exists && hasValue:
		return Condition{}, errors.New("exists takes no value")
	case c.Cmp != Exists && !hasValue:
		return Condition{}, errCondition
	case c.Cmp == Eq:
		c.Values = splitValues(value)
	case c.Cmp != Exists:
		c.Values = []string{value}
	}
	return c, nil
}

// String writes the condition as ParseCondition reads it.
func (c Condition) String() string {
	var b strings.Builder
	if c.Not {
		b.WriteByte('!')
	}
	b.WriteString(c.Field + ":" + string(c.Cmp))
	for i, v := range c.Values {
		if i == 0 {
			b.WriteByte(':')
		} else {
			b.WriteByte('|')
		}
		if c.Cmp == Eq {
			v = strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(v)
		}
		b.WriteString(v)
	}
	return b.String()
}

// splitValues splits at unescaped bars. A backslash before anything else stands for itself, so that
// values with one need no care.
func splitValues(s string) []string {
	var out []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '|' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '|':
			out = append(out, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(out, b.String())
}

// At turns the condition into a filter at the grain of events or conversations, and reports why it cannot. Asked of conversations,
// a field that only events have means that one of its events passes; the negation, that none does.
func (c Condition) At(g Grain) (*Filter, error) {
	field, err := Resolve(g, c.Field)
	if err != nil {
		return nil, err
	}
	f := Is(c.Field, c.Cmp, c.Values...)
	if field.Origin == OfEvents {
		f = &Filter{Has: f}
	}
	if c.Not {
		f = &Filter{Not: f}
	}
	return f, f.Validate(g)
}
