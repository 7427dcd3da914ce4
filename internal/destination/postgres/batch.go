package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// batch is one transaction.
type batch struct {
	tx     pgx.Tx
	schema *schema
}

// write writes messages. One at a time writes to a schema, so that tables are made once, and what was said
// last of somebody is compared with what is there.
func (b *batch) write(ctx context.Context, messages []destination.Message) error {
	if _, err := b.tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "debrief "+b.schema.name); err != nil {
		return err
	}
	if err := b.schema.load(ctx, b.tx); err != nil {
		return err
	}
	placed, said, err := b.place(ctx, messages)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(placed)) {
		if err := b.insert(ctx, table, warehouse.Columns(placed[table]), placed[table], "DO NOTHING"); err != nil {
			return err
		}
	}
	for _, table := range slices.Sorted(maps.Keys(said)) {
		if err := b.update(ctx, table, said[table]); err != nil {
			return err
		}
	}
	return nil
}

// place returns the rows of the messages, and what they say of users and accounts, by table.
func (b *batch) place(ctx context.Context, messages []destination.Message) (map[string][]map[string]string, map[string][]*warehouse.Latest, error) {
	placed, said := map[string][]map[string]string{}, map[string][]*warehouse.Latest{}
	for i := range messages {
		rows, latest, err := warehouse.Rows(&messages[i], b.schema.allow)
		if err != nil {
			return nil, nil, err
		}
		for k := range rows {
			t, err := b.schema.open(ctx, b.tx, rows[k].Table)
			if err != nil {
				return nil, nil, err
			}
			placed[t.Name] = append(placed[t.Name], t.Place(&rows[k]))
		}
		if latest != nil {
			said[latest.Table] = append(said[latest.Table], latest)
		}
	}
	return placed, said, nil
}

// insert writes columns of rows as arrays of texts, one a column, which the database reads as the columns' types.
func (b *batch) insert(ctx context.Context, table string, columns []string, rows []map[string]string, conflict string) error {
	t := b.schema.tables[table]
	if err := b.schema.widen(ctx, b.tx, t); err != nil {
		return err
	}
	var names, values, arrays, aliases []string
	var args []any
	for i, column := range columns {
		n := strconv.Itoa(i + 1)
		names = append(names, quote(column))
		values = append(values, "v"+n+"::"+typeOf(t.Columns[column]))
		arrays = append(arrays, "$"+n+"::text[]")
		aliases = append(aliases, "v"+n)
		args = append(args, array(rows, column))
	}
	_, err := b.tx.Exec(ctx, "INSERT INTO "+b.schema.path(table)+" AS was ("+strings.Join(names, ", ")+") SELECT "+strings.Join(values, ", ")+
		" FROM unnest("+strings.Join(arrays, ", ")+") AS new ("+strings.Join(aliases, ", ")+") ON CONFLICT (id) "+conflict, args...)
	if err != nil {
		return fmt.Errorf("write to table %s: %w", table, err)
	}
	return nil
}

// array is a column of rows; nil where a row has no value.
func array(rows []map[string]string, column string) []*string {
	all := make([]*string, len(rows))
	for i := range rows {
		if v, ok := rows[i][column]; ok {
			all[i] = &v
		}
	}
	return all
}

// update writes what was said last of users or accounts.
func (b *batch) update(ctx context.Context, table string, said []*warehouse.Latest) error {
	t, err := b.schema.open(ctx, b.tx, table)
	if err != nil {
		return err
	}
	stored, err := b.stamps(ctx, table, said)
	if err != nil {
		return err
	}
	persons := warehouse.Newest(t, said, stored)
	var rows, stamps []map[string]string
	for _, id := range slices.Sorted(maps.Keys(persons)) {
		times, err := json.Marshal(persons[id].Stamps)
		if err != nil {
			return fmt.Errorf("write the times of traits: %w", err)
		}
		row := persons[id].Values
		row["id"], row[warehouse.TraitTimes] = id, string(times)
		rows, stamps = append(rows, row), append(stamps, persons[id].Stamps)
	}
	written := slices.DeleteFunc(warehouse.Columns(stamps), func(column string) bool { _, exists := t.Columns[column]; return !exists })
	// What has a new time has a new value, which may be none.
	times := quote(warehouse.TraitTimes)
	set := []string{times + " = coalesce(was." + times + ", '{}') || excluded." + times}
	for _, column := range written {
		q := quote(column)
		set = append(set, q+" = CASE WHEN excluded."+times+" ? "+literal(column)+" THEN excluded."+q+" ELSE was."+q+" END")
	}
	return b.insert(ctx, table, append([]string{"id", warehouse.TraitTimes}, written...), rows, "DO UPDATE SET "+strings.Join(set, ", "))
}

// literal is text within a statement; names have neither backslashes nor zeros.
func literal(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// stamps reads when the traits were said that are stored.
func (b *batch) stamps(ctx context.Context, table string, said []*warehouse.Latest) (map[string]map[string]string, error) {
	var ids []string
	for _, l := range said {
		ids = append(ids, l.ID)
	}
	rows, err := b.tx.Query(ctx, "SELECT id, coalesce("+warehouse.TraitTimes+", '{}')::text FROM "+b.schema.path(table)+" WHERE id = ANY($1::text[])", ids)
	if err != nil {
		return nil, fmt.Errorf("read the times of traits: %w", err)
	}
	stored := map[string]map[string]string{}
	var id, text string
	_, err = pgx.ForEachRow(rows, []any{&id, &text}, func() error {
		var times map[string]string
		if err := json.Unmarshal([]byte(text), &times); err != nil {
			times = nil // changed by somebody: as if nothing were known
		}
		stored[id] = times
		return nil
	})
	return stored, err
}
