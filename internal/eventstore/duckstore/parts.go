package duckstore

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// span is a half-open interval of occurred_at in Unix microseconds.
type span struct{ from, until int64 }

func everything() span { return span{math.MinInt64, math.MaxInt64} }

func (p span) empty() bool { return p.from >= p.until }

// meet is what both spans have.
func (p span) meet(o span) span {
	return span{max(p.from, o.from), min(p.until, o.until)}
}

// grow widens the span by a time on either side, without overflow.
func (p span) grow(before, after time.Duration) span {
	if p.from != math.MinInt64 {
		p.from -= before.Microseconds()
	}
	if p.until != math.MaxInt64 {
		p.until += after.Microseconds()
	}
	return p
}

// where is the condition that a column lies in the span; "" if the span has no bounds.
func (p span) where(column string) string {
	var terms []string
	if p.from != math.MinInt64 {
		terms = append(terms, column+" >= "+timestamp(p.from))
	}
	if p.until != math.MaxInt64 {
		terms = append(terms, column+" < "+timestamp(p.until))
	}
	return strings.Join(terms, " AND ")
}

// timestamp is an instant as SQL. DuckDB folds it and prunes row groups by it.
func timestamp(us int64) string {
	if us < 0 {
		return fmt.Sprintf("make_timestamp((%d)::BIGINT)", us)
	}
	return fmt.Sprintf("make_timestamp(%d::BIGINT)", us)
}

// lookup is a condition on one column or two that few rows pass. DuckDB reads all columns of a row to check a list
// of values, texts too; here it finds the rows by these columns first, and reads the others where they are.
type lookup struct {
	columns   []string
	condition string
	// anonymous is the table of the anonymous ids, and maybe others, that the rows have; "" if it is not known.
	anonymous string
}

// in is the condition that a row of a table is one of those that a lookup finds in a span.
func (l *lookup) in(table string, bounds span, format int) string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf("e.rowid IN (SELECT r FROM (SELECT e.rowid AS r, %s FROM %s e%s) WHERE %s)",
		columnsOf(l.columns, format), table, where(bounds.where("occurred_at")), l.condition)
}

// parts is the SQL of all event rows of a span that pass a condition (of columns of table events, ""
// for none), with the columns named: from the hot file, and from the months that overlap.
func (m *manifest) parts(columns []string, in span, condition string) string {
	return m.found(columns, in, condition, nil)
}

// found is parts of the rows that a lookup finds; nil finds all.
func (m *manifest) found(columns []string, in span, condition string, by *lookup) string {
	var b strings.Builder
	b.WriteString("(")
	part := func(list, table string, terms ...string) {
		if b.Len() > 1 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT %s FROM %s e", list, table)
		sep := " WHERE "
		for _, t := range terms {
			if t != "" {
				b.WriteString(sep + t)
				sep = " AND "
			}
		}
	}
	part(columnsOf(columns, formatVersion), "events", in.where("occurred_at"), condition, by.in("events", in, formatVersion))
	for _, f := range m.sealed {
		whole := span{f.month.start().UnixMicro(), f.month.end().UnixMicro()}
		if whole.meet(in).empty() {
			continue
		}
		bounds := in
		if in.from <= whole.from {
			bounds.from = math.MinInt64
		}
		if in.until >= whole.until {
			bounds.until = math.MaxInt64
		}
		alive := ""
		if f.dead {
			alive = fmt.Sprintf("NOT EXISTS (SELECT 1 FROM dead d WHERE d.month = %d AND d.id = e.id)", f.month)
		}
		table := f.schema() + ".events"
		part(columnsOf(columns, f.format), table, bounds.where("occurred_at"), condition, by.in(table, bounds, f.format), alive)
	}
	b.WriteString(")")
	return b.String()
}

// columnsOf is columns of table events as a SELECT list, from a file of some format.
func columnsOf(columns []string, format int) string {
	if len(columns) == 0 {
		return "1 AS one"
	}
	list := strings.Join(columns, ", ")
	if i := slices.Index(columns, "trace_id"); i >= 0 && format < 2 {
		older := slices.Clone(columns)
		older[i] = "rare->>'$.trace_id' AS trace_id"
		list = strings.Join(older, ", ")
	}
	return list
}
