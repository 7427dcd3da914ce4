package duckstore

import (
	"fmt"
	"math"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// conversions is the join that gives conversations converted_at, and their messages up to it.
func (s *chatScope) conversions() (string, error) {
	hits, err := s.c.hits()
	if err != nil {
		return "", err
	}
	join := fmt.Sprintf(` LEFT JOIN %[2]s %[1]sv ON %[1]sv.conversation_id = %[1]s.conversation_id`, s.alias, hits)
	if !s.needs["messages_to_conversion"] {
		return join, nil
	}
	in, err := s.c.chatSpan()
	if err != nil {
		return "", err
	}
	m := s.c.events(in)
	id, at := m.conversation(), m.time()
	users := fmt.Sprintf("%s = '%s' AND %s = '%s'", m.column("kind"), event.KindMessage, m.column("role"), event.RoleUser)
	from, err := m.from()
	if err != nil {
		return "", err
	}
	return join + fmt.Sprintf(` LEFT JOIN (SELECT h.conversation_id, count(*) AS messages FROM %[2]s h JOIN %[3]s ON %[4]s = h.conversation_id
		WHERE %[5]s AND %[6]s <= h.converted_at GROUP BY h.conversation_id) %[1]sm ON %[1]sm.conversation_id = %[1]s.conversation_id`,
		s.alias, hits, from, id, users, at), nil
}

// hits is the table of the conversations that have converted, made once a statement.
func (c *compiler) hits() (string, error) {
	if c.hitsName != "" {
		return c.hitsName, nil
	}
	// A conversion cannot ask for conversions.
	def := c.conversion
	c.conversion = nil
	defer func() { c.conversion = def }()

	in, err := c.chatSpan()
	if err != nil {
		return "", err
	}
	e := c.events(in)
	passes, err := c.condition(def.Match, e)
	if err != nil {
		return "", err
	}
	if err := e.formsOf(def.Match); err != nil {
		return "", err
	}
	id, at, tracked := e.conversation(), e.time(), e.tracked()
	from, err := e.from()
	if err != nil {
		return "", err
	}
	all := fmt.Sprintf("SELECT %s AS conversation_id, %s AS t, false AS inferred FROM %s%s", id, at, from, where(tracked, id+" IS NOT NULL", passes))
	if !def.Explicit {
		attributed, err := c.attributed(def.Match, in)
		if err != nil {
			return "", err
		}
		all += " UNION ALL " + attributed
	}
	c.hitsName = c.name("hits")
	c.with = append(c.with, fmt.Sprintf(`%s AS MATERIALIZED (SELECT conversation_id, min(t) AS converted_at,
		arg_min(inferred, struct_pack(t := t, inferred := inferred)) AS inferred FROM (%s) GROUP BY conversation_id)`, c.hitsName, all))
	return c.hitsName, nil
}

// attributed finds the conversations of matching events that have none: the one in which the person was
// active last, within the window.
func (c *compiler) attributed(match *query.Filter, in span) (string, error) {
	loose := c.events(in.grow(0, query.ConversionWindow))
	passes, err := c.condition(match, loose)
	if err != nil {
		return "", err
	}
	if err := loose.formsOf(match); err != nil {
		return "", err
	}
	person, at, tracked := loose.column("person"), loose.time(), loose.tracked()
	none := loose.conversation() + " IS NULL"
	from, err := loose.from()
	if err != nil {
		return "", err
	}
	looseName := c.name("loose")
	c.with = append(c.with, fmt.Sprintf("%s AS MATERIALIZED (SELECT %s AS person, %s AS t FROM %s%s)",
		looseName, person, at, from, where(tracked, none, person+" IS NOT NULL", passes)))

	active := c.events(in)
	order := fmt.Sprintf("struct_pack(o := coalesce(epoch_us(%s), %d), s := %s, b := %s, i := %s)",
		active.column("original_at"), int64(math.MinInt64), active.column("request_seq"), active.column("batch_index"), active.column("id"))
	id, at, who := active.conversation(), active.time(), active.column("person")
	tracked = active.tracked()
	from, err = active.from()
	if err != nil {
		return "", err
	}
	// Of events at the same time the last in order counts, so that one row a person and instant is left.
	last := fmt.Sprintf("SELECT %s AS person, %s AS t, arg_max(%s, %s) AS conversation_id FROM %s%s GROUP BY ALL",
		who, at, id, order, from, where(tracked, id+" IS NOT NULL", who+" IN (SELECT person FROM "+looseName+")"))
	return fmt.Sprintf(`SELECT a.conversation_id, l.t, true AS inferred FROM %s l ASOF JOIN (%s) a ON a.person = l.person AND l.t >= a.t
		WHERE l.t - a.t <= to_microseconds(%d)`, looseName, last, query.ConversionWindow.Microseconds()), nil
}
