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

// compiler is one for a query.
func (v *view) compiler(ctx context.Context, q *query.Query) (*compiler, error) {
	c, err := newCompiler(ctx, v, q.Zone)
	if err != nil {
		return nil, err
	}
	c.period, c.weekStart, c.conversion = q.Period, q.WeekStart, q.Conversion
	c.rows, c.ofChats = spanOf(q.Range), q.Grain == query.Conversations
	return c, nil
}

func (v *view) compile(ctx context.Context, q *query.Query) (*asking, error) {
	c, err := v.compiler(ctx, q)
	if err != nil {
		return nil, err
	}
	a := &asking{c: c, q: q}
	rows, pass, bucket, err := c.rowsOf(q)
	if err != nil {
		return nil, err
	}
	set := &rowSet{columns: map[string]string{}}
	keys, err := a.breakdown(rows)
	if err != nil {
		return nil, err
	}
	early := a.early(keys)
	for i := range keys {
		keys[i].place(set, i, early)
	}
	measures, err := c.aggregates(q.Measures, rows, set)
	if err != nil {
		return nil, err
	}
	inner, err := set.of(rows, bucket, pass)
	if err != nil {
		return nil, err
	}
	if early {
		inner, measures = a.preaggregate(inner, keys, measures)
	}
	// Each set-valued key is unnested in a step of its own: every combination counts.
	for _, k := range keys {
		inner = k.unnest(inner)
	}
	a.sql = c.statement(a.grouped(inner, keyColumns(keys), measures))
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

// grouped aggregates rows. Groups are ranked by the first measure over all buckets together, then by
// their keys.
func (a *asking) grouped(rows string, keys, measures []string) string {
	if len(keys) == 0 {
		all := strings.Join(measures, ", ")
		if a.q.Totals {
			return fmt.Sprintf("SELECT coalesce(b, 0), grouping(b), 1, %s FROM (%s) GROUP BY GROUPING SETS ((b), ()) HAVING count(*) > 0", all, rows)
		}
		if a.q.Period == query.All {
			return fmt.Sprintf("SELECT 0, 0, 1, %s FROM (%s) HAVING count(*) > 0", all, rows)
		}
		return fmt.Sprintf("SELECT b, 0, 1, %s FROM (%s) GROUP BY b", all, rows)
	}
	named := make([]string, len(measures))
	for i, m := range measures {
		named[i] = fmt.Sprintf("%s AS m%d", m, i)
	}
	key, results := strings.Join(keys, ", "), columnList("m", len(measures))
	over, parts := a.overAll()
	sets := fmt.Sprintf("SELECT b, false AS total, %s, %s FROM (%s) GROUP BY b, %s", key, strings.Join(named, ", "), rows, key)
	if !parts {
		// What the first measure is over all buckets does not follow from what it is in each.
		sets = fmt.Sprintf("SELECT b, grouping(b) = 1 AS total, %s, %s FROM (%s) GROUP BY GROUPING SETS ((b, %s), (%s))",
			key, strings.Join(named, ", "), rows, key, key)
	}
	limit := a.q.Limit
	if limit == 0 {
		limit = query.DefaultLimit
	}
	return fmt.Sprintf(`SELECT b, rank, groups, %[1]s, %[2]s FROM (SELECT *, max(rank) OVER () AS groups FROM (
		SELECT *, dense_rank() OVER (ORDER BY %[3]s) AS rank FROM (
		SELECT *, %[4]s OVER (PARTITION BY %[1]s) AS whole FROM (%[5]s)))) WHERE rank <= %[6]d AND NOT total`,
		key, results, ranking("whole", keys), over, sets, limit)
}

// overAll is the window function that finds the first measure over all buckets, and whether it puts it
// together from the buckets; else it picks it from the rows that are totals.
func (a *asking) overAll() (function string, parts bool) {
	switch m := a.q.Measures[0]; {
	case a.q.Period == query.All:
		return "any_value(m0)", true
	case m.Op == query.Count || m.Op == query.Sum || m.Op == query.SumSquares:
		return "sum(m0)", true
	case m.Op == query.Min || m.Op == query.Max:
		return string(m.Op) + "(m0)", true
	}
	return "any_value(CASE WHEN total THEN m0 END)", false
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
	return a.read(rows)
}

// read makes a result of the rows of the statement.
func (a *asking) read(rows *sql.Rows) (*query.Result, error) {
	var g groupRow
	keys := make([]any, len(a.keys))
	into := g.into(keys, len(a.q.Measures))
	var found []rankedRow
	var total []query.Value
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := g.row(a.c, keys, a.keys)
		if a.q.Totals && g.rank == 1 {
			total = row.Values
			continue
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	result := byRank(found, g.groups)
	result.Total = total
	return result, nil
}

// groupRow is what a row of the statement is read into.
type groupRow struct {
	bucket, rank, groups int64
	values               []sql.NullFloat64
}

func (g *groupRow) into(keys []any, measures int) []any {
	g.values = make([]sql.NullFloat64, measures)
	into := []any{&g.bucket, &g.rank, &g.groups}
	for i := range keys {
		into = append(into, &keys[i])
	}
	for i := range g.values {
		into = append(into, &g.values[i])
	}
	return into
}

func (g *groupRow) row(c *compiler, keys []any, types []query.Type) rankedRow {
	r := rankedRow{rank: g.rank, Row: query.Row{Start: c.bucketStart(g.bucket)}}
	for i, k := range keys {
		r.Keys = append(r.Keys, keyOf(k, types[i]))
	}
	for _, v := range g.values {
		r.Values = append(r.Values, query.Value{Num: v.Float64, OK: v.Valid})
	}
	return r
}

// byRank is the result with its rows by bucket, and by rank.
func byRank(found []rankedRow, groups int64) *query.Result {
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
	return result
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
