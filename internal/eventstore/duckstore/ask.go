package duckstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Query implements [eventstore.Reader].
func (s *Store) Query(ctx context.Context, q query.Query) (*query.Result, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("query: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer v.close()
	a, err := v.compile(ctx, &q)
	if err != nil {
		return nil, fmt.Errorf("query: compile: %w", err)
	}
	result, err := a.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return result, nil
}

// asking is a compiled question. Its statement answers, for each group and bucket: bucket, rank of
// the group, number of groups, keys, measures.
type asking struct {
	c   *compiler
	q   *query.Query
	sql string
	// types of the keys.
	keys []query.Type
}

func (v *view) compile(ctx context.Context, q *query.Query) (*asking, error) {
	c, err := newCompiler(ctx, v, q.Zone)
	if err != nil {
		return nil, err
	}
	c.period, c.weekStart, c.conversion = q.Period, q.WeekStart, q.Conversion
	c.rows, c.ofChats = spanOf(q.Range), q.Grain == query.Conversations
	a := &asking{c: c, q: q}
	rows, pass, bucket, err := c.rowsOf(q)
	if err != nil {
		return nil, err
	}
	set := &rowSet{columns: map[string]string{}}
	keys, lists, err := a.breakdown(rows, set)
	if err != nil {
		return nil, err
	}
	measures := make([]string, len(q.Measures))
	for i := range q.Measures {
		if measures[i], err = c.aggregate(&q.Measures[i], rows, set); err != nil {
			return nil, err
		}
	}
	from, err := rows.from()
	if err != nil {
		return nil, err
	}
	columns := []string{bucket + " AS b"}
	for i, sql := range set.order {
		columns = append(columns, fmt.Sprintf("%s AS x%d", sql, i))
	}
	inner := fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(columns, ", "), from, where(pass))
	// Each set-valued key is unnested in a step of its own: every combination counts.
	for i, key := range keys {
		if lists[i] != "" {
			inner = unnested(inner, key, lists[i])
		}
	}
	a.sql = c.statement(a.grouped(inner, keys, measures))
	return a, nil
}

// rowsOf is the scope of the question's rows, the condition that they pass, and their bucket.
func (c *compiler) rowsOf(q *query.Query) (rows scope, pass, bucket string, err error) {
	switch q.Grain {
	case query.Events:
		rows = c.events(c.rows)
	case query.Conversations:
		rows = c.conversations()
	default:
		p, err := c.persons(q)
		if err != nil {
			return nil, "", "", err
		}
		return p, "", p.bucket(), nil
	}
	if pass, err = c.condition(q.Filter, rows); err != nil {
		return nil, "", "", err
	}
	bucket, err = c.bucket(rows.time(), c.rows)
	return rows, and(c.rows.where(rows.time()), pass), bucket, err
}

// breakdown compiles the keys to columns. Of a set-valued key, lists has the column of the list: the
// column of the key is for rows that have none.
func (a *asking) breakdown(s scope, set *rowSet) (keys, lists []string, err error) {
	for _, name := range a.q.Breakdown {
		f, err := query.Resolve(s.grain(), name)
		if err != nil {
			return nil, nil, err
		}
		x, err := s.field(f)
		if err != nil {
			return nil, nil, err
		}
		key, list := x.sql, ""
		if x.set {
			key = x.one
			if key == "" {
				key = "NULL"
			}
			list = set.column(fmt.Sprintf("(%s /* list of key %d */)", x.sql, len(keys)))
		}
		// Columns of their own, not those of a measure of the same field: unnesting changes them.
		keys = append(keys, set.column(fmt.Sprintf("(%s /* key %d */)", key, len(keys))))
		lists = append(lists, list)
		a.keys = append(a.keys, x.typ)
	}
	return keys, lists, nil
}

// unnested puts each row under each value of a set-valued key, under the absent one if it has none.
func unnested(rows, key, list string) string {
	return fmt.Sprintf(`SELECT * EXCLUDE (%[1]s, %[2]s), unnest(CASE WHEN %[2]s IS NULL THEN [%[1]s]
		WHEN len(%[2]s) > 0 THEN list_distinct(%[2]s) ELSE [NULL] END) AS %[1]s FROM (%[3]s)`, key, list, rows)
}

// grouped aggregates rows. Groups are ranked by the first measure over all buckets together, then by
// their keys.
func (a *asking) grouped(rows string, keys, measures []string) string {
	key := ""
	if len(keys) > 0 {
		key = ", " + strings.Join(keys, ", ")
	}
	limit := a.q.Limit
	if limit == 0 {
		limit = query.DefaultLimit
	}
	all := strings.Join(measures, ", ")
	switch {
	case len(keys) == 0:
		return fmt.Sprintf("SELECT b, 0, 1, %s FROM (%s) GROUP BY b", all, rows)
	case a.q.Period == query.All:
		named := make([]string, len(measures))
		for i, m := range measures {
			named[i] = fmt.Sprintf("%s AS m%d", m, i)
		}
		return fmt.Sprintf(`SELECT b, row_number() OVER (ORDER BY %[1]s) AS rank, count(*) OVER () AS groups%[2]s, %[3]s
			FROM (SELECT b%[2]s, %[4]s FROM (%[5]s) GROUP BY b%[2]s) ORDER BY rank LIMIT %[6]d`,
			ranking("m0", keys), key, columnList("m", len(measures)), strings.Join(named, ", "), rows, limit)
	}
	same := make([]string, len(keys))
	top := make([]string, len(keys))
	for i, k := range keys {
		same[i] = fmt.Sprintf("k%d IS NOT DISTINCT FROM %s", i, k)
		top[i] = fmt.Sprintf("%s AS k%d", k, i)
	}
	name := a.c.name("rows")
	a.c.with = append(a.c.with, name+" AS MATERIALIZED ("+rows+")")
	return fmt.Sprintf(`SELECT b, any_value(rank), any_value(groups)%[1]s, %[2]s FROM %[3]s JOIN (
			SELECT row_number() OVER (ORDER BY %[4]s) AS rank, count(*) OVER () AS groups, %[5]s
			FROM (SELECT %[6]s AS m0%[1]s FROM %[3]s GROUP BY ALL) ORDER BY rank LIMIT %[7]d) ON %[8]s GROUP BY b%[1]s`,
		key, all, name, ranking("m0", keys), strings.Join(top, ", "), measures[0], limit, strings.Join(same, " AND "))
}

func columnList(prefix string, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strconv.Itoa(i)
	}
	return strings.Join(names, ", ")
}

// ranking is the order of groups.
func ranking(measure string, keys []string) string {
	terms := []string{measure + " DESC NULLS LAST"}
	for _, k := range keys {
		terms = append(terms, k+" ASC NULLS LAST")
	}
	return strings.Join(terms, ", ")
}

// rankedRow is a row of the answer with the rank of its group.
type rankedRow struct {
	query.Row
	rank int64
}

func (a *asking) run(ctx context.Context) (*query.Result, error) {
	rows, err := a.c.v.tx.QueryContext(ctx, a.sql, a.c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var bucket, rank, groups int64
	keys := make([]any, len(a.keys))
	values := make([]sql.NullFloat64, len(a.q.Measures))
	into := []any{&bucket, &rank, &groups}
	for i := range keys {
		into = append(into, &keys[i])
	}
	for i := range values {
		into = append(into, &values[i])
	}
	var found []rankedRow
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		r := rankedRow{rank: rank, Row: query.Row{Start: a.c.bucketStart(bucket)}}
		for i, k := range keys {
			r.Keys = append(r.Keys, keyOf(k, a.keys[i]))
		}
		for _, v := range values {
			r.Values = append(r.Values, query.Value{Num: v.Float64, OK: v.Valid})
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(x, y rankedRow) int {
		if c := x.Start.Compare(y.Start); c != 0 {
			return c
		}
		return int(x.rank - y.rank)
	})
	result := &query.Result{Groups: int(groups)}
	for _, r := range found {
		result.Rows = append(result.Rows, r.Row)
	}
	return result, nil
}

// keyOf is a key as query.Key has it.
func keyOf(v any, t query.Type) query.Key {
	switch x := v.(type) {
	case nil:
		return query.Key{Absent: true}
	case string:
		return query.Key{Value: x}
	case bool:
		return query.Key{Value: strconv.FormatBool(x)}
	case float64:
		return query.Key{Value: strconv.FormatFloat(x+0, 'f', -1, 64)}
	case time.Time:
		return query.Key{Value: x.UTC().Format(time.RFC3339Nano)}
	}
	panic(fmt.Sprintf("BUG: key %v of type %s", v, t))
}
