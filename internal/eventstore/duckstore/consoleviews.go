package duckstore

import (
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// consoleColumn is a column of a view: its SQL over the rows that the view reads.
type consoleColumn struct{ name, typ, sql, doc string }

// consoleView is a view of the SQL console. Views are common table expressions before the statement, not
// objects of the database: a snapshot has its own months.
type consoleView struct {
	name, doc string
	columns   []consoleColumn
	from      func(m *manifest) string
}

func (v *consoleView) sql(m *manifest) string {
	columns := make([]string, len(v.columns))
	for i, c := range v.columns {
		columns[i] = fmt.Sprintf("%s AS %s", c.sql, c.name)
	}
	return fmt.Sprintf("%s AS NOT MATERIALIZED (SELECT %s FROM %s)", v.name, strings.Join(columns, ", "), v.from(m))
}

// describe is the view for people.
func (v *consoleView) describe() eventstore.SQLView {
	out := eventstore.SQLView{Name: v.name, Doc: v.doc}
	for _, c := range v.columns {
		out.Columns = append(out.Columns, eventstore.SQLColumn{Name: c.name, Type: c.typ, Doc: c.doc})
	}
	return out
}

// consoleViews are the views by name. A view named like a table of the store comes after those that read
// that table: from its own definition on, the name is the view.
func (s *Store) consoleViews() []consoleView {
	return []consoleView{
		{name: "messages", doc: "chat messages, one row each", columns: s.eventColumns(messageColumns), from: func(m *manifest) string {
			return eventRows(m) + fmt.Sprintf(" WHERE f.kind = '%s' AND f.tracked", event.KindMessage)
		}},
		{name: "signals", doc: "what was found in conversations, one row a signal; the catalogue explains each", columns: signalColumns, from: func(*manifest) string {
			return `(SELECT a.conversation_id, unnest(from_json(a.signals, '[{"name":"VARCHAR","dimension":"VARCHAR","weight":"DOUBLE","event_id":"VARCHAR","message_id":"VARCHAR","at":"VARCHAR","reason":"VARCHAR"}]')) AS s
				FROM analyses a SEMI JOIN conversations c ON c.conversation_id = a.conversation_id WHERE a.signals IS NOT NULL) x`
		}},
		{name: "persons", doc: "whose the ids of rows are; a row is its user's, else that of its anonymous id", columns: personColumns, from: func(m *manifest) string {
			return m.identities() + " x"
		}},
		{name: "conversations", doc: "one row a conversation: its facts, and what was concluded of it", columns: chatColumns, from: func(*manifest) string {
			return `conversations c JOIN places p ON p.place = c.place LEFT JOIN analyses a ON a.conversation_id = c.conversation_id
				LEFT JOIN topics t ON t.conversation_id = c.conversation_id LEFT JOIN labels b ON b.conversation_id = c.conversation_id`
		}},
		{name: "events", doc: "everything that was received, one row a call", columns: s.eventColumns(allColumns), from: func(m *manifest) string {
			return eventRows(m)
		}},
	}
}

// eventRows is the rows of events with what they refer to.
func eventRows(m *manifest) string {
	var columns []string
	for _, c := range eventColumns {
		name, _, _ := strings.Cut(c, " ")
		columns = append(columns, name)
	}
	return m.parts(columns, everything(), "") + " r JOIN forms f ON f.form = r.form JOIN places p ON p.place = r.place"
}

// eventColumn names a field of event.Event, or with another name.
type eventColumn struct{ field, name, doc string }

var messageColumns = []eventColumn{
	{"id", "", "of the event"},
	{"conversation_id", "", ""},
	{"message_id", "", "of the chat message"},
	{"occurred_at", "", "UTC"},
	{"role", "", "user agent human_agent system"},
	{"body", "", "the text, as redacted"},
	{"body_chars", "", "code points"},
	{"user_id", "", ""},
	{"anonymous_id", "", ""},
	{"source", "", ""},
	{"channel", "", ""},
	{"locale", "", ""},
	{"agent_id", "", ""},
	{"properties", "", "JSON"},
}

var allColumns = []eventColumn{
	{"id", "", ""}, {"source", "", ""}, {"vocabulary", "", ""}, {"source_event", "", "name as the client sent it"},
	{"occurred_at", "", "UTC"}, {"received_at", "", "UTC"}, {"kind", "", ""}, {"action", "", ""}, {"role", "", ""},
	{"user_id", "", ""}, {"anonymous_id", "", ""}, {"group_id", "", ""}, {"session_id", "", ""},
	{"conversation_id", "", ""}, {"turn_id", "", ""}, {"message_id", "", ""}, {"trace_id", "", ""},
	{"agent_id", "", ""}, {"mode", "", ""}, {"channel", "", ""}, {"locale", "", ""},
	{"body", "", "the text, as redacted"}, {"body_chars", "", "code points"}, {"reason", "", ""},
	{"artifact_type", "", ""}, {"artifact_subtype", "", ""}, {"surface", "", ""},
	{"provider", "", ""}, {"request_model", "", ""}, {"response_model", "", ""}, {"latency_ms", "", ""}, {"ttft_ms", "", ""},
	{"input_tokens", "", ""}, {"output_tokens", "", ""}, {"cost_usd", "", ""}, {"error_type", "", ""}, {"counts_usage", "", "the row is a model call"},
	{"tool_name", "", ""}, {"tool_ok", "", ""}, {"permission_answer", "", ""},
	{"feedback_name", "", ""}, {"rating_raw", "", ""}, {"score", "", "the rating as 0..1"}, {"label", "", ""}, {"comment", "", ""},
	{"conversion_name", "", ""}, {"amount", "", ""}, {"currency", "", ""}, {"product_event", "", ""}, {"properties", "", "JSON"},
}

// eventColumns are columns of a view of events, and "tracked" where all of them are there.
func (s *Store) eventColumns(of []eventColumn) []consoleColumn {
	var out []consoleColumn
	for _, c := range of {
		f := s.shape.byName[c.field]
		x := consoleColumn{name: c.name, typ: f.sqlType(), doc: c.doc}
		if x.name == "" {
			x.name = c.field
		}
		switch f.home {
		case inForm:
			x.sql = "f." + c.field
		case inPlace:
			x.sql = "p." + c.field
		case inRow:
			x.sql = "r." + c.field
		default:
			x.sql = fmt.Sprintf("json_extract_string(r.rare, '$.%s')", c.field)
			if x.typ != "VARCHAR" {
				x.sql = "CAST(" + x.sql + " AS " + x.typ + ")"
			}
		}
		out = append(out, x)
	}
	if len(of) == len(allColumns) {
		out = append(out, consoleColumn{"tracked", "BOOLEAN", "f.tracked", "counts as use of the product; conversations are made of such rows"})
	}
	return out
}

var signalColumns = []consoleColumn{
	{"conversation_id", "VARCHAR", "x.conversation_id", ""},
	{"name", "VARCHAR", "x.s.name", ""},
	{"dimension", "VARCHAR", "x.s.dimension", "answer suggestion trust tool latency ui"},
	{"weight", "DOUBLE", "x.s.weight", "-1..1"},
	{"event_id", "VARCHAR", "x.s.event_id", "of the event that shows it"},
	{"message_id", "VARCHAR", "x.s.message_id", "of the message that it judges"},
	{"occurred_at", "TIMESTAMP", "CAST(x.s.at AS TIMESTAMP)", "UTC"},
	{"reason", "VARCHAR", "x.s.reason", "in words"},
}

var personColumns = []consoleColumn{
	{"type", "VARCHAR", "x.type", "user anonymous"},
	{"id", "VARCHAR", "x.id", "a user_id or anonymous_id"},
	{"person", "VARCHAR", "x.person", "the id, or another one, that stands for all ids of the person"},
}

// chatColumns are all of a conversation: those of its table, of its place, and beside.
var chatColumns = func() []consoleColumn {
	docs := map[string]string{
		"happened_at": "its time: its start, else its first event; UTC", "preview": "start of the first user message", "score": "mean of its ratings, 0..1",
		"duration_ms": "last message minus first", "first_response_ms": "first answer minus first question", "model": "first that answered",
		"outcome": "resolved abandoned failed escalated open: by the rules; a conversion is not counted here",
		"quality": "-1..1", "implied_satisfaction": "0..1", "predicted_rating": "0..1", "goal_reached": "0..1", "sentiment": "negative neutral positive",
	}
	var out []consoleColumn
	add := func(from string, columns []string) {
		for _, c := range columns {
			name, typ, _ := strings.Cut(c, " ")
			typ, _, _ = strings.Cut(typ, " ")
			x := consoleColumn{name: name, typ: typ, sql: from + "." + name}
			switch name {
			case "place", "signals":
				continue
			case "signal_names":
				x.name = "signals"
			}
			if (from == "a" || from == "t" || from == "b") && name == "conversation_id" {
				continue
			}
			x.doc = docs[x.name]
			out = append(out, x)
		}
	}
	add("c", conversationColumns)
	var places []string
	for _, f := range chatPlaceFields {
		places = append(places, f+" VARCHAR")
	}
	add("p", places)
	add("a", analysisColumns)
	add("t", []string{"topic VARCHAR", "topic_group VARCHAR"})
	add("b", []string{"labels VARCHAR[]"})
	return append(out,
		consoleColumn{"satisfaction", "DOUBLE", "coalesce(c.score, a.implied_satisfaction)", "0..1: score, else implied_satisfaction"},
		consoleColumn{"satisfaction_source", "VARCHAR", fmt.Sprintf("CASE WHEN c.score IS NOT NULL THEN '%s' WHEN a.implied_satisfaction IS NOT NULL THEN '%s' END",
			query.SatisfactionRated, query.SatisfactionInferred), "rated or inferred"})
}()
