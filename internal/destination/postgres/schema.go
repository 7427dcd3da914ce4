package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// types are PostgreSQL's for the kinds of columns. Numbers are exact, whatever the client sent.
var types = map[warehouse.Kind]string{
	warehouse.Text: "text", warehouse.Number: "numeric", warehouse.Boolean: "boolean", warehouse.JSON: "jsonb", warehouse.Time: "timestamptz",
}

// kindOf is the kind of a column of one of PostgreSQL's types, as format_type names it; of a type that is
// none of ours, its name, which no value is of.
func kindOf(typ string) warehouse.Kind {
	if typ == "timestamp with time zone" {
		return warehouse.Time
	}
	for kind, name := range types {
		if name == typ {
			return kind
		}
	}
	return warehouse.Kind(typ)
}

// typeOf is the inverse of kindOf.
func typeOf(kind warehouse.Kind) string { return cmp.Or(types[kind], string(kind)) }

// schema is what is known of the tables.
type schema struct {
	name    string
	columns int // most of a table
	limit   int // most tables
	tables  map[string]*warehouse.Table
}

// forget makes the next batch look anew.
func (s *schema) forget() { s.tables = nil }

func (s *schema) path(table string) string { return pgx.Identifier{s.name, table}.Sanitize() }

// create makes the schema if there is none. Only then does the user need the right to.
func (s *schema) create(ctx context.Context, tx pgx.Tx) error {
	var exists bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", s.name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err := tx.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{s.name}.Sanitize())
	return err
}

// load reads which tables and columns there are, unless that is known.
func (s *schema) load(ctx context.Context, tx pgx.Tx) error {
	if s.tables != nil {
		return nil
	}
	if err := s.create(ctx, tx); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped`, s.name)
	if err != nil {
		return err
	}
	tables := map[string]*warehouse.Table{}
	var table, column, typ string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &typ}, func() error {
		t := tables[table]
		if t == nil {
			t = s.table(table)
			tables[table] = t
		}
		t.Columns[column] = kindOf(typ)
		return nil
	})
	s.tables = tables
	return err
}

func (s *schema) table(name string) *warehouse.Table {
	return &warehouse.Table{Name: name, Columns: map[string]warehouse.Kind{}, Limit: s.columns}
}

// allow tells whether an event's table exists or may be made.
func (s *schema) allow(table string) bool {
	return s.tables[table] != nil || len(s.tables) < s.limit
}

// open returns a table, which it makes if there is none.
func (s *schema) open(ctx context.Context, tx pgx.Tx, name string) (*warehouse.Table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	t := s.table(name)
	var columns []string
	for _, c := range warehouse.Fixed(name) {
		t.Columns[c.Name] = c.Kind
		columns = append(columns, quote(c.Name)+" "+types[c.Kind])
	}
	columns[0] += " PRIMARY KEY"
	columns = append(columns, warehouse.LoadedAt+" timestamptz NOT NULL DEFAULT now()")
	t.Columns[warehouse.LoadedAt] = warehouse.Time
	if _, err := tx.Exec(ctx, "CREATE TABLE "+s.path(name)+" ("+strings.Join(columns, ", ")+")"); err != nil {
		return nil, fmt.Errorf("make table %s: %w", name, err)
	}
	s.tables[name] = t
	return t, nil
}

// widen makes the columns that the table wants.
func (s *schema) widen(ctx context.Context, tx pgx.Tx, t *warehouse.Table) error {
	if len(t.Wanted) == 0 {
		return nil
	}
	adds := make([]string, len(t.Wanted))
	for i, name := range t.Wanted {
		adds[i] = "ADD COLUMN " + quote(name) + " " + types[t.Columns[name]]
	}
	if _, err := tx.Exec(ctx, "ALTER TABLE "+s.path(t.Name)+" "+strings.Join(adds, ", ")); err != nil {
		return fmt.Errorf("add columns to table %s: %w", t.Name, err)
	}
	t.Added()
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
