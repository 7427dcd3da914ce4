package profilestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Subject is whom an identifier names: the identifier as it was seen, and its person.
type Subject struct {
	identity.Sighting
	State identity.State
	// Person is the key of the person, under which the event store knows it too. Somebody who was not resolved yet
	// goes by the user id or the anonymous id itself; empty for others until they are resolved.
	Person string

	id       int64
	resolved bool
}

// reading is what profiles are read by: statements that are prepared once, since they are asked before a copilot
// answers.
type reading struct {
	find, findFolded         *sql.Stmt
	traitsOfAll, traitsOfOne *sql.Stmt
	idsOfAll                 *sql.Stmt
	computed                 *sql.Stmt
}

// findText finds one identifier. first_at is null for what only an alias call named: that is nobody yet.
const findText = `SELECT id, type, value, first_at, first_event, first_source, state, person FROM identifiers WHERE first_at IS NOT NULL AND type = ?1 AND `

const traitsText = `SELECT i.type, i.value, t.name, t.value, t.at, t.event, t.source FROM identifiers i JOIN traits t ON t.identifier = i.id WHERE `

// statement is one that is to be prepared.
type statement struct {
	at   **sql.Stmt
	text string
}

func (r *reading) statements() []statement {
	return []statement{
		{&r.find, findText + `value = ?2`},
		{&r.findFolded, findText + `(value = ?3 OR value <> lower(value) AND lower(value) = lower(?3)) ORDER BY value <> ?3, first_at, value LIMIT 1`},
		{&r.traitsOfAll, traitsText + `i.person = ?1 AND i.person <> ''`},
		{&r.traitsOfOne, traitsText + `i.id = ?1`},
		{&r.computed, `SELECT ` + computedColumns + ` FROM computed WHERE person = ?1 ORDER BY key`},
		{&r.idsOfAll, `SELECT ` + sightingColumns + ` FROM identifiers WHERE person = ?1 AND person <> '' AND first_at IS NOT NULL ORDER BY first_at, type, value`},
	}
}

// prepare prepares what profiles are read by. The statements live as long as the file is open.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range s.reading.statements() {
		var err error
		if *p.at, err = s.db.PrepareContext(ctx, p.text); err != nil {
			return fmt.Errorf("prepare reading of profiles: %w", err)
		}
	}
	return nil
}

// Find returns whom an identifier names, or ErrNotFound for one that was never seen or that names nobody. One that
// was not seen with just these letters is looked for whatever their case (ASCII); of several the first seen
// counts.
func (s *Store) Find(ctx context.Context, i identity.Identifier) (Subject, error) {
	sub, err := findBy(ctx, s.reading.find, i)
	if errors.Is(err, sql.ErrNoRows) {
		sub, err = findBy(ctx, s.reading.findFolded, i)
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && sub.State == identity.Blocked {
		return Subject{}, fmt.Errorf("identifier of type %s: %w", i.Type, ErrNotFound)
	}
	if err != nil {
		return Subject{}, fmt.Errorf("find identifier: %w", err)
	}
	return sub, nil
}

// maxTypes bounds the types that Types returns: clients may make up any.
const maxTypes = 100

// Types returns the types of identifiers that there are, by name, at most 100. It looks once at the index for each.
func (s *Store) Types(ctx context.Context) ([]identity.Type, error) {
	rows, err := s.db.QueryContext(ctx, `WITH RECURSIVE types (type) AS (
		SELECT min(type) FROM identifiers UNION ALL SELECT (SELECT min(i.type) FROM identifiers i WHERE i.type > types.type) FROM types WHERE types.type IS NOT NULL)
		SELECT type FROM types WHERE type IS NOT NULL LIMIT ?`, maxTypes)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (t identity.Type, err error) { err = r.Scan(&t); return })
	if err != nil {
		return nil, fmt.Errorf("list types of identifiers: %w", err)
	}
	return all, nil
}

func findBy(ctx context.Context, st *sql.Stmt, i identity.Identifier) (Subject, error) {
	var x Subject
	err := st.QueryRowContext(ctx, string(i.Type), i.Value, strings.ToLower(i.Value)).Scan(&x.id, &x.Type, &x.Value, sqlite.Time(&x.At), &x.Event, &x.Source, &x.State, &x.Person)
	x.resolved = x.Person != ""
	if !x.resolved && (x.Type == identity.User || x.Type == identity.Anonymous) {
		x.Person = x.Value
	}
	return x, err
}

// TraitsOf returns the traits of a subject's person, as [Store.Traits] does.
func (s *Store) TraitsOf(ctx context.Context, sub Subject) ([]Trait, error) {
	var rows *sql.Rows
	var err error
	if sub.resolved {
		rows, err = s.reading.traitsOfAll.QueryContext(ctx, sub.Person)
	} else {
		rows, err = s.reading.traitsOfOne.QueryContext(ctx, sub.id)
	}
	all, err := sqlite.Collect(rows, err, scanTrait)
	if err != nil {
		return nil, fmt.Errorf("read traits of a person: %w", err)
	}
	last := make(map[string]Trait, len(all))
	for _, t := range all {
		keepLast(last, t)
	}
	return standing(last), nil
}

// IdentifiersOf returns the identifiers of a subject's person, the first seen first.
func (s *Store) IdentifiersOf(ctx context.Context, sub Subject) ([]identity.Sighting, error) {
	if !sub.resolved {
		return []identity.Sighting{sub.Sighting}, nil
	}
	rows, err := s.reading.idsOfAll.QueryContext(ctx, sub.Person)
	all, err := sqlite.Collect(rows, err, scanSighting)
	if err != nil {
		return nil, fmt.Errorf("read identifiers of a person: %w", err)
	}
	return all, nil
}
