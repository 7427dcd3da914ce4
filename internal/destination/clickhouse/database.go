package clickhouse

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// database is what is known of the tables.
type database struct {
	name    string
	columns int  // most of a table
	limit   int  // most tables
	fine    bool // times have microseconds
	// tables that exist; nil for those whose columns have not been looked at.
	tables map[string]*warehouse.Table
}

func (d *database) path(table string) string { return quote(d.name) + "." + quote(table) }

func quote(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// text is a literal.
func text(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }

// allow tells whether an event's table exists or may be made.
func (d *database) allow(table string) bool {
	_, exists := d.tables[table]
	return exists || len(d.tables) < d.limit
}

func (d *database) table(name string) *warehouse.Table {
	return &warehouse.Table{Name: name, Columns: map[string]warehouse.Kind{}, Limit: d.columns}
}

// typeOf is ClickHouse's type of a kind.
func (d *database) typeOf(kind warehouse.Kind) string {
	switch kind {
	case warehouse.Number:
		return "Nullable(Float64)"
	case warehouse.Boolean:
		return "Nullable(UInt8)"
	case warehouse.Time:
		return "Nullable(" + d.moment() + ")"
	}
	return "Nullable(String)"
}

// moment is the type of times. DateTime64 came with 20.1.
func (d *database) moment() string {
	if d.fine {
		return "DateTime64(6, 'UTC')"
	}
	return "DateTime('UTC')"
}

// kindOf is the kind of a column of one of ClickHouse's types; JSON is text like any other.
func kindOf(typ string) warehouse.Kind {
	inner := strings.TrimSuffix(strings.TrimPrefix(typ, "Nullable("), ")")
	switch {
	case inner == "String":
		return warehouse.Text
	case inner == "Float64":
		return warehouse.Number
	case inner == "UInt8", inner == "Bool":
		return warehouse.Boolean
	case strings.HasPrefix(inner, "DateTime"):
		return warehouse.Time
	}
	return warehouse.Kind(typ)
}

// create makes the database if there is none. Only then does the user need the right to.
func (b *batch) create() error {
	found, err := b.query(b.ctx, "SELECT count() FROM system.databases WHERE name = "+text(b.database.name))
	if err == nil && strings.TrimSpace(found) == "0" {
		_, err = b.query(b.ctx, "CREATE DATABASE "+quote(b.database.name))
	}
	return err
}

func (b *batch) path(table string) string { return b.database.path(table) }

// load reads which tables there are, unless that is known.
func (b *batch) load() error {
	if b.database.tables != nil {
		return nil
	}
	if err := b.create(); err != nil {
		return err
	}
	version, err := b.query(b.ctx, "SELECT version()")
	if err != nil {
		return err
	}
	major, _, _ := strings.Cut(strings.TrimSpace(version), ".")
	n, _ := strconv.Atoi(major)
	b.database.fine = n >= 20
	var rows []struct{ Name string }
	if err := b.read("SELECT name FROM system.tables WHERE database = "+text(b.database.name), &rows); err != nil {
		return err
	}
	tables := map[string]*warehouse.Table{}
	for _, row := range rows {
		tables[row.Name] = nil
	}
	b.database.tables = tables
	return nil
}

// read asks for rows, of which rows points to a slice.
func (b *batch) read(sql string, rows any) error {
	found, err := b.query(b.ctx, sql+" FORMAT JSON")
	if err != nil {
		return err
	}
	var answer struct{ Data json.RawMessage }
	err = json.Unmarshal([]byte(found), &answer)
	if err == nil {
		err = json.Unmarshal(answer.Data, rows)
	}
	if err != nil {
		return fmt.Errorf("read what tables there are: %w: %w", destination.ErrUnavailable, err)
	}
	return nil
}

// open returns a table, which it makes if there is none.
func (b *batch) open(name string) (*warehouse.Table, error) {
	t, exists := b.database.tables[name]
	if t != nil {
		return t, nil
	}
	if exists {
		return b.look(name)
	}
	return b.make(name)
}

// look reads a table's columns.
func (b *batch) look(name string) (*warehouse.Table, error) {
	var rows []struct{ Name, Type string }
	if err := b.read("SELECT name, type FROM system.columns WHERE database = "+text(b.database.name)+" AND table = "+text(name), &rows); err != nil {
		return nil, err
	}
	t := b.database.table(name)
	for _, row := range rows {
		t.Columns[row.Name] = kindOf(row.Type)
	}
	b.database.tables[name] = t
	return t, nil
}

func (b *batch) make(name string) (*warehouse.Table, error) {
	t := b.database.table(name)
	var columns []string
	for _, c := range warehouse.Fixed(name) {
		t.Columns[c.Name] = c.Kind
		typ := b.database.typeOf(c.Kind)
		switch c.Name { // the key has no nulls
		case "id":
			typ = "String"
		case "timestamp":
			typ = b.database.moment()
		}
		columns = append(columns, quote(c.Name)+" "+typ)
	}
	columns = append(columns, warehouse.LoadedAt+" DateTime('UTC') DEFAULT now()")
	t.Columns[warehouse.LoadedAt] = warehouse.Time
	_, err := b.query(b.ctx, "CREATE TABLE "+b.path(name)+" ("+strings.Join(columns, ", ")+") ENGINE = ReplacingMergeTree ORDER BY (timestamp, id)")
	if err == nil {
		b.database.tables[name] = t
	}
	return t, err
}

// widen makes the columns that the table wants.
func (b *batch) widen(t *warehouse.Table) error {
	if len(t.Wanted) == 0 {
		return nil
	}
	adds := make([]string, len(t.Wanted))
	for i, name := range t.Wanted {
		adds[i] = "ADD COLUMN " + quote(name) + " " + b.database.typeOf(t.Columns[name])
	}
	_, err := b.query(b.ctx, "ALTER TABLE "+b.path(t.Name)+" "+strings.Join(adds, ", "))
	t.Added()
	return err
}
