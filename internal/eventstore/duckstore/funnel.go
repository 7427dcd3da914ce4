package duckstore

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Funnel implements [eventstore.Reader].
func (s *Store) Funnel(ctx context.Context, f query.Funnel) (*query.FunnelResult, error) {
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("funnel: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("funnel: %w", err)
	}
	defer v.close()
	a, err := v.compileFunnel(ctx, &f)
	if err != nil {
		return nil, fmt.Errorf("funnel: compile: %w", err)
	}
	found, err := a.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("funnel: %w", err)
	}
	n := len(f.Steps)
	result := &query.FunnelResult{Total: found.Groups}
	for _, r := range found.Rows {
		g := query.FunnelGroup{Keys: r.Keys, Steps: make([]query.FunnelStep, n)}
		for i := range g.Steps {
			g.Steps[i].N = int64(r.Values[i].Num)
			if i > 0 {
				g.Steps[i].MedianMS = r.Values[n+i-1]
			}
		}
		result.Groups = append(result.Groups, g)
	}
	if len(f.Breakdown) == 0 && len(result.Groups) == 0 {
		result = &query.FunnelResult{Groups: []query.FunnelGroup{{Steps: make([]query.FunnelStep, n)}}, Total: 1}
	}
	return result, nil
}

// compileFunnel compiles a funnel to a question that counts the steps, then gives the medians.
func (v *view) compileFunnel(ctx context.Context, f *query.Funnel) (*asking, error) {
	c, err := newCompiler(ctx, v, f.Zone)
	if err != nil {
		return nil, err
	}
	c.conversion, c.rows, c.ofChats = f.Conversion, spanOf(f.Range), f.Grain == query.Conversations
	a := countingBy(c, f.Breakdown, f.Limit, 2*len(f.Steps)-1)
	rows, keys, err := c.tries(f, a)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		rows = k.unnest(rows)
	}
	var counts, medians []string
	for i := range f.Steps {
		counts = append(counts, fmt.Sprintf("count(t%d)::DOUBLE", i+1))
		if i > 0 {
			medians = append(medians, fmt.Sprintf("quantile_cont(t%d - t%d, 0.5) / 1000", i+1, i))
		}
	}
	a.sql = c.statement(a.grouped(rows, keyColumns(keys), append(counts, medians...)))
	return a, nil
}

// countingBy is a question of so many measures, the first of which is a count of rows.
func countingBy(c *compiler, breakdown []string, limit, measures int) *asking {
	q := &query.Query{Period: c.period, Breakdown: breakdown, Limit: limit, Measures: make([]query.Measure, measures)}
	q.Measures[0].Op = query.Count
	return &asking{c: c, q: q}
}

// tries is one row for each conversation or person that reaches the first step: id, t1 … the times of the steps
// in Unix microseconds, NULL where not reached, b, and the columns of the keys of a breakdown; a is nil for none.
func (c *compiler) tries(f *query.Funnel, a *asking) (string, []key, error) {
	if f.Grain == query.People {
		return c.triesOfPeople(f, a)
	}
	in, err := c.chatSpan()
	if err != nil {
		return "", nil, err
	}
	e := c.events(in)
	id, tracked := e.conversation(), e.tracked()
	times, err := c.times(f, e, id, nil, nil, tracked)
	if err != nil {
		return "", nil, err
	}
	chats := c.conversations()
	pass, err := c.condition(f.Filter, chats)
	if err != nil {
		return "", nil, err
	}
	keys, columns, err := a.keysOf(chats)
	if err != nil {
		return "", nil, err
	}
	from, err := chats.from()
	if err != nil {
		return "", nil, err
	}
	t := c.name("t")
	columns = append([]string{"0 AS b", t + ".*"}, columns...)
	return fmt.Sprintf("SELECT %s FROM %s JOIN (%s) %s ON %s.id = %s%s", strings.Join(columns, ", "), from, times, t, t, chats.conversation(),
		where(c.rows.where(chats.time()), pass)), keys, nil
}

func (c *compiler) triesOfPeople(f *query.Funnel, a *asking) (string, []key, error) {
	e := c.events(c.rows)
	pass, err := c.condition(f.Filter, e)
	if err != nil {
		return "", nil, err
	}
	keys, columns, err := a.keysOf(e)
	if err != nil {
		return "", nil, err
	}
	id, tracked, in := e.column("person"), e.tracked(), c.rows.where(e.time())
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = fmt.Sprintf("x%d", i)
	}
	if len(columns) > 0 {
		columns = append(columns, e.order()+" AS o")
	}
	times, err := c.times(f, e, id, columns, names, tracked, in, pass)
	return "SELECT 0 AS b, * FROM (" + times + ")", keys, err
}

// keysOf compiles the fields of a breakdown in a scope, and the columns that they need.
func (a *asking) keysOf(s scope) (keys []key, columns []string, err error) {
	if a == nil {
		return nil, nil, nil
	}
	if keys, err = a.breakdown(s); err != nil {
		return nil, nil, err
	}
	set := &rowSet{columns: map[string]string{}}
	for i := range keys {
		keys[i].place(set, i, false)
	}
	return keys, set.selected(), nil
}

// order is conversation order as one value.
func (s *eventScope) order() string {
	return fmt.Sprintf("struct_pack(t := %s, o := coalesce(epoch_us(%s), %d), s := %s, b := %s, i := %s)",
		s.time(), s.column("original_at"), int64(math.MinInt64), s.column("request_seq"), s.column("batch_index"), s.column("id"))
}

// times is the times of the steps by id, of events that pass all conditions. Columns, which name an order o, are
// those of the first event of the first step.
func (c *compiler) times(f *query.Funnel, e *eventScope, id string, columns, names []string, pass ...string) (string, error) {
	list := append([]string{id + " AS id", "epoch_us(" + e.time() + ") AS t"}, columns...)
	var any []string
	for i, step := range f.Steps {
		holds, err := c.condition(step, e)
		if err != nil {
			return "", err
		}
		if holds == "" {
			holds = "true"
		}
		list = append(list, fmt.Sprintf("(%s) AS s%d", holds, i+1))
		any = append(any, fmt.Sprintf("s%d", i+1))
	}
	from, err := e.from()
	if err != nil {
		return "", err
	}
	events := fmt.Sprintf("SELECT * FROM (SELECT %s FROM %s%s) WHERE %s", strings.Join(list, ", "), from,
		where(append(pass, id+" IS NOT NULL")...), strings.Join(any, " OR "))
	grouped := []string{"id"}
	if len(columns) > 0 {
		var parts []string
		for _, name := range names {
			parts = append(parts, name+" := "+name)
		}
		grouped = append(grouped, "arg_min(struct_pack("+strings.Join(parts, ", ")+"), o) FILTER (WHERE s1) AS first")
	}
	reach := inOrder
	if f.AnyOrder {
		reach = inAnyOrder
	}
	rows := reach(f, grouped, events)
	if len(columns) > 0 {
		var parts []string
		for _, name := range names {
			parts = append(parts, "first."+name+" AS "+name)
		}
		rows = "SELECT * EXCLUDE (first), " + strings.Join(parts, ", ") + " FROM (" + rows + ")"
	}
	return rows, nil
}

// inOrder finds the times of steps in order: each in the list of times at which its events happened.
func inOrder(f *query.Funnel, columns []string, events string) string {
	columns = append(columns, "min(t) FILTER (WHERE s1) AS t1")
	for i := 2; i <= len(f.Steps); i++ {
		columns = append(columns, fmt.Sprintf("list(t) FILTER (WHERE s%d) AS l%d", i, i))
	}
	rows := fmt.Sprintf("SELECT %s FROM (%s) GROUP BY id HAVING t1 IS NOT NULL", strings.Join(columns, ", "), events)
	for i := 2; i <= len(f.Steps); i++ {
		in := fmt.Sprintf("u >= t%d", i-1)
		if f.Window > 0 {
			in += fmt.Sprintf(" AND u <= t1 + %d", f.Window.Microseconds())
		}
		rows = fmt.Sprintf("SELECT * EXCLUDE (l%d), list_min(list_filter(l%d, lambda u: %s)) AS t%d FROM (%s)", i, i, in, i, rows)
	}
	return rows
}

// inAnyOrder finds the times of steps that may come in any order.
func inAnyOrder(f *query.Funnel, columns []string, events string) string {
	var firsts []string
	for i := range f.Steps {
		firsts = append(firsts, fmt.Sprintf("f%d", i+1))
		columns = append(columns, fmt.Sprintf("min(t) FILTER (WHERE s%d) AS f%d", i+1, i+1))
	}
	rows := fmt.Sprintf("SELECT %s FROM (%s) GROUP BY id", strings.Join(columns, ", "), events)
	for i := range f.Steps {
		holds := []string{fmt.Sprintf("f%d IS NOT NULL", i+1)}
		if f.Window > 0 {
			holds = append(holds, fmt.Sprintf("f%d <= least(%s) + %d", i+1, strings.Join(firsts, ", "), f.Window.Microseconds()))
		}
		at := "f1"
		if i > 0 {
			holds = append(holds, fmt.Sprintf("t%d IS NOT NULL", i))
			at = fmt.Sprintf("greatest(t%d, f%d)", i, i+1)
		}
		rows = fmt.Sprintf("SELECT *, CASE WHEN %s THEN %s END AS t%d FROM (%s)", and(holds...), at, i+1, rows)
	}
	return fmt.Sprintf("SELECT * EXCLUDE (%s) FROM (%s) WHERE t1 IS NOT NULL", strings.Join(firsts, ", "), rows)
}

// reached holds for conversations that reach a step of a funnel, or whose person does.
func (c *compiler) reached(r *query.Reached, s scope) (string, error) {
	own, err := newCompiler(c.ctx, c.v, r.Funnel.Zone)
	if err != nil {
		return "", err
	}
	own.args, own.with, own.made, own.data = c.args, c.with, c.made, c.data
	own.conversion, own.rows, own.ofChats = r.Funnel.Conversion, spanOf(r.Funnel.Range), r.Funnel.Grain == query.Conversations
	if own.ofChats && own.rows == everything() {
		// Conversations that the question is not about need not be looked at.
		own.chats = new(span)
		if *own.chats, err = c.chatSpan(); err != nil {
			return "", err
		}
	}
	tries, _, err := own.tries(r.Funnel, nil)
	if err != nil {
		return "", err
	}
	c.args, c.with, c.made = own.args, own.with, own.made
	id := s.conversation()
	if r.Funnel.Grain == query.People {
		person, err := query.Resolve(query.Conversations, "person")
		if err != nil {
			return "", err
		}
		x, err := s.field(person)
		if err != nil {
			return "", err
		}
		id = x.sql
	}
	return fmt.Sprintf("%s IN (SELECT id FROM (%s) WHERE t%d IS NOT NULL)", id, tries, r.Step), nil
}
