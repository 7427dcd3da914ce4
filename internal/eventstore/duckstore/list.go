package duckstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Event implements [eventstore.Reader].
func (s *Store) Event(ctx context.Context, id string) (*event.Event, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", id, err)
	}
	defer v.close()
	row := v.tx.QueryRowContext(ctx, "SELECT "+strings.Join(rowColumns, ", ")+" FROM "+v.manifest.parts(rowColumns, everything(), "id = $1"), id)
	r := &rowReader{v: v, raw: s.writer.raw.reader()}
	defer r.raw.close()
	e, err := r.scan(ctx, row)
	if errors.Is(err, sql.ErrNoRows) {
		err = eventstore.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", id, err)
	}
	return e, nil
}

// Events implements [eventstore.Reader]. The rows are those of the time when the sequence is ranged over.
func (s *Store) Events(ctx context.Context, l query.List) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		if err := s.eachEvent(ctx, &l, yield); err != nil {
			yield(nil, fmt.Errorf("list events: %w", err))
		}
	}
}

func (s *Store) eachEvent(ctx context.Context, l *query.List, yield func(*event.Event, error) bool) error {
	if err := validList(l, query.Events); err != nil {
		return err
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	c, err := newCompiler(ctx, v, l.Zone)
	if err != nil {
		return err
	}
	c.rows, c.conversion = spanOf(l.Range), l.Conversion
	if l.Sort == "" && l.Limit > 0 {
		if c.rows, err = v.narrowed(ctx, l); err != nil {
			return err
		}
	}
	sql, err := c.eventList(l)
	if err != nil {
		return err
	}
	rows, err := v.tx.QueryContext(ctx, sql, c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	r := &rowReader{v: v}
	if l.Raw {
		r.raw = s.writer.raw.reader()
		defer r.raw.close()
	}
	for rows.Next() {
		e, err := r.scan(ctx, rows)
		if err != nil {
			return err
		}
		if !yield(e, nil) {
			return nil
		}
	}
	return rows.Err()
}

func validList(l *query.List, g query.Grain) error {
	if l.Grain != g {
		return fmt.Errorf("%w: its grain is %q, not %q", eventstore.ErrInvalid, l.Grain, g)
	}
	if err := l.Validate(); err != nil {
		return fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	return nil
}

// narrowed is the part of a list's range that its first rows in conversation order lie in. It is found by what
// orders and filters alone: sorting whole rows reads the texts of all that are in the range.
func (v *view) narrowed(ctx context.Context, l *query.List) (span, error) {
	whole := spanOf(l.Range)
	c, err := newCompiler(ctx, v, l.Zone)
	if err != nil {
		return whole, err
	}
	c.rows, c.conversion = whole, l.Conversion
	e := c.events(c.rows)
	pass, err := c.condition(l.Filter, e)
	if err != nil {
		return whole, err
	}
	o, err := c.order(l, e, e.column("id"))
	if err != nil {
		return whole, err
	}
	if l.After != "" {
		for _, name := range []string{"original_at", "request_seq", "batch_index"} {
			e.needs[name] = true
		}
	}
	at := e.time()
	if e.by, err = c.lookup(l.Filter); err != nil {
		return whole, err
	}
	from, err := e.from()
	if err != nil {
		return whole, err
	}
	direction := "ASC"
	if l.Desc {
		direction = "DESC"
	}
	var last int64
	err = v.tx.QueryRowContext(ctx, c.statement(fmt.Sprintf("SELECT epoch_us(%s) FROM %s%s ORDER BY %[1]s %[4]s LIMIT 1 OFFSET %[5]d",
		at, from, where(c.rows.where(at), pass, o.after), direction, l.Limit-1)), c.args...).Scan(&last)
	switch {
	case errors.Is(err, sql.ErrNoRows): // fewer than asked for
		return whole, nil
	case err != nil:
		return whole, err
	case l.Desc:
		return whole.meet(span{last, math.MaxInt64}), nil
	}
	return whole.meet(span{math.MinInt64, last + 1}), nil
}

// eventList compiles a list of events to a SELECT of rowColumns.
func (c *compiler) eventList(l *query.List) (string, error) {
	e := c.events(c.rows)
	pass, err := c.condition(l.Filter, e)
	if err != nil {
		return "", err
	}
	for _, name := range rowColumns {
		e.needs[name] = true
	}
	o, err := c.order(l, e, e.column("id"))
	if err != nil {
		return "", err
	}
	inRange := c.rows.where(e.time())
	if e.by, err = c.lookup(l.Filter); err != nil {
		return "", err
	}
	from, err := e.from()
	if err != nil {
		return "", err
	}
	return c.statement(fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s%s",
		prefixed(e.alias+".", rowColumns), from, where(inRange, pass, o.after), o.terms, limitOf(l.Limit))), nil
}

func limitOf(n int) string {
	if n == 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

// order is the order of a list: the terms, and the condition that a row comes after the cursor.
type order struct {
	terms, after string
	key          string // what is sorted by, "" for conversation order
	direction    string // ASC or DESC
}

func (c *compiler) order(l *query.List, s scope, id string) (order, error) {
	direction, beyond := "ASC", ">"
	if l.Desc {
		direction, beyond = "DESC", "<"
	}
	by := l.Sort
	if by == "" {
		if l.Grain == query.Events {
			return c.inOrder(l, s.(*eventScope), direction, beyond)
		}
		by = "at"
	}
	f, err := query.Resolve(l.Grain, by)
	if err != nil {
		return order{}, err
	}
	x, err := s.field(f)
	if err != nil {
		return order{}, err
	}
	o := order{terms: fmt.Sprintf("%s %s NULLS LAST, %s %s", x.sql, direction, id, direction), key: x.sql, direction: direction}
	if l.After == "" {
		return o, nil
	}
	cursor, err := query.ParseCursor(l.After, query.SortedCursorKeys)
	if err != nil {
		return order{}, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	last := c.arg(cursor[1]) + "::VARCHAR"
	if cursor[0] == "" { // among those without the field
		o.after = fmt.Sprintf("%s IS NULL AND %s %s %s", x.sql, id, beyond, last)
		return o, nil
	}
	value, err := cursorValue(cursor[0], f.Type)
	if err != nil {
		return order{}, err
	}
	o.after = fmt.Sprintf("(%[1]s %[2]s %[3]s OR (%[1]s = %[3]s AND %[4]s %[2]s %[5]s) OR %[1]s IS NULL)", x.sql, beyond, value, id, last)
	return o, nil
}

func cursorValue(text string, t query.Type) (string, error) {
	if t == query.Time {
		n, err := cursorInt(text)
		return timestamp(n), err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return "", fmt.Errorf("%w: cursor is not one of ours", eventstore.ErrInvalid)
	}
	return strconv.FormatFloat(n, 'e', -1, 64) + "::DOUBLE", nil
}

func cursorInt(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: cursor is not one of ours", eventstore.ErrInvalid)
	}
	return n, nil
}

// inOrder is conversation order.
func (c *compiler) inOrder(l *query.List, e *eventScope, direction, beyond string) (order, error) {
	o := order{terms: conversationOrder(e.alias, direction)}
	if l.After == "" {
		return o, nil
	}
	cursor, err := query.ParseCursor(l.After, query.EventCursorKeys)
	if err != nil {
		return order{}, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	var n [4]int64
	for i := range n {
		if i < 2 && cursor[i] == "" {
			continue
		}
		if n[i], err = cursorInt(cursor[i]); err != nil {
			return order{}, err
		}
	}
	original := "'-infinity'::TIMESTAMP"
	if cursor[1] != "" {
		original = timestamp(n[1])
	}
	occurred := timestamp(n[0])
	orEqual := beyond + "="
	// The first term alone prunes; the rest decides.
	o.after = fmt.Sprintf("%[1]s.occurred_at %[2]s %[3]s AND (%[1]s.occurred_at, coalesce(%[1]s.original_at, '-infinity'::TIMESTAMP), %[1]s.request_seq, %[1]s.batch_index, %[1]s.id) %[4]s (%[3]s, %[5]s, %[6]d, %[7]d, %[8]s::VARCHAR)",
		e.alias, orEqual, occurred, beyond, original, n[2], n[3], c.arg(cursor[4]))
	return o, nil
}

// sortText is a value of the sort field as query.SortedCursor has it.
func sortText(v any) string {
	switch x := v.(type) {
	case time.Time:
		return strconv.FormatInt(x.UnixMicro(), 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return ""
}
