package duckstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// compiler turns one question into one SQL statement. Values of the question are always arguments,
// never text of the statement; names of columns come from the tables here.
type compiler struct {
	ctx  context.Context
	v    *view
	zone *time.Location
	args []any
	with []string // common table expressions
	made int      // names made up so far

	conversion *query.Conversion
	// events of conversations that the question is about lie in here; see chatSpan.
	rows      span
	ofChats   bool // rows is a span of conversations' times
	chats     *span
	data      *span
	hitsName  string
	weekStart time.Weekday
	period    query.Period
}

func newCompiler(ctx context.Context, v *view, zone string) (*compiler, error) {
	loc, err := query.LoadZone(zone)
	if err != nil {
		return nil, err
	}
	return &compiler{ctx: ctx, v: v, zone: loc}, nil
}

// arg makes a value an argument and returns how the statement names it.
func (c *compiler) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *compiler) name(prefix string) string {
	c.made++
	return fmt.Sprintf("%s%d", prefix, c.made)
}

// statement puts the common table expressions before a SELECT.
func (c *compiler) statement(sql string) string {
	if len(c.with) == 0 {
		return sql
	}
	return "WITH " + strings.Join(c.with, ", ") + " " + sql
}

// spanOf is a range as the store sees it.
func spanOf(r query.Range) span {
	p := everything()
	if !r.From.IsZero() {
		p.from = r.From.Truncate(time.Microsecond).UnixMicro()
	}
	if !r.Until.IsZero() {
		p.until = r.Until.Truncate(time.Microsecond).UnixMicro()
	}
	return p
}

// bounds runs a small query for the first and the last of some times; ok is false if there are none.
func (c *compiler) bounds(statement string) (span, bool, error) {
	var from, until sql.NullInt64
	if err := c.v.tx.QueryRowContext(c.ctx, statement).Scan(&from, &until); err != nil {
		return span{}, false, err
	}
	return span{from.Int64, until.Int64 + 1}, from.Valid && until.Valid, nil
}

// chatSpan is where the tracked events of the conversations that the question is about lie: of those
// whose time is in the range, or that have an event in it. It lets questions that need whole
// conversations leave out the rest of the store.
func (c *compiler) chatSpan() (span, error) {
	if c.chats != nil {
		return *c.chats, nil
	}
	found := c.rows
	if found != everything() {
		where := c.rows.where("happened_at")
		if !c.ofChats {
			where = and(span{c.rows.from, math.MaxInt64}.where("last_event_at"), span{math.MinInt64, c.rows.until}.where("first_event_at"))
		}
		var ok bool
		var err error
		found, ok, err = c.bounds("SELECT epoch_us(min(first_event_at)), epoch_us(max(last_event_at)) FROM conversations WHERE " + where)
		if err != nil {
			return span{}, err
		}
		if !ok {
			found = span{0, 0}
		}
	}
	c.chats = &found
	return found, nil
}

func nonEmpty(terms ...string) []string {
	var out []string
	for _, t := range terms {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// and joins conditions; "" holds always.
func and(terms ...string) string { return strings.Join(nonEmpty(terms...), " AND ") }

// where is a WHERE clause, or nothing.
func where(terms ...string) string {
	if all := and(terms...); all != "" {
		return " WHERE " + all
	}
	return ""
}
