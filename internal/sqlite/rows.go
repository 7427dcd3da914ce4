package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scanner is a row to read: a *sql.Row or *sql.Rows.
type Scanner interface{ Scan(dest ...any) error }

// Collect reads all rows with scan. The result is never nil, so that it is a list in JSON. It takes the error of
// the question along, and returns it.
func Collect[T any](rows *sql.Rows, err error, scan func(Scanner) (T, error)) ([]T, error) {
	all := []T{}
	err = Each(rows, err, func(r Scanner) error {
		v, err := scan(r)
		all = append(all, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// List returns the rows of a question, read with scan as [Collect] does; what says in an error what was attempted:
// "list sources".
func List[T any](ctx context.Context, db *DB, what string, scan func(Scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	all, err := Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}

// Each hands each row to row, and takes the error of the question along as Collect does.
func Each(rows *sql.Rows, err error, row func(Scanner) error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// maxKeys is how many keys are asked for at once: SQLite bounds the parameters of a statement, and its text is
// parsed each time.
const maxKeys = 400

// Keys stands in the text of a question for the keys of [EachOf]: `WHERE person IN :keys`.
const Keys = ":keys"

// EachOf hands the rows of a question about any number of keys to row. Text is asked once for every 400 keys, with
// these in the place of [Keys]; a key is as many values as columns are compared. Args come before them. An order that
// text asks for holds among 400 keys only.
func EachOf[K any](ctx context.Context, db *DB, text string, keys []K, values func(K) []any, row func(Scanner) error, args ...any) error {
	for chunk := range slices.Chunk(keys, maxKeys) {
		all := slices.Clone(args)
		for _, k := range chunk {
			all = append(all, values(k)...)
		}
		list := list(len(chunk), (len(all)-len(args))/len(chunk))
		rows, err := db.QueryContext(ctx, strings.Replace(text, Keys, list, 1), all...)
		if err := Each(rows, err, row); err != nil {
			return err
		}
	}
	return nil
}

// list is the list of an IN for keys of so many values each.
func list(keys, values int) string {
	if values == 1 {
		return Marks(keys)
	}
	return "(VALUES " + strings.TrimSuffix(strings.Repeat(Marks(values)+",", keys), ",") + ")"
}

// Marks is the list of n parameters: (?,?) for two.
func Marks(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")" }

// Micros is how times are stored: in microseconds of Unix time; the zero time as null.
func Micros(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: true}
}

// Time reads what [Micros] stored into t, in UTC: one of the destinations of a scan.
func Time(t *time.Time) sql.Scanner { return (*micros)(t) }

type micros time.Time

func (m *micros) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*m = micros{}
	case int64:
		*m = micros(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}
