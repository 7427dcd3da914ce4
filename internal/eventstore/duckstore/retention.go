package duckstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Retention implements [eventstore.Reader].
func (s *Store) Retention(ctx context.Context, r query.Retention) (*query.RetentionResult, error) {
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("retention: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	defer v.close()
	a, err := v.compileRetention(ctx, &r)
	if err != nil {
		return nil, fmt.Errorf("retention: compile: %w", err)
	}
	found, err := a.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	result := &query.RetentionResult{Groups: found.Groups}
	for _, row := range found.Rows {
		c := query.Cohort{Start: row.Start, Keys: row.Keys, Size: int64(row.Values[0].Num), Returned: make([]int64, r.Periods+1)}
		for k := range c.Returned {
			c.Returned[k] = int64(row.Values[k+1].Num)
		}
		result.Cohorts = append(result.Cohorts, c)
	}
	if len(r.Breakdown) == 0 {
		result.Groups = min(len(result.Cohorts), 1)
	}
	return result, nil
}

// compileRetention compiles a retention to a question by period that counts the members, then those that
// returned after 0, 1 … periods.
func (v *view) compileRetention(ctx context.Context, r *query.Retention) (*asking, error) {
	c, err := newCompiler(ctx, v, r.Zone)
	if err != nil {
		return nil, err
	}
	c.period, c.weekStart, c.conversion, c.rows = r.Period, r.WeekStart, r.Conversion, everything()
	a := countingBy(c, r.Breakdown, r.Limit, r.Periods+2)
	active, err := c.activePeriods(r)
	if err != nil {
		return nil, err
	}
	first := c.name("first")
	c.with = append(c.with, fmt.Sprintf("%s AS MATERIALIZED (SELECT id, min(f) AS first, arg_min(b, f) AS b FROM %s WHERE f IS NOT NULL GROUP BY id%s)",
		first, active, having(spanOf(r.Range).where("make_timestamp(min(f))"))))
	// One bit for each period after which a member has returned. The ids alone are joined on: with more, DuckDB
	// compares all periods of everybody.
	rows := fmt.Sprintf(`SELECT m.id, any_value(m.b) AS b, coalesce(bit_or(CASE WHEN p.b >= m.b AND p.r >= m.first AND (%[3]s) <= %[4]d
			THEN 1::UBIGINT << (%[3]s)::UBIGINT END), 0::UBIGINT) AS returned
		FROM %[1]s m JOIN %[2]s p ON p.id = m.id GROUP BY m.id`,
		first, active, periodsBetween(r.Period), r.Periods)
	if len(r.Breakdown) > 0 {
		chats, err := c.firstChats(r, first)
		if err != nil {
			return nil, err
		}
		rows = fmt.Sprintf("SELECT m.*, x.chat FROM (%s) m LEFT JOIN (%s) x ON x.id = m.id", rows, chats)
	}
	keys, rows, err := c.byFirstChat(a, rows)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		rows = k.unnest(rows)
	}
	measures := []string{"count(*)::DOUBLE"}
	for k := range r.Periods + 1 {
		measures = append(measures, fmt.Sprintf("count(*) FILTER (WHERE (returned >> %d) & 1 = 1)::DOUBLE", k))
	}
	a.sql = c.statement(a.grouped(rows, keyColumns(keys), measures))
	return a, nil
}

func having(condition string) string {
	if condition == "" {
		return ""
	}
	return " HAVING " + condition
}

// periodsBetween is how many periods bucket p.b lies after bucket m.b.
func periodsBetween(p query.Period) string {
	const day = 24 * time.Hour / time.Microsecond
	switch p {
	case query.Month:
		return "datediff('month', make_timestamp(m.b), make_timestamp(p.b))"
	case query.Week:
		return fmt.Sprintf("(p.b - m.b) // %d", 7*int64(day))
	}
	return fmt.Sprintf("(p.b - m.b) // %d", int64(day))
}

// activePeriods is the table of what each user or person did in each period: f the time of the first event that
// passes First, r that of the last that passes Return, in Unix microseconds.
func (c *compiler) activePeriods(r *query.Retention) (string, error) {
	e := c.events(everything())
	id, pass, err := c.members(r, e)
	if err != nil {
		return "", err
	}
	conditions := make([]string, 2)
	for i, f := range []*query.Filter{r.First, r.Return} {
		if conditions[i], err = c.condition(f, e); err != nil {
			return "", err
		}
		if conditions[i] == "" {
			conditions[i] = "true"
		}
	}
	bucket, err := c.bucket(e.time(), everything())
	if err != nil {
		return "", err
	}
	at := e.time()
	from, err := e.from()
	if err != nil {
		return "", err
	}
	name := c.name("active")
	c.with = append(c.with, fmt.Sprintf(`%s AS MATERIALIZED (SELECT id, b, min(t) FILTER (WHERE is_first) AS f, max(t) FILTER (WHERE is_return) AS r
		FROM (SELECT * FROM (SELECT %s AS id, %s AS b, epoch_us(%s) AS t, (%s) AS is_first, (%s) AS is_return FROM %s%s) WHERE is_first OR is_return) GROUP BY id, b)`,
		name, id, bucket, at, conditions[0], conditions[1], from, where(pass)))
	return name, nil
}

// members is who an event belongs to, and the condition on events that count.
func (c *compiler) members(r *query.Retention, e *eventScope) (id, pass string, err error) {
	who := "user_id"
	if r.Grain == query.People {
		who = "person"
	}
	id = e.column(who)
	pass, err = c.condition(r.Filter, e)
	return id, and(e.tracked(), id+" IS NOT NULL", pass), err
}

// firstChats is the conversation of the first event of each of the members in table first. Their times are known,
// so the order among events, which is long, is looked at for those alone that happened then.
func (c *compiler) firstChats(r *query.Retention, first string) (string, error) {
	e := c.events(spanOf(r.Range))
	id, pass, err := c.members(r, e)
	if err != nil {
		return "", err
	}
	isFirst, err := c.condition(r.First, e)
	if err != nil {
		return "", err
	}
	chat, order, at := e.conversation(), e.order(), e.time()
	from, err := e.from()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("SELECT m.id, arg_min(struct_pack(id := %s), %s).id AS chat FROM %s m JOIN %s ON %s = m.id AND epoch_us(%s) = m.first%s GROUP BY m.id",
		chat, order, first, from, id, at, where(pass, isFirst)), nil
}

// byFirstChat adds to members the columns of a breakdown, of the conversation that column chat names.
func (c *compiler) byFirstChat(a *asking, members string) ([]key, string, error) {
	if len(a.q.Breakdown) == 0 {
		return nil, members, nil
	}
	chats := c.conversations()
	keys, columns, err := a.keysOf(chats)
	if err != nil {
		return nil, "", err
	}
	from, err := chats.from()
	if err != nil {
		return nil, "", err
	}
	return keys, fmt.Sprintf("SELECT m.*, k.* FROM (%s) m LEFT JOIN (SELECT %s AS of_chat, %s FROM %s) k ON k.of_chat = m.chat",
		members, chats.conversation(), strings.Join(columns, ", "), from), nil
}
