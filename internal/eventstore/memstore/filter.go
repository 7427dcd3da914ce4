package memstore

import (
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// passes reports whether a filter holds for a row.
func (v *view) passes(f *query.Filter, r row) bool {
	switch {
	case f == nil:
		return true
	case f.And != nil:
		for _, part := range f.And {
			if !v.passes(part, r) {
				return false
			}
		}
		return true
	case f.Or != nil:
		return slices.ContainsFunc(f.Or, func(part *query.Filter) bool { return v.passes(part, r) })
	case f.Not != nil:
		return !v.passes(f.Not, r)
	case f.Has != nil:
		return slices.ContainsFunc(r.conversation.tracked, func(e *event.Event) bool {
			return v.passes(f.Has, row{event: e})
		})
	case f.In != nil:
		c := v.conversations[r.event.ConversationID]
		return c != nil && v.passes(f.In, row{conversation: c})
	case f.Reached != nil:
		return v.reaches(f.Reached, r.conversation)
	}
	return slices.ContainsFunc(v.values(r, f.Is.Field), func(x value) bool { return holds(f.Is, x) })
}

// holds reports whether a comparison holds for one value.
func holds(c *query.Compare, x value) bool {
	if c.Cmp == query.Exists {
		return true
	}
	return slices.ContainsFunc(c.Values, func(s string) bool {
		with := parse(x.typ, s)
		switch c.Cmp {
		case query.Eq:
			return x.compare(with) == 0
		case query.Less:
			return x.compare(with) < 0
		case query.AtMost:
			return x.compare(with) <= 0
		case query.Greater:
			return x.compare(with) > 0
		case query.AtLeast:
			return x.compare(with) >= 0
		case query.Contains:
			return strings.Contains(strings.ToLower(x.text), strings.ToLower(with.text))
		}
		panic("BUG: comparison was not validated: " + string(c.Cmp))
	})
}
