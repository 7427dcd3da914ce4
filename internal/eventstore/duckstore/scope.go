package duckstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// expr is the value of a field as SQL: a VARCHAR, DOUBLE, BOOLEAN or TIMESTAMP, NULL where absent.
type expr struct {
	sql string
	typ query.Type
	// whole is the same number as BIGINT, if that is how it is stored: DuckDB ranks it twice as fast.
	whole string
	// set says that sql is a list of values, empty or NULL where absent. If one is set, rows whose list
	// is NULL have that single value, NULL where absent.
	set bool
	one string
	// once says that no value is in the list twice.
	once bool
	// json is the JSON that a property's values are taken from; number that they are read as numbers.
	json   string
	number bool
}

// list is all values of a set-valued field as one list.
func (x expr) list() string {
	if x.one == "" {
		return x.sql
	}
	return fmt.Sprintf("coalesce(%s, CASE WHEN %s IS NOT NULL THEN [%s] ELSE [] END)", x.sql, x.one, x.one)
}

// exists holds where a set-valued field has a value.
func (x expr) exists() string {
	if x.one == "" {
		return "len(" + x.sql + ") > 0"
	}
	return fmt.Sprintf("(%s IS NOT NULL OR len(%s) > 0)", x.one, x.sql)
}

// scope is the rows of a grain in a statement: names of fields have a meaning in it. Expressions are
// compiled first; from then knows what to read.
type scope interface {
	// field compiles a field.
	field(f query.Field) (expr, error)
	// from is the FROM item, after all fields were compiled.
	from() (string, error)
	// grain of the rows.
	grain() query.Grain
	// time is the SQL of the row's time.
	time() string
	// id is the SQL of the id of the row's conversation.
	conversation() string
}

// eventScope is rows of events.
type eventScope struct {
	c     *compiler
	alias string
	in    span
	needs map[string]bool // columns of the tables, and computed ones
	more  []string        // further columns: SQL AS name
	made  map[string]string
	by    *lookup // nil: all rows are read
	only  string  // condition on the rows' form; "" for none
	// once reads rows that are alike in what is asked for as one.
	once bool
}

func (c *compiler) events(in span) *eventScope {
	return &eventScope{c: c, alias: c.name("e"), in: in, needs: map[string]bool{}, made: map[string]string{}}
}

func (s *eventScope) grain() query.Grain { return query.Events }

// column is the SQL of a column of the rows.
func (s *eventScope) column(name string) string {
	s.needs[name] = true
	return s.alias + "." + name
}

func (s *eventScope) time() string         { return s.column("occurred_at") }
func (s *eventScope) conversation() string { return s.column("conversation_id") }
func (s *eventScope) tracked() string      { return s.column("tracked") }

func (s *eventScope) field(f query.Field) (expr, error) {
	switch f.Origin {
	case query.Column:
		return s.stored(s.c.v.s.shape.byName[f.Name], f), nil
	case query.Property:
		return s.property(f), nil
	}
	switch f.Name {
	case "tracked", "person", "response_ms":
		return expr{sql: s.column(f.Name), typ: f.Type}, nil
	case "hour_of_day", "weekday":
		local, err := s.c.local(s.time(), s.in)
		return expr{sql: clockField(f.Name, local), typ: f.Type}, err
	case "violation":
		return expr{sql: textList("from_json(" + s.column("violations") + `, '["VARCHAR"]')`), typ: f.Type, set: true}, nil
	case "repair":
		return expr{sql: textList("json_extract_string(" + s.column("rare") + ", '$.repairs[*].code')"), typ: f.Type, set: true}, nil
	}
	return expr{}, fmt.Errorf("BUG: no field %s of events", f.Name)
}

// stored is a field of event.Event where it has its home.
func (s *eventScope) stored(f *field, q query.Field) expr {
	x := expr{typ: q.Type}
	switch f.home {
	case inRare:
		text := fmt.Sprintf("json_extract_string(%s, '$.%s')", s.column("rare"), f.name)
		switch q.Type {
		case query.String:
			x.sql = text
		case query.Number:
			x.sql = "CAST(" + text + " AS DOUBLE)"
		case query.Bool:
			x.sql = "CAST(" + text + " AS BOOLEAN)"
		case query.Time:
			x.sql = "make_timestamp(CAST(" + text + " AS BIGINT))"
		}
		if f.holds == anInt || f.holds == aBool {
			zero := map[holds]string{anInt: "0", aBool: "false"}[f.holds]
			x.sql = "coalesce(" + x.sql + ", " + zero + ")"
		}
	default:
		x.sql = s.column(f.name)
		if f.name == "body" { // the one string that may be there and empty
			x.sql = "nullif(" + x.sql + ", '')"
		}
		if f.holds == anInt || f.holds == anIntPtr {
			x.whole = x.sql
			x.sql = "CAST(" + x.sql + " AS DOUBLE)"
		}
	}
	return x
}

// from reads what was asked for: columns of the rows, and of what they refer to.
func (s *eventScope) from() (string, error) {
	shape, who := s.c.v.s.shape, s.c.v.manifest.whose("r", s.by)
	var columns, outer []string
	forms, places := s.needs["tracked"], false
	if s.needs["response_ms"] {
		forms = true
		columns = append(columns, "occurred_at", "original_at", "request_seq", "batch_index", "id", "conversation_id")
	}
	if s.needs["person"] {
		s.needs["user_id"], s.needs["anonymous_id"] = true, true
	}
	for name := range s.needs {
		f := shape.byName[name]
		switch {
		case name == "rare" || name == "raw" || name == "form" || name == "place":
			columns = append(columns, name)
			outer = append(outer, "r."+name)
		case name == "tracked":
			outer = append(outer, "f.tracked")
		case name == "person":
			outer = append(outer, who.person()+" AS person")
		case name == "response_ms":
		case f.home == inRow:
			columns = append(columns, name)
			outer = append(outer, "r."+name)
		case f.home == inForm:
			forms = true
			outer = append(outer, "f."+name)
		case f.home == inPlace:
			places = true
			outer = append(outer, "p."+name)
		}
	}
	slices.Sort(outer)
	outer = append(outer, s.more...)
	in := s.in
	if s.needs["response_ms"] {
		chats, err := s.c.chatSpan()
		if err != nil {
			return "", err
		}
		in = span{min(chats.from, in.from), max(in.until, chats.until)}
	}
	if forms {
		columns = append(columns, "form")
	}
	if places {
		columns = append(columns, "place")
	}
	slices.Sort(columns)
	columns = slices.Compact(columns)
	joins := ""
	if forms {
		joins += " JOIN forms f ON f.form = r.form"
	}
	if places {
		joins += " JOIN places p ON p.place = r.place"
	}
	if s.needs["person"] {
		joins += who.joins
	}
	if len(outer) == 0 {
		outer = []string{"1 AS one"}
	}
	if s.needs["response_ms"] {
		return s.responses(s.c.v.manifest.parts(columns, in, ""), joins, strings.Join(outer, ", ")), nil
	}
	rows := s.c.v.manifest.found(columns, in, s.only, s.by)
	if s.once {
		rows = "(SELECT DISTINCT * FROM " + rows + ")"
	}
	return fmt.Sprintf("(SELECT %s FROM %s r%s) %s", strings.Join(outer, ", "), rows, joins, s.alias), nil
}

// responses reads rows with response_ms, for which messages need the one before them in the whole
// conversation; the question's range is applied outside. What is sorted is kept small, by which this costs half: rows
// have nothing but what was asked for, and go to the partition of two hashes of their conversation's id,
// 128 bits together, instead of the id itself.
func (s *eventScope) responses(rows, joins, outer string) string {
	return fmt.Sprintf(`(SELECT * EXCLUDE (w1, w2, answers, asks, w3, w4, w5, w6, w7), CASE WHEN answers AND lag(asks) OVER w
			THEN (w3 - lag(w3) OVER w) / 1000.0::DOUBLE END AS response_ms
		FROM (SELECT %[1]s, hash(r.conversation_id) AS w1, hash(reverse(r.conversation_id)) AS w2,
			f.role IN ('%[2]s', '%[3]s') AND r.conversation_id IS NOT NULL AS answers, coalesce(f.role = '%[4]s', false) AS asks,
			epoch_us(r.occurred_at) AS w3, coalesce(r.original_at, '-infinity'::TIMESTAMP) AS w4, r.request_seq AS w5, r.batch_index AS w6, r.id AS w7
			FROM %[5]s r%[6]s WHERE f.kind = 'message')
		WINDOW w AS (PARTITION BY w1, w2 ORDER BY w3, w4, w5, w6, w7)
		UNION ALL SELECT %[1]s, NULL FROM %[5]s r%[6]s WHERE f.kind IS DISTINCT FROM 'message') %[7]s`,
		outer, event.RoleAgent, event.RoleHumanAgent, event.RoleUser, rows, joins, s.alias)
}
