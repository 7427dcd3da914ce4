package duckstore

import (
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// key is one field of a breakdown: an expression over rows, and the column that it becomes.
type key struct {
	expr
	column string // of the key
	list   string // of the list of values, "" if the field has one value at most
	early  bool   // list is of JSON that has yet to be taken apart
}

// breakdown compiles the fields to break down by.
func (a *asking) breakdown(s scope) ([]key, error) {
	var keys []key
	for _, name := range a.q.Breakdown {
		f, err := query.Resolve(s.grain(), name)
		if err != nil {
			return nil, err
		}
		x, err := s.field(f)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key{expr: x})
		a.keys = append(a.keys, x.typ)
	}
	return keys, nil
}

// early reports whether rows can be aggregated by the JSON of properties before it is taken apart. That
// is done once for each text then, not for each row; it takes measures that can be put together from
// parts.
func (a *asking) early(keys []key) bool {
	any := false
	for _, k := range keys {
		if k.set && k.json == "" {
			return false
		}
		any = any || k.json != ""
	}
	for _, m := range a.q.Measures {
		switch m.Op {
		case query.Count, query.Sum, query.SumSquares, query.Min, query.Max:
		default:
			return false
		}
	}
	return any
}

// place gives the key its columns. They are its own, not those of a measure of the same field, since
// unnesting changes them.
func (k *key) place(set *rowSet, i int, early bool) {
	own := func(sql, what string) string { return set.column(fmt.Sprintf("(%s /* %s %d */)", sql, what, i)) }
	switch {
	case !k.set:
		k.column = own(k.sql, "key")
	case early:
		k.early = true
		k.list = own(k.json, "json of key")
		k.column = k.list
	default:
		one := k.one
		if one == "" {
			one = "NULL"
		}
		k.column, k.list = own(one, "key"), own(k.sql, "list of key")
	}
}

// unnest puts each row under each value of a set-valued key, under the absent one if it has none.
func (k *key) unnest(rows string) string {
	if !k.set {
		return rows
	}
	one, list := k.column, k.list
	drop := one + ", " + list
	if k.early {
		one, list = k.values(k.list)
		drop = k.list
	}
	each := list
	if !k.once {
		each = "list_distinct(" + list + ")"
	}
	return fmt.Sprintf(`SELECT * EXCLUDE (%s), unnest(CASE WHEN %s IS NULL THEN [%s] WHEN len(%s) > 0 THEN %s ELSE [NULL] END) AS %s FROM (%s)`,
		drop, list, one, list, each, k.column, rows)
}

func keyColumns(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.column
	}
	return out
}

// preaggregate aggregates rows by the columns of the keys as they are, and returns the measures over
// what comes of it.
func (a *asking) preaggregate(rows string, keys []key, measures []string) (string, []string) {
	parts := []string{"b", strings.Join(keyColumns(keys), ", ")}
	whole := make([]string, len(measures))
	for i, m := range measures {
		parts = append(parts, fmt.Sprintf("%s AS p%d", m, i))
		function := "sum"
		if op := a.q.Measures[i].Op; op == query.Min || op == query.Max {
			function = string(op)
		}
		whole[i] = fmt.Sprintf("%s(p%d)", function, i)
	}
	return fmt.Sprintf("SELECT %s FROM (%s) GROUP BY b, %s", strings.Join(parts, ", "), rows, strings.Join(keyColumns(keys), ", ")), whole
}
