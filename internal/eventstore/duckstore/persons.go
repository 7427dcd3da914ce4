package duckstore

import (
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// personScope is rows of users or people, made of the events that pass range and filter.
type personScope struct {
	c     *compiler
	g     query.Grain
	alias string
	in    span
	from_ *eventScope
	pass  string // of the events
	needs map[string]bool
}

func (c *compiler) persons(q *query.Query) (*personScope, error) {
	s := &personScope{c: c, g: q.Grain, alias: c.name("p"), in: c.rows, from_: c.events(c.rows), needs: map[string]bool{}}
	var err error
	s.pass, err = c.condition(q.Filter, s.from_)
	return s, err
}

func (s *personScope) grain() query.Grain   { return s.g }
func (s *personScope) time() string         { return s.alias + ".active_from" }
func (s *personScope) conversation() string { panic("BUG: people have no conversation") }
func (s *personScope) bucket() string       { return s.alias + ".bucket" }

func (s *personScope) field(f query.Field) (expr, error) {
	s.needs[f.Name] = true
	x := expr{sql: s.alias + "." + f.Name, typ: f.Type}
	if f.Type == query.Number {
		x.sql = "CAST(" + x.sql + " AS DOUBLE)"
	}
	return x, nil
}

// facts are the aggregates that fields of a person are.
func (s *personScope) facts() map[string]string {
	e := s.from_
	message := func() string { return fmt.Sprintf("%s = '%s'", e.column("kind"), event.KindMessage) }
	facts := map[string]func() string{
		"events":   func() string { return "count(*)" },
		"messages": func() string { return "count(*) FILTER (WHERE " + message() + ")" },
		"user_messages": func() string {
			return fmt.Sprintf("count(*) FILTER (WHERE %s AND %s = '%s')", message(), e.column("role"), event.RoleUser)
		},
		"feedback": func() string {
			return fmt.Sprintf("count(*) FILTER (WHERE %s = '%s')", e.column("kind"), event.KindFeedback)
		},
		"conversations": func() string { return "count(DISTINCT " + e.column("conversation_id") + ")" },
		"sessions":      func() string { return "count(DISTINCT " + e.column("session_id") + ")" },
		"active_from":   func() string { return "min(" + e.time() + ")" },
		"active_until":  func() string { return "max(" + e.time() + ")" },
	}
	out := map[string]string{}
	for name, sql := range facts {
		if s.needs[name] {
			out[name] = sql()
		}
	}
	return out
}

func (s *personScope) from() (string, error) {
	e := s.from_
	who := "user_id"
	if s.g == query.People {
		who = "person"
	}
	id := e.column(who)
	bucket, err := s.c.bucket(e.time(), s.in)
	if err != nil {
		return "", err
	}
	columns := []string{id + " AS person", bucket + " AS bucket"}
	for name, sql := range s.facts() {
		columns = append(columns, sql+" AS "+name)
	}
	inRange, tracked := s.in.where(e.time()), e.tracked()
	from, err := e.from()
	if err != nil {
		return "", err
	}
	rows := fmt.Sprintf("(SELECT %s FROM %s%s GROUP BY 1, 2)", strings.Join(columns, ", "), from,
		where(tracked, inRange, id+" IS NOT NULL", s.pass))
	if !s.needs["first_seen_at"] && !s.needs["new"] {
		return rows + " " + s.alias, nil
	}
	// new: first seen in the row's bucket, or without a period in the range.
	isNew := "(s.first_seen_at IS NOT NULL"
	if s.c.period == query.All {
		isNew += strings.TrimSuffix(" AND "+s.in.where("s.first_seen_at"), " AND ") + ")"
	} else {
		first, err := s.c.bucket("s.first_seen_at", everything())
		if err != nil {
			return "", err
		}
		isNew += " AND r.bucket = " + first + ")"
	}
	seen := "SELECT user_id AS person, min(first_at) AS first_seen_at FROM identities WHERE user_id IS NOT NULL GROUP BY 1"
	if s.g == query.People {
		who := s.c.v.manifest.whose("i", nil)
		seen = fmt.Sprintf("SELECT %s AS person, min(first_at) AS first_seen_at FROM identities i%s GROUP BY 1", who.person(), who.joins)
	}
	return fmt.Sprintf("(SELECT r.*, s.first_seen_at, %s AS new FROM %s r LEFT JOIN (%s) s ON s.person = r.person) %s", isNew, rows, seen, s.alias), nil
}
