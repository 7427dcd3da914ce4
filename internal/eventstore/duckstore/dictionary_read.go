package duckstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// lookup returns the template of a number, or nil if it has to be loaded.
func (d *dictionary) lookup(n int32) *event.Event {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.templates[n]
}

// load reads the templates of the numbers above the one given.
func (d *dictionary) load(ctx context.Context, q querier, where string, args ...any) error {
	names := make([]string, len(d.fields))
	for i, f := range d.fields {
		names[i] = f.name
	}
	rows, err := q.QueryContext(ctx, "SELECT "+d.key+", "+strings.Join(names, ", ")+" FROM "+d.table+where, args...)
	if err != nil {
		return fmt.Errorf("load %s: %w", d.table, err)
	}
	defer rows.Close()
	values := make([]any, len(d.fields)+1)
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("load %s: %w", d.table, err)
		}
		e := &event.Event{}
		for i, f := range d.fields {
			f.set(e, values[i+1])
		}
		d.remember(values[0].(int32), e)
	}
	return rows.Err()
}

// open loads a store's combinations at start.
func (d *dictionary) open(ctx context.Context, q querier) error {
	var last int64
	row := q.QueryRowContext(ctx, "SELECT coalesce(max("+d.key+"), -1)::BIGINT FROM "+d.table)
	if err := row.Scan(&last); err != nil {
		return fmt.Errorf("load %s: %w", d.table, err)
	}
	d.next = int32(last + 1)
	if err := d.load(ctx, q, fmt.Sprintf(" WHERE %s > %d", d.key, last-maxNumbers)); err != nil {
		return err
	}
	for n, e := range d.templates {
		key := string(d.appendKey(nil, e))
		d.numbers[key] = entry{n, key, e}
	}
	return nil
}

// set sets a field from what database/sql scanned.
func (f *field) set(e *event.Event, v any) {
	switch x := v.(type) {
	case string:
		f.setText(e, x)
	case []byte:
		f.setText(e, string(x))
	case bool:
		if f.holds == aBool {
			*at[bool](f, e) = x
		} else {
			*at[*bool](f, e) = &x
		}
	case int64:
		if f.holds == anInt {
			*at[int64](f, e) = x
		} else {
			*at[*int64](f, e) = &x
		}
	case float64:
		*at[*float64](f, e) = &x
	case time.Time:
		*at[time.Time](f, e) = x.UTC()
	case json.RawMessage:
		f.setText(e, string(x))
	}
}
