package clickhouse

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// batch is messages that are written together.
type batch struct {
	*sender
	ctx context.Context
}

// write writes messages, table by table.
func (b *batch) write(messages []destination.Message) error {
	if err := b.load(); err != nil {
		return err
	}
	placed, err := b.place(messages)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(placed)) {
		if err := b.table(table, placed[table]); err != nil {
			return err
		}
	}
	return nil
}

// place returns the rows of the messages by table.
func (b *batch) place(messages []destination.Message) (map[string][]map[string]string, error) {
	placed := map[string][]map[string]string{}
	for i := range messages {
		if !inCalendar(messages[i].Event.OccurredAt) {
			return nil, &destination.Discarded{Code: "invalid_call", Reason: "the time is before 1970 or after 2106, which ClickHouse's DateTime does not have"}
		}
		rows, _, err := warehouse.Rows(&messages[i], b.database.allow)
		if err != nil {
			return nil, err
		}
		for k := range rows {
			t, err := b.open(rows[k].Table)
			if err != nil {
				return nil, err
			}
			asFloats(rows[k].Fields)
			rows[k].Fixed = slices.DeleteFunc(slices.Clone(rows[k].Fixed), strange)
			placed[t.Name] = append(placed[t.Name], t.Place(&rows[k]))
		}
	}
	return placed, nil
}

// inCalendar tells whether a DateTime can say a time; of others ClickHouse makes another one without a word.
func inCalendar(t time.Time) bool { return t.Unix() >= 0 && t.Unix() <= math.MaxUint32 }

// strange tells of a time of the client's clocks that is not stored.
func strange(f warehouse.Field) bool {
	t, err := time.Parse(time.RFC3339Nano, f.Text)
	return f.Kind == warehouse.Time && (err != nil || !inCalendar(t))
}

// asFloats makes texts of numbers that are too large for Float64.
func asFloats(fields []warehouse.Field) {
	for i := range fields {
		if f := &fields[i]; f.Kind == warehouse.Number {
			if _, err := strconv.ParseFloat(f.Text, 64); err != nil {
				f.Kind = warehouse.Text
			}
		}
	}
}

// table inserts rows.
func (b *batch) table(name string, rows []map[string]string) error {
	t := b.database.tables[name]
	if err := b.widen(t); err != nil {
		return err
	}
	columns := warehouse.Columns(rows)
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c)
	}
	var body strings.Builder
	for _, row := range rows {
		line := make(map[string]any, len(row))
		for column, value := range row {
			line[column] = b.value(t.Columns[column], value)
		}
		text, err := json.Marshal(line)
		if err != nil {
			return &destination.Discarded{Code: "invalid_call", Reason: "a value is no JSON"}
		}
		body.Write(text)
		body.WriteByte('\n')
	}
	return b.insert(b.ctx, "INSERT INTO "+b.path(name)+" ("+strings.Join(names, ", ")+") FORMAT JSONEachRow", body.String())
}

// value is a value as JSONEachRow has it for a column of the kind.
func (b *batch) value(kind warehouse.Kind, text string) any {
	switch kind {
	case warehouse.Number:
		return json.Number(text)
	case warehouse.Boolean:
		if text == "true" {
			return 1
		}
		return 0
	case warehouse.Time: // of package warehouse: 2026-11-21T10:00:00.000000Z
		text = strings.TrimSuffix(strings.Replace(text, "T", " ", 1), "Z")
		if !b.database.fine {
			text, _, _ = strings.Cut(text, ".")
		}
	}
	return text
}
