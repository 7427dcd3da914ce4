package duckstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Paths implements [eventstore.Reader].
func (s *Store) Paths(ctx context.Context, p query.Paths) (*query.PathsResult, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("paths: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	defer v.close()
	c, err := newCompiler(ctx, v, p.Zone)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	c.conversion, c.rows, c.ofChats = p.Conversion, spanOf(p.Range), true
	statement, err := c.paths(&p)
	if err != nil {
		return nil, fmt.Errorf("paths: compile: %w", err)
	}
	rows, err := v.tx.QueryContext(ctx, statement, c.args...)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	defer rows.Close()
	result, err := flows(rows)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	return result, nil
}

// paths compiles the links: place, kind and name of both ends, and how many go so.
func (c *compiler) paths(p *query.Paths) (string, error) {
	ways, err := c.ways(p)
	if err != nil {
		return "", err
	}
	steps, err := c.pathSteps(p, ways)
	if err != nil {
		return "", err
	}
	nodes, ranked := c.name("nodes"), c.name("ranked")
	// The steps of a way, equal ones in a row as one, and one more where it is cut; then its ends.
	c.with = append(c.with, fmt.Sprintf(`%[1]s AS MATERIALIZED (
		SELECT way, place, CASE WHEN place > %[3]d THEN '%[4]s' ELSE kind END AS kind, CASE WHEN place <= %[3]d THEN name END AS name FROM (
			SELECT way, kind, name, row_number() OVER (PARTITION BY way ORDER BY n) AS place FROM (
				SELECT way, kind, name, row_number() OVER w AS n, lag(kind) OVER w AS kind_before, lag(name) OVER w AS name_before FROM (%[2]s)
				WINDOW w AS (PARTITION BY way ORDER BY occurred_at, late, original_at, request_seq, batch_index, event))
			WHERE kind IS DISTINCT FROM kind_before OR name IS DISTINCT FROM name_before)
		WHERE place <= %[3]d + 1
		UNION ALL SELECT way, 0, '%[6]s', start FROM %[5]s
		UNION ALL SELECT way, %[3]d + 2, '%[7]s', finish FROM %[5]s)`,
		nodes, steps, p.Depth, query.PathMore, ways, query.PathStart, query.PathEnd))
	// A node is its place and its rank there as one number, which orders the nodes of a way; those beyond the limit
	// are one. So the links are found among numbers, and the names are put to what is left.
	c.with = append(c.with, fmt.Sprintf(`%s AS MATERIALIZED (SELECT *, place * %[3]d + least(rank, %[4]d + 1) AS node FROM (
		SELECT place, kind, name, row_number() OVER (PARTITION BY place ORDER BY count(*) DESC, kind, name NULLS LAST) AS rank FROM %[2]s GROUP BY place, kind, name))`,
		ranked, nodes, query.MaxNodes+2, p.Limit))
	named := fmt.Sprintf("(SELECT node, any_value(place) AS place, CASE WHEN any_value(rank) > %d THEN '%s' ELSE any_value(kind) END AS kind, CASE WHEN any_value(rank) <= %[1]d THEN any_value(name) END AS name FROM %[3]s GROUP BY node)",
		p.Limit, query.PathOther, ranked)
	return c.statement(fmt.Sprintf(`SELECT f.place, f.kind, f.name, t.place, t.kind, t.name, l.n FROM (
		SELECT node, next, count(*) AS n FROM (SELECT node, lead(node) OVER (PARTITION BY way ORDER BY node) AS next
			FROM %[1]s n JOIN %[2]s r ON r.place = n.place AND r.kind = n.kind AND r.name IS NOT DISTINCT FROM n.name)
		WHERE next IS NOT NULL GROUP BY ALL) l JOIN %[3]s f ON f.node = l.node JOIN %[3]s t ON t.node = l.next`, nodes, ranked, named)), nil
}

// ways is the table of the conversations with a number each, what they begin and end with, and when they converted.
func (c *compiler) ways(p *query.Paths) (string, error) {
	chats := c.conversations()
	pass, err := c.condition(p.Filter, chats)
	if err != nil {
		return "", err
	}
	columns := []string{chats.conversation() + " AS id"}
	converted := ""
	if p.Converted {
		converted = "converted_at"
	}
	for _, x := range []struct{ field, as, none string }{{p.Start, "start", "NULL::VARCHAR"}, {p.End, "finish", "NULL::VARCHAR"}, {converted, "converted_at", "NULL::TIMESTAMP"}} {
		sql := x.none
		if x.field != "" {
			f, err := query.Resolve(query.Conversations, x.field)
			if err != nil {
				return "", err
			}
			value, err := chats.field(f)
			if err != nil {
				return "", err
			}
			sql = value.sql
		}
		columns = append(columns, sql+" AS "+x.as)
	}
	from, err := chats.from()
	if err != nil {
		return "", err
	}
	name := c.name("ways")
	c.with = append(c.with, fmt.Sprintf("%s AS MATERIALIZED (SELECT %s, row_number() OVER () AS way FROM %s%s)", name, strings.Join(columns, ", "), from,
		where(c.rows.where(chats.time()), pass)))
	return name, nil
}

// pathSteps is the events that are steps, and the conversions, each with what orders them.
func (c *compiler) pathSteps(p *query.Paths, ways string) (string, error) {
	conversions := fmt.Sprintf(`SELECT way, '%s' AS kind, NULL::VARCHAR AS name, converted_at AS occurred_at, 1 AS late,
		NULL::TIMESTAMP AS original_at, 0 AS request_seq, 0 AS batch_index, '' AS event FROM %s WHERE converted_at IS NOT NULL`, query.PathConversion, ways)
	if len(p.Steps) == 0 {
		return conversions, nil
	}
	in, err := c.chatSpan()
	if err != nil {
		return "", err
	}
	e := c.events(in)
	kind, name := "CASE", "CASE"
	steps := &query.Filter{Or: []*query.Filter{}}
	for _, s := range p.Steps {
		steps.Or = append(steps.Or, query.AllOf(query.Is(s.Field, query.Exists), s.Match))
		holds, err := c.condition(s.Match, e)
		if err != nil {
			return "", err
		}
		if holds == "" {
			holds = "true"
		}
		f, err := query.Resolve(query.Events, s.Field)
		if err != nil {
			return "", err
		}
		value, err := e.field(f)
		if err != nil {
			return "", err
		}
		kind += fmt.Sprintf(" WHEN %s THEN %s::VARCHAR", holds, c.arg(s.Kind))
		name += fmt.Sprintf(" WHEN %s THEN %s", holds, value.sql)
	}
	if err := e.formsOf(query.AllOf(query.Is("tracked", query.Eq, "true"), steps)); err != nil {
		return "", err
	}
	id, tracked := e.conversation(), e.tracked()
	columns := fmt.Sprintf("w.way, %s END AS kind, %s END AS name, %s AS occurred_at, 0 AS late, coalesce(%s, '-infinity'::TIMESTAMP) AS original_at, %s AS request_seq, %s AS batch_index, %s AS event",
		kind, name, e.time(), e.column("original_at"), e.column("request_seq"), e.column("batch_index"), e.column("id"))
	from, err := e.from()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("SELECT * FROM (SELECT %s FROM %s JOIN %s w ON w.id = %s%s) WHERE name IS NOT NULL UNION ALL %s",
		columns, from, ways, id, where(tracked), conversions), nil
}

// flows makes nodes of the ends of links.
func flows(rows *sql.Rows) (*query.PathsResult, error) {
	type link struct {
		from, to query.PathNode
		n        int64
	}
	var links []link
	counts := map[query.PathNode]int64{}
	result := &query.PathsResult{}
	for rows.Next() {
		var l link
		var from, to sql.NullString
		if err := rows.Scan(&l.from.Place, &l.from.Kind, &from, &l.to.Place, &l.to.Kind, &to, &l.n); err != nil {
			return nil, err
		}
		l.from.Name, l.to.Name = query.Key{Value: from.String, Absent: !from.Valid}, query.Key{Value: to.String, Absent: !to.Valid}
		links = append(links, l)
		counts[l.to] += l.n
		if l.from.Place == 0 {
			counts[l.from] += l.n
			result.Conversations += l.n
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for node, n := range counts {
		node.N = n
		result.Nodes = append(result.Nodes, node)
	}
	slices.SortFunc(result.Nodes, byPlace)
	index := map[query.PathNode]int{}
	for i, node := range result.Nodes {
		node.N = 0
		index[node] = i
	}
	for _, l := range links {
		result.Links = append(result.Links, query.PathLink{From: index[l.from], To: index[l.to], N: l.n})
	}
	slices.SortFunc(result.Links, func(a, b query.PathLink) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return result, nil
}

// byPlace is the order of nodes.
func byPlace(a, b query.PathNode) int {
	last := func(when bool) int {
		if when {
			return 1
		}
		return 0
	}
	other := func(n query.PathNode) int { return last(n.Kind == query.PathOther) }
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(other(a), other(b)), cmp.Compare(b.N, a.N), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(last(a.Name.Absent), last(b.Name.Absent)), cmp.Compare(a.Name.Value, b.Name.Value))
}
