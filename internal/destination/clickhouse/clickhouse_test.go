package clickhouse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

func settings(address, database string) destination.Settings {
	return destination.Settings{"url": "http://" + address, "user": "tester", "password": password, "database": database}
}

func TestLaws(t *testing.T) {
	need(t)
	destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
		d := newDatabase(t)
		return destinationtest.Place{
			Destination: Destination{}, Handler: http.HandlerFunc(forward),
			Arrived: d.arrived, Once: true,
			Settings: func(address string) destination.Settings { return settings(address, d.name) },
			Refused: func(m *destination.Message) {
				destinationtest.At(m, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
			},
		}
	})
}

// forward passes a request on to the server, whole, and its answer back.
func forward(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	on, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+server.address+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	on.Header = r.Header.Clone()
	answer, err := http.DefaultClient.Do(on)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// place is a test's own look at a database.
type place struct {
	t    *testing.T
	name string
}

func newDatabase(t *testing.T) *place { return &place{t, need(t)} }

func (d *place) ask(sql string) string {
	d.t.Helper()
	answer, err := ask(sql)
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.TrimSpace(answer)
}

func (d *place) tables() []string {
	d.t.Helper()
	return strings.Fields(d.ask("SELECT name FROM system.tables WHERE database = '" + d.name + "' ORDER BY name"))
}

// arrived are the ids of the tables that hold every call once.
func (d *place) arrived() []string {
	var ids []string
	for _, table := range destinationtest.CallTables {
		if slices.Contains(d.tables(), table) {
			ids = append(ids, strings.Fields(d.ask("SELECT id FROM "+d.name+"."+table+" FINAL ORDER BY timestamp, id"))...)
		}
	}
	return ids
}

// rows are a table's without nulls, in the order of their ids.
func (d *place) rows(table string) []map[string]any {
	d.t.Helper()
	var answer struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(d.ask("SELECT * FROM "+d.name+"."+table+" FINAL ORDER BY id FORMAT JSON")), &answer); err != nil {
		d.t.Fatal(err)
	}
	for _, row := range answer.Data {
		maps.DeleteFunc(row, func(name string, value any) bool {
			return value == nil || name == "loaded_at"
		})
	}
	return answer.Data
}

func (d *place) open(more destination.Settings) destination.Sender {
	d.t.Helper()
	given := settings(server.address, d.name)
	maps.Copy(given, more)
	return destinationtest.Open(d.t, Destination{}, given)
}

func TestPropertiesBecomeColumns(t *testing.T) {
	d := newDatabase(t)
	m := destinationtest.Event(1, "Stock Purchased", `{"symbol":"AC'ME\\","amount":12.5,"huge":1e999,"first":true,"last":false,"note":null,"tags":["a",{"b":1}],"nested":{"URLPath":"/x"},"conversationId":"c-1","id":"theirs"}`)
	row := *m.Event
	row.SentAt = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC) // a client's clock
	m.Event = &row
	destinationtest.Deliver(t, d.open(nil), m)
	got := d.rows("stock_purchased")
	want := map[string]any{
		"id": "evt-000001", "user_id": "u", "anonymous_id": "anon-u", "event": "stock_purchased", "event_text": "Stock Purchased",
		"context_library_name": "test", "context_library_version": "1", "symbol": `AC'ME\`, "amount": 12.5, "huge": "1e999", "first": 1.0, "last": 0.0,
		"tags": `["a",{"b":1}]`, "nested_url_path": "/x", "conversation_id": "c-1", "property_id": "theirs",
	}
	for _, column := range []string{"timestamp", "original_timestamp", "received_at"} {
		if at := fmt.Sprint(got[0][column]); !strings.HasPrefix(at, "2026-11-21 10:00:01") {
			t.Errorf("%s is %s", column, at)
		}
		delete(got[0], column)
	}
	if diff := cmp.Diff([]map[string]any{want}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAValueOfAnotherTypeGoesBesideItsColumn(t *testing.T) {
	d := newDatabase(t)
	destinationtest.Deliver(t, d.open(nil), destinationtest.Event(1, "Rated", `{"score":1,"label":"x"}`), destinationtest.Event(2, "Rated", `{"score":"high","label":2}`))
	destinationtest.Deliver(t, d.open(nil), destinationtest.Event(3, "Rated", `{"score":true,"label":{"a":1}}`), destinationtest.Event(4, "Rated", `{"Score":1,"score":2}`))
	want := []map[string]any{
		{"id": "evt-000001", "score": 1.0, "label": "x"},
		{"id": "evt-000002", "score_text": "high", "label": "2"},
		{"id": "evt-000003", "score_text": "true", "label_a": 1.0},
		{"id": "evt-000004", "score": 1.0, "more": `{"properties.score":2}`},
	}
	if diff := cmp.Diff(want, destinationtest.Pick(d.rows("rated"), "id", "score", "score_text", "label", "label_a", "more")); diff != "" {
		t.Error(diff)
	}
}

// What was said last of a user, by the query of the docs: a trait that is null is taken away, one that is not said stays.
func TestATraitThatIsNullIsTakenAway(t *testing.T) {
	d := newDatabase(t)
	s := d.open(nil)
	say := func(n int, person, traits string) destination.Message {
		return destinationtest.Call(n, "identify", person, map[string]any{"traits": json.RawMessage(traits)})
	}
	destinationtest.Deliver(t, s, say(1, "a", `{"plan":"pro"}`), say(2, "a", `{"plan":null,"plan_b":1}`), say(3, "a", `{"other":1}`),
		say(1, "b", `{"plan":null}`), say(4, "b", `{"plan":"free"}`), say(5, "b", `{"plan_b":null}`), say(6, "c", `{"other":1}`))
	destinationtest.Deliver(t, s, say(0, "a", `{"plan":"older"}`), say(2, "a", `{"plan":null,"plan_b":1}`))
	got := d.ask(strings.NewReplacer("debrief.", d.name+".").Replace(lastPlan) + " FORMAT TabSeparated")
	if want := "a\t\\N\nb\tfree"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColumnsAndTablesAreBounded(t *testing.T) {
	d := newDatabase(t)
	s := d.open(destination.Settings{"max_columns": "50", "max_tables": "50"})
	var properties []string
	for n := range 200 {
		properties = append(properties, fmt.Sprintf(`"p%03d":%d`, n, n))
	}
	destinationtest.Deliver(t, s, destinationtest.Event(1, "Many", "{"+strings.Join(properties, ",")+"}"))
	if got := d.ask("SELECT count() FROM system.columns WHERE database = '" + d.name + "' AND table = 'many'"); got != "50" {
		t.Errorf("the table has %s columns, want 50", got)
	}
	var messages []destination.Message
	for n := range 60 {
		messages = append(messages, destinationtest.Event(n+2, fmt.Sprint("Event ", n), `{"a":1}`))
	}
	destinationtest.Deliver(t, s, messages...)
	if got := d.tables(); len(got) != 50 {
		t.Errorf("%d tables, want 50", len(got))
	}
	if got := destinationtest.Pick(d.rows("tracks"), "more")[60]; got["more"] != `{"properties.a":1}` {
		t.Errorf("an event without a table: %v", got)
	}
}

func TestTablesThatChangeAreReadAgain(t *testing.T) {
	d := newDatabase(t)
	s := d.open(nil)
	destinationtest.Deliver(t, s, destinationtest.Event(1, "Rated", `{"score":1}`))
	d.ask("ALTER TABLE " + d.name + ".rated DROP COLUMN score")
	destinationtest.Deliver(t, s, destinationtest.Event(2, "Rated", `{"score":2}`))
	if diff := cmp.Diff([]map[string]any{{"id": "evt-000001"}, {"id": "evt-000002", "score": 2.0}}, destinationtest.Pick(d.rows("rated"), "id", "score")); diff != "" {
		t.Error(diff)
	}
	d.ask("DROP DATABASE " + d.name)
	destinationtest.Deliver(t, s, destinationtest.Event(3, "Rated", `{}`))
	d.ask("ALTER TABLE " + d.name + ".rated ADD COLUMN score Nullable(Float64)")
	destinationtest.Deliver(t, s, destinationtest.Event(4, "Rated", `{"score":"x"}`))
	if diff := cmp.Diff([]map[string]any{{"id": "evt-000003"}, {"id": "evt-000004", "score_text": "x"}}, destinationtest.Pick(d.rows("rated"), "id", "score", "score_text")); diff != "" {
		t.Error(diff)
	}
}

func TestTheDatabaseSaysWhatIsWrong(t *testing.T) {
	d := newDatabase(t)
	err := d.open(destination.Settings{"password": "wrong"}).Test(t.Context())
	if !errors.Is(err, destination.ErrUnavailable) || !strings.Contains(strings.ToLower(err.Error()), "password") {
		t.Errorf("got %v, want that the password is wrong", err)
	}
	if err := d.open(nil).Test(t.Context()); err != nil || len(d.tables()) > 0 {
		t.Errorf("got %v and left %q", err, d.tables())
	}
}

func TestOpenRefuses(t *testing.T) {
	f := destinationtest.Refused(t, Destination{}, destination.Settings{"url": "http://localhost:8123"})
	f("url", "tcp://localhost")
	f("url", "http://user:password@localhost")
	f("url", "http://localhost/?password=x")
	f("database", "a.b")
	f("database", strings.Repeat("x", 64))
	f("max_columns", "49")
	f("max_tables", "5001")
}
