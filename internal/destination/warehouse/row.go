// Package warehouse lays calls out as rows of tables, as Segment's warehouses do: a table for each event
// name and for each type of call, a column for each property, and tables of users and accounts with what was
// said of them last. It knows no database and does no I/O; the destinations that are databases import it.
package warehouse

import (
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Names of tables; those of events are [EventTable].
const (
	Tracks     = "tracks"
	Identifies = "identifies"
	Users      = "users"
	Groups     = "groups"
	Accounts   = "accounts"
	Pages      = "pages"
	Screens    = "screens"
	Aliases    = "aliases"
)

// More is the column of JSON for what has no column of its own, by path.
const More = "more"

// TraitTimes is the column of users and accounts that says when each of the others was said, by column.
const TraitTimes = "trait_times"

// NullTraits is the column of identifies and groups with an array of the columns of traits that the call says are
// null: what is taken away, other than what is not said.
const NullTraits = "null_traits"

// maxID bounds ids in bytes, so that they can be keys: PostgreSQL indexes 2,704.
const maxID = 1000

// Row is a row on its way to a table.
type Row struct {
	Table string
	ID    string // the key
	// Fields are the fixed columns' values, then what the client sent.
	Fixed, Fields []Field
	// Rest are fields that get no column.
	Rest []Field
}

// Latest is what a call says of a user or an account.
type Latest struct {
	Table, ID string
	// Stamp orders what is said: the greatest wins. It is the call's time and event id.
	Stamp string
	// Fields are traits; those of kind [Null] are taken away.
	Fields []Field
}

// EventTable is the table of an event's name; "" for a name without letters and digits. The names of the other
// tables are not given to events.
func EventTable(event string) string {
	name := Name(event)
	switch name {
	case Tracks, Identifies, Users, Groups, Accounts, Pages, Screens, Aliases:
		return "event_" + name
	}
	return name
}

// Rows are the rows that a call becomes: a track call's in tracks and, if allow says so, in its event's table.
// Where it does not, the properties are the rest of the row in tracks. The error is a [destination.Discarded].
func Rows(m *destination.Message, allow func(table string) bool) ([]Row, *Latest, error) {
	c, err := m.ReadCall()
	if err != nil {
		return nil, nil, err
	}
	row := Row{ID: key(m.ID), Fixed: append(times(m), ids(c)...)}
	context := withValues(flatten(nil, "context", []string{"context"}, c.Context))
	properties, traits := withValues(flatten(nil, "properties", nil, c.Properties)), flatten(nil, "traits", nil, c.Traits)
	switch c.Type {
	case "track":
		return tracks(row, c, properties, context, allow), nil, nil
	case "identify":
		row.Table, row.Fields = Identifies, append(withValues(traits), context...)
		row.Fixed = append(row.Fixed, nullTraits(Identifies, traits)...)
		return []Row{row}, latest(m, Users, c.UserID, traits), nil
	case "group":
		row.Table, row.Fields = Groups, append(withValues(traits), context...)
		row.Fixed = append(append(row.Fixed, fixed("group_id", c.GroupID)), nullTraits(Groups, traits)...)
		return []Row{row}, latest(m, Accounts, c.GroupID, traits), nil
	case "page", "screen":
		row.Table, row.Fields = c.Type+"s", append(properties, context...)
		row.Fixed = append(row.Fixed, fixed("name", c.Name), fixed("category", c.Category))
	case "alias":
		row.Table, row.Fields = Aliases, context
		row.Fixed = append(row.Fixed, fixed("previous_id", c.PreviousID))
	default:
		return nil, nil, &destination.Discarded{Code: "invalid_call", Reason: "the call is of no type that has a table"}
	}
	return []Row{row}, nil, nil
}

func tracks(row Row, c *destination.Call, properties, context []Field, allow func(string) bool) []Row {
	table := EventTable(c.Event)
	row.Table, row.Fields = Tracks, context
	row.Fixed = append(row.Fixed, fixed("event", table), fixed("event_text", c.Event))
	if table == "" || !allow(table) {
		row.Rest = properties
		return []Row{row}
	}
	event := row
	event.Table, event.Fields = table, append(properties, context...)
	return []Row{row, event}
}

func withValues(fields []Field) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Kind == Null })
}

// nullTraits is the column of that name, if any trait is null.
func nullTraits(table string, traits []Field) []Field {
	var names []string
	for _, f := range traits {
		if f.Kind == Null && f.Name != "" {
			names = append(names, columnOf(table, f.Name))
		}
	}
	if names == nil {
		return nil
	}
	return []Field{{Name: NullTraits, Kind: JSON, Text: encode(names)}}
}

func latest(m *destination.Message, table, id string, traits []Field) *Latest {
	if id == "" {
		return nil
	}
	return &Latest{Table: table, ID: key(id), Stamp: stamp(m.Event.OccurredAt) + " " + key(m.ID), Fields: traits}
}

func key(id string) string { return Bound(cleanText(id), maxID) }

// Stamps are whole microseconds in UTC, which sort as text.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func times(m *destination.Message) []Field {
	var all []Field
	add := func(name string, t time.Time) {
		if !t.IsZero() {
			all = append(all, Field{Name: name, Kind: Time, Text: stamp(t)})
		}
	}
	add("timestamp", m.Event.OccurredAt)
	add("original_timestamp", m.Event.OriginalAt)
	add("sent_at", m.Event.SentAt)
	add("received_at", m.Event.ReceivedAt)
	return all
}

func ids(c *destination.Call) []Field {
	return []Field{fixed("user_id", c.UserID), fixed("anonymous_id", c.AnonymousID)}
}

func fixed(name, text string) Field { return Field{Name: name, Kind: Text, Text: cleanText(text)} }
