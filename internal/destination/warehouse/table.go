package warehouse

import (
	"encoding/json"
	"slices"
)

// Table is what is known of a table: its columns, and which of them are still to be made.
type Table struct {
	Name string
	// Columns that exist, and those that Place wants. A kind that is none of ours takes no value.
	Columns map[string]Kind
	// Limit bounds how many columns Place lets a table have.
	Limit int
	// Wanted are the columns that Place added to Columns, in their order.
	Wanted []string
}

// Column is a name and its kind.
type Column struct {
	Name string
	Kind Kind
}

// Fixed are the columns that a table has from the start, its key first.
func Fixed(table string) []Column {
	all := []Column{{"id", Text}}
	if table == Users || table == Accounts {
		return append(all, Column{TraitTimes, JSON}, Column{More, JSON})
	}
	for _, name := range []string{"timestamp", "original_timestamp", "sent_at", "received_at"} {
		all = append(all, Column{name, Time})
	}
	for _, name := range append([]string{"user_id", "anonymous_id"}, own(table)...) {
		all = append(all, Column{name, Text})
	}
	if table == Identifies || table == Groups {
		all = append(all, Column{NullTraits, JSON})
	}
	return append(all, Column{More, JSON})
}

// own are the fixed columns of a table that others have not.
func own(table string) []string {
	switch table {
	case Identifies:
		return nil
	case Groups:
		return []string{"group_id"}
	case Pages, Screens:
		return []string{"name", "category"}
	case Aliases:
		return []string{"previous_id"}
	}
	return []string{"event", "event_text"}
}

// LoadedAt is the column that the database fills when it takes a row.
const LoadedAt = "loaded_at"

// Place gives the row's values columns. A value of another kind than its column goes beside it, as text in the
// column's name and "_text"; what has no column, for want of a name or of room or because another value of
// the row has it already, goes into [More]. Empty texts of fixed columns are left out.
func (t *Table) Place(r *Row) map[string]string {
	placed := map[string]string{"id": r.ID}
	for _, f := range r.Fixed {
		if f.Text != "" {
			t.want(f.Name, f.Kind)
			placed[f.Name] = f.Text
		}
	}
	more := t.place(placed, r.Fields)
	t.keep(placed, append(more, r.Rest...))
	return placed
}

// placeLatest gives the values of a user or an account columns, as [Table.Place] does, and returns the columns that
// lose theirs: that of a trait which is null, and the one beside it, where the value is if it does not fit. What is
// null and has no column is null in [More].
func (t *Table) placeLatest(l *Latest) (placed map[string]string, lost []string) {
	placed = map[string]string{}
	more := t.place(placed, withValues(l.Fields))
	for _, f := range l.Fields {
		if f.Kind != Null {
			continue
		}
		column := columnOf(t.Name, f.Name)
		kind, exists := t.Columns[column]
		if column == "" || !exists && len(t.Columns) >= t.Limit {
			more = append(more, f)
			continue
		}
		lost = append(lost, column)
		if kind != Text {
			lost = append(lost, textColumn(column))
		}
	}
	t.keep(placed, more)
	return placed, lost
}

// system are the columns that every table of PostgreSQL has already.
var system = []string{"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}

// columnOf is the column of a table for fields of a name: another where that is a fixed one.
func columnOf(table, name string) string {
	reserved := append([]Column{{LoadedAt, Time}}, Fixed(table)...)
	if slices.Contains(system, name) || slices.ContainsFunc(reserved, func(c Column) bool { return c.Name == name }) {
		return Bound("property_"+name, MaxName)
	}
	return name
}

// textColumn is the column beside one, for values that do not fit it.
func textColumn(column string) string { return Bound(column+"_text", MaxName) }

// place returns the fields that have no column.
func (t *Table) place(placed map[string]string, fields []Field) (more []Field) {
	for _, f := range fields {
		name := columnOf(t.Name, f.Name)
		if name != f.Name && placed[f.Name] == f.Text {
			continue // the same, said twice: a page's name
		}
		f.Name = name
		if column := t.column(placed, &f); column != "" {
			placed[column] = f.Text
		} else {
			more = append(more, f)
		}
	}
	return more
}

// column is where the field goes; "" where it has no column.
func (t *Table) column(placed map[string]string, f *Field) string {
	if _, taken := placed[f.Name]; f.Name == "" || taken {
		return ""
	}
	if t.takes(f.Name, f.Kind) {
		return f.Name
	}
	beside := textColumn(f.Name)
	if _, taken := placed[beside]; !taken && t.Columns[f.Name] != "" && t.takes(beside, Text) {
		return beside
	}
	return ""
}

// takes tells whether the column takes a kind; it adds one that there is not yet.
func (t *Table) takes(column string, kind Kind) bool {
	is, ok := t.Columns[column]
	if !ok && len(t.Columns) < t.Limit {
		t.want(column, kind)
		return true
	}
	return ok && (is == kind || is == Text)
}

func (t *Table) want(column string, kind Kind) {
	if _, ok := t.Columns[column]; !ok {
		t.Columns[column] = kind
		t.Wanted = append(t.Wanted, column)
	}
}

// keep puts fields into More.
func (t *Table) keep(placed map[string]string, fields []Field) {
	if len(fields) == 0 {
		return
	}
	more := make(map[string]any, len(fields))
	for _, f := range fields {
		switch f.Kind {
		case Text:
			more[cleanText(f.Path)] = f.Text
		case Null:
			more[cleanText(f.Path)] = nil
		default:
			more[cleanText(f.Path)] = json.RawMessage(f.Text)
		}
	}
	t.want(More, JSON)
	placed[More] = encode(more)
}

// Added tells that the wanted columns have been made.
func (t *Table) Added() { t.Wanted = nil }

// Person is what is to be written of a user or an account: what is newer than what was there.
type Person struct {
	Values map[string]string // by column
	// Stamps are those of the values, and of the columns that have none any more; these may not exist yet.
	Stamps map[string]string
}

// Newest folds what calls say of users or accounts, given the stamps that are stored for each by id and
// column: of every column the value with the greatest stamp, or that it is taken away, if that is greater than the
// stored one. The order of the calls does not matter, nor whether some come again.
func Newest(t *Table, said []*Latest, stored map[string]map[string]string) map[string]*Person {
	persons := map[string]*Person{}
	for _, l := range said {
		p := persons[l.ID]
		if p == nil {
			p = &Person{map[string]string{}, map[string]string{}}
			persons[l.ID] = p
		}
		p.hear(t, l, stored[l.ID])
	}
	return persons
}

func (p *Person) hear(t *Table, l *Latest, stored map[string]string) {
	news := func(column string) bool { return l.Stamp > max(p.Stamps[column], stored[column]) }
	placed, lost := t.placeLatest(l)
	for _, column := range lost {
		// What was never said is noted, too, since it may come late; but not without end.
		if _, exists := t.Columns[column]; !exists && len(stored)+len(p.Stamps) >= 2*t.Limit {
			continue
		}
		if news(column) {
			delete(p.Values, column)
			p.Stamps[column] = l.Stamp
		}
	}
	for column, value := range placed {
		if l.Stamp >= p.Stamps[column] && l.Stamp > stored[column] { // it goes before null in the same call
			p.Values[column], p.Stamps[column] = value, l.Stamp
		}
	}
}

// Columns are the names that any of the rows has a value for, sorted.
func Columns(rows []map[string]string) []string {
	seen := map[string]bool{}
	var all []string
	for _, r := range rows {
		for c := range r {
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	slices.Sort(all)
	return all
}
