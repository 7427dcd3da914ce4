package duckstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Breakdowns implements [eventstore.Reader].
func (s *Store) Breakdowns(ctx context.Context, q query.Query, fields []string) ([]*query.Result, error) {
	for _, f := range fields {
		one := q
		one.Breakdown = []string{f}
		if err := one.Validate(); err != nil {
			return nil, fmt.Errorf("breakdowns: %w: %w", eventstore.ErrInvalid, err)
		}
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("breakdowns: %w", err)
	}
	defer v.close()
	if q.Grain == query.Conversations && len(fields) > 1 {
		results, err := v.breakdowns(ctx, q, fields)
		if err != nil {
			return nil, fmt.Errorf("breakdowns: %w", err)
		}
		return results, nil
	}
	// Rows of events are too many to be kept while they are grouped by one field after the other.
	results := make([]*query.Result, len(fields))
	for i, f := range fields {
		one := q
		one.Breakdown = []string{f}
		a, err := v.compile(ctx, &one)
		if err != nil {
			return nil, fmt.Errorf("breakdowns: compile %s: %w", f, err)
		}
		if results[i], err = a.run(ctx); err != nil {
			return nil, fmt.Errorf("breakdowns: %s: %w", f, err)
		}
	}
	return results, nil
}

// breakdowns finds the rows once, with what all fields and measures look at, and groups them by each field.
func (v *view) breakdowns(ctx context.Context, q query.Query, fields []string) ([]*query.Result, error) {
	c, err := v.compiler(ctx, &q)
	if err != nil {
		return nil, err
	}
	rows, pass, bucket, err := c.rowsOf(&q)
	if err != nil {
		return nil, err
	}
	set := &rowSet{columns: map[string]string{}}
	measures, err := c.aggregates(q.Measures, rows, set)
	if err != nil {
		return nil, err
	}
	looked := append([]string{"b"}, names(set, 0)...)
	parts, askings := make([]string, len(fields)), make([]*asking, len(fields))
	found := c.name("found")
	for i, f := range fields {
		one := q
		one.Breakdown = []string{f}
		a := &asking{c: c, q: &one}
		keys, err := a.breakdown(rows)
		if err != nil {
			return nil, err
		}
		k, before := keys[0], len(set.order)
		k.place(set, i, false)
		columns := append(slices.Clone(looked), names(set, before)...)
		grouped := a.grouped(k.unnest(fmt.Sprintf("SELECT %s FROM %s", strings.Join(columns, ", "), found)), []string{k.column}, measures)
		parts[i] = fmt.Sprintf("SELECT %d AS part, b, rank, groups, %s, %s FROM (%s)", i, typedKey(k.typ, k.column), columnList("m", len(measures)), grouped)
		askings[i] = a
	}
	selected, err := set.of(rows, bucket, pass)
	if err != nil {
		return nil, err
	}
	c.with = append(c.with, fmt.Sprintf("%s AS MATERIALIZED (%s)", found, selected))
	return c.readBreakdowns(c.statement(strings.Join(parts, " UNION ALL ")), askings)
}

// names are the columns of a row set from one on.
func names(set *rowSet, from int) []string {
	var out []string
	for i := from; i < len(set.order); i++ {
		out = append(out, fmt.Sprintf("x%d", i))
	}
	return out
}

// keyTypes are the columns that keys of several fields are answered in, one for each type.
var keyTypes = []struct {
	typ query.Type
	sql string
}{{query.String, "VARCHAR"}, {query.Number, "DOUBLE"}, {query.Bool, "BOOLEAN"}, {query.Time, "TIMESTAMP"}}

// typedKey is a key in the column of its type, the others NULL.
func typedKey(t query.Type, column string) string {
	columns := make([]string, len(keyTypes))
	for i, k := range keyTypes {
		if columns[i] = "NULL::" + k.sql; k.typ == t {
			columns[i] = column
		}
	}
	return strings.Join(columns, ", ")
}

// readBreakdowns gives each row to the question that it answers.
func (c *compiler) readBreakdowns(statement string, askings []*asking) ([]*query.Result, error) {
	rows, err := c.v.tx.QueryContext(c.ctx, statement, c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var part int
	var g groupRow
	keys := make([]any, len(keyTypes))
	into := append([]any{&part}, g.into(keys, len(askings[0].q.Measures))...)
	found := make([][]rankedRow, len(askings))
	groups := make([]int64, len(askings))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		a := askings[part]
		key := slices.IndexFunc(keyTypes, func(k struct {
			typ query.Type
			sql string
		}) bool {
			return k.typ == a.keys[0]
		})
		groups[part] = g.groups
		found[part] = append(found[part], g.row(c, keys[key:key+1], a.keys))
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	results := make([]*query.Result, len(askings))
	for i := range results {
		results[i] = byRank(found[i], groups[i])
	}
	return results, nil
}
