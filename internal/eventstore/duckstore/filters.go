package duckstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// condition compiles a filter over rows of a scope. The condition may come out as NULL, which passes
// no row; only negation has to see to it. "" holds for every row.
func (c *compiler) condition(f *query.Filter, s scope) (string, error) {
	switch {
	case f == nil:
		return "", nil
	case f.And != nil:
		return c.join(f.And, s, " AND ", "true")
	case f.Or != nil:
		return c.join(f.Or, s, " OR ", "false")
	case f.Not != nil:
		inner, err := c.condition(f.Not, s)
		return "NOT coalesce(" + inner + ", false)", err
	case f.Has != nil:
		return c.has(f.Has, s)
	case f.In != nil:
		return c.in(f.In, s)
	case f.Reached != nil:
		return c.reached(f.Reached, s)
	}
	return c.compare(f.Is, s)
}

func (c *compiler) join(parts []*query.Filter, s scope, op, none string) (string, error) {
	if len(parts) == 0 {
		return none, nil
	}
	terms := make([]string, len(parts))
	for i, part := range parts {
		var err error
		if terms[i], err = c.condition(part, s); err != nil {
			return "", err
		}
	}
	return "(" + strings.Join(terms, op) + ")", nil
}

// has holds for conversations one of whose tracked events passes.
func (c *compiler) has(f *query.Filter, s scope) (string, error) {
	in, err := c.chatSpan()
	if err != nil {
		return "", err
	}
	e := c.events(in)
	passes, err := c.condition(f, e)
	if err != nil {
		return "", err
	}
	id, tracked := e.conversation(), e.tracked()
	from, err := e.from()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s IN (SELECT %s FROM %s%s)", s.conversation(), id, from, where(tracked, id+" IS NOT NULL", passes)), nil
}

// in holds for events whose conversation passes.
func (c *compiler) in(f *query.Filter, s scope) (string, error) {
	// An event that is not tracked may lie far from its conversation, so nothing bounds the events of
	// the conversations asked for.
	outer := c.chats
	c.chats = new(everything())
	defer func() { c.chats = outer }()
	chats := c.conversations()
	passes, err := c.condition(f, chats)
	if err != nil {
		return "", err
	}
	from, err := chats.from()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s IN (SELECT %s FROM %s%s)", s.conversation(), chats.conversation(), from, where(passes)), nil
}

func (c *compiler) compare(cmp *query.Compare, s scope) (string, error) {
	f, err := query.Resolve(s.grain(), cmp.Field)
	if err != nil {
		return "", err
	}
	x, err := s.field(f)
	if err != nil {
		return "", err
	}
	if !x.set {
		return c.compareOne(cmp, x.sql, f.Type)
	}
	if cmp.Cmp == query.Exists {
		return x.exists(), nil
	}
	any, err := c.holds(cmp, "v", f.Type)
	if err != nil {
		return "", err
	}
	any = fmt.Sprintf("len(list_filter(%s, lambda v: %s)) > 0", x.sql, any)
	if x.one == "" {
		return any, nil
	}
	one, err := c.holds(cmp, x.one, f.Type)
	return "(" + one + " OR " + any + ")", err
}

// lookup finds the part of a filter that only rows with one of some ids pass; nil if it has none.
func (c *compiler) lookup(f *query.Filter) (*lookup, error) {
	if persons := personsOf(f); persons != nil {
		return c.idsOf(persons), nil
	}
	switch {
	case f == nil:
	case f.And != nil:
		for _, part := range f.And {
			if l, err := c.lookup(part); l != nil || err != nil {
				return l, err
			}
		}
	case f.Is != nil && f.Is.Cmp == query.Eq:
		stored := c.v.s.shape.byName[f.Is.Field]
		if stored == nil || stored.home != inRow || stored.holds != aString {
			return nil, nil
		}
		condition, err := c.compareOne(f.Is, stored.name, query.String)
		return &lookup{columns: []string{stored.name}, condition: condition}, err
	}
	return nil, nil
}

// personsOf finds the persons that only rows of which pass a filter; nil if it does not say.
func personsOf(f *query.Filter) []string {
	switch {
	case f == nil:
	case f.And != nil:
		for _, part := range f.And {
			if persons := personsOf(part); persons != nil {
				return persons
			}
		}
	case f.Is != nil && f.Is.Cmp == query.Eq && f.Is.Field == "person":
		return f.Is.Values
	}
	return nil
}

// manyValues is from how many strings on a comparison takes them as one list: as arguments of their own DuckDB
// plans them longer than it looks for them.
const manyValues = 20

// compareOne is holds where a subquery may stand.
func (c *compiler) compareOne(cmp *query.Compare, x string, t query.Type) (string, error) {
	if cmp.Cmp == query.Eq && t == query.String && len(cmp.Values) >= manyValues {
		return x + " IN " + unnestList(c.arg(idList(cmp.Values))), nil
	}
	return c.holds(cmp, x, t)
}

// holds compiles a comparison of one value.
func (c *compiler) holds(cmp *query.Compare, x string, t query.Type) (string, error) {
	values := make([]string, len(cmp.Values))
	for i, v := range cmp.Values {
		var err error
		if values[i], err = c.value(v, t, cmp.Cmp); err != nil {
			return "", err
		}
	}
	switch cmp.Cmp {
	case query.Exists:
		return x + " IS NOT NULL", nil
	case query.Eq:
		if len(values) > 1 {
			return x + " IN (" + strings.Join(values, ", ") + ")", nil
		}
		return x + " = " + values[0], nil
	case query.Contains:
		// ILIKE is eight times slower.
		return "contains(lower(" + x + "), " + values[0] + ")", nil
	}
	op, ok := map[query.Cmp]string{query.Less: "<", query.AtMost: "<=", query.Greater: ">", query.AtLeast: ">="}[cmp.Cmp]
	if !ok {
		return "", fmt.Errorf("BUG: unknown comparison %q", cmp.Cmp)
	}
	return x + " " + op + " " + values[0], nil
}

// value makes a value of a comparison an argument, or a literal made of what it was parsed to.
func (c *compiler) value(v string, t query.Type, cmp query.Cmp) (string, error) {
	switch t {
	case query.Number:
		n, err := strconv.ParseFloat(v, 64)
		return c.arg(n) + "::DOUBLE", err
	case query.Bool:
		return strconv.FormatBool(v == "true"), nil
	case query.Time:
		at, err := time.Parse(time.RFC3339Nano, v)
		return timestamp(at.Truncate(time.Microsecond).UnixMicro()), err
	}
	if cmp == query.Contains {
		v = strings.ToLower(v)
	}
	return c.arg(v) + "::VARCHAR", nil
}
