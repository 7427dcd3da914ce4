package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

var ctxBackground = context.Background()

func TestLaws(t *testing.T) {
	c := need(t)
	destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
		db := connect(t, c.schema())
		return destinationtest.Place{
			Destination: Destination{}, Address: c.address, Arrived: db.arrived, Once: true,
			Settings: func(address string) destination.Settings { return c.settings(address, db.schema) },
			Refused: func(m *destination.Message) {
				destinationtest.At(m, time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC)) // beyond PostgreSQL's calendar
			},
		}
	})
}

// database is a test's own look at a schema.
type database struct {
	t      *testing.T
	schema string

	mu   sync.Mutex
	conn *pgx.Conn
}

func connect(t *testing.T, schema string) *database {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), need(t).url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctxBackground) })
	return &database{t: t, schema: schema, conn: conn}
}

func (d *database) path(table string) string { return pgx.Identifier{d.schema, table}.Sanitize() }

func (d *database) exec(sql string) {
	d.t.Helper()
	if _, err := d.conn.Exec(ctxBackground, sql); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

// texts returns the only column of a query.
func (d *database) texts(sql string, args ...any) []string {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.conn.Query(ctxBackground, sql, args...)
	if err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func (d *database) tables() []string {
	d.t.Helper()
	return d.texts("SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1 AND relkind = 'r' ORDER BY 1", d.schema)
}

// arrived are the ids of the tables that hold every call once.
func (d *database) arrived() []string {
	var ids []string
	for _, table := range destinationtest.CallTables {
		if slices.Contains(d.tables(), table) {
			ids = append(ids, d.texts("SELECT id FROM "+d.path(table)+" ORDER BY timestamp")...)
		}
	}
	return ids
}

// rows are a table's, as JSON without nulls, in the order of their ids.
func (d *database) rows(table string) []map[string]any {
	d.t.Helper()
	var all []map[string]any
	for _, text := range d.texts("SELECT (jsonb_strip_nulls(to_jsonb(r)) - 'loaded_at')::text FROM " + d.path(table) + " r ORDER BY id") {
		var row map[string]any
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// open opens the destination on the database's schema.
func (d *database) open(more destination.Settings) destination.Sender {
	d.t.Helper()
	settings := server.settings(server.address, d.schema)
	for key, value := range more {
		settings[key] = value
	}
	return destinationtest.Open(d.t, Destination{}, settings)
}

func TestPropertiesBecomeColumns(t *testing.T) {
	d := connect(t, need(t).schema())
	destinationtest.Deliver(t, d.open(nil), destinationtest.Event(1, "Stock Purchased", `{"symbol":"ACME","amount":12.50,"bigId":12345678901234567890,"first":true,"note":null,
		"tags":["a",{"b":1}],"nested":{"URLPath":"/x","deep":{"er":{"still":1}}},"text":"a\u0000b","conversationId":"c-1","id":"theirs","1st":1,"select":"x"}`))
	want := []map[string]any{{
		"id": "evt-000001", "timestamp": "2026-11-21T10:00:01+00:00", "original_timestamp": "2026-11-21T10:00:01+00:00", "sent_at": "2026-11-21T10:00:01+00:00",
		"received_at": "2026-11-21T10:00:01+00:00", "user_id": "u", "anonymous_id": "anon-u", "event": "stock_purchased", "event_text": "Stock Purchased",
		"context_library_name": "test", "context_library_version": "1", "symbol": "ACME", "amount": 12.5, "big_id": 12345678901234567890.0, "first": true,
		"tags": []any{"a", map[string]any{"b": 1.0}}, "nested_url_path": "/x", "nested_deep_er": map[string]any{"still": 1.0}, "text": "ab",
		"conversation_id": "c-1", "property_id": "theirs", "_1st": 1.0, "select": "x",
	}}
	if diff := cmp.Diff(want, d.rows("stock_purchased")); diff != "" {
		t.Error(diff)
	}
	types := d.texts(`SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'stock_purchased' AND
		column_name IN ('symbol', 'amount', 'first', 'tags', 'timestamp') ORDER BY 1`, d.schema)
	if want := []string{"amount numeric", "first boolean", "symbol text", "tags jsonb", "timestamp timestamp with time zone"}; !slices.Equal(types, want) {
		t.Errorf("types %q, want %q", types, want)
	}
	if got := d.texts("SELECT big_id::text FROM " + d.path("stock_purchased")); got[0] != "12345678901234567890" {
		t.Errorf("a large number is %s", got[0])
	}
	if diff := cmp.Diff([]map[string]any{{"id": "evt-000001", "event": "stock_purchased"}}, destinationtest.Pick(d.rows("tracks"), "id", "event", "symbol")); diff != "" {
		t.Error(diff)
	}
}

func TestAValueOfAnotherTypeGoesBesideItsColumn(t *testing.T) {
	d := connect(t, need(t).schema())
	s := d.open(nil)
	destinationtest.Deliver(t, s, destinationtest.Event(1, "Rated", `{"score":1,"label":"x","deep":{"a":1}}`), destinationtest.Event(2, "Rated", `{"score":"high","label":2,"deep":[1]}`))
	destinationtest.Deliver(t, d.open(nil), destinationtest.Event(3, "Rated", `{"score":true,"label":{"a":1}}`), destinationtest.Event(4, "Rated", `{"score":[1],"score_text":5}`), destinationtest.Event(5, "Rated", `{"Score":1,"score":2}`))
	want := []map[string]any{
		{"id": "evt-000001", "score": 1.0, "label": "x", "deep_a": 1.0},
		{"id": "evt-000002", "score_text": "high", "label": "2", "deep": []any{1.0}},
		{"id": "evt-000003", "score_text": "true", "label_a": 1.0},
		{"id": "evt-000004", "score_text": "[1]", "more": map[string]any{"properties.score_text": 5.0}},
		{"id": "evt-000005", "score": 1.0, "more": map[string]any{"properties.score": 2.0}},
	}
	if diff := cmp.Diff(want, destinationtest.Pick(d.rows("rated"), "id", "score", "score_text", "label", "label_a", "deep", "deep_a", "more")); diff != "" {
		t.Error(diff)
	}
}

func TestColumnsAndTablesAreBounded(t *testing.T) {
	d := connect(t, need(t).schema())
	s := d.open(destination.Settings{"max_columns": "50", "max_tables": "50"})
	var properties []string
	for n := range 400 {
		properties = append(properties, fmt.Sprintf(`"p%03d":"%s"`, n, strings.Repeat("x", 100)))
	}
	destinationtest.Deliver(t, s, destinationtest.Event(1, "Many", "{"+strings.Join(properties, ",")+"}"))
	if got := d.texts("SELECT count(*)::text FROM pg_attribute WHERE attnum > 0 AND attrelid = $1::text::regclass", d.path("many")); got[0] != "50" {
		t.Errorf("the table has %s columns, want 50", got[0])
	}
	row := d.rows("many")[0]
	if more := row["more"].(map[string]any); len(row)-1+len(more) < 400 || more["properties.p399"] == nil || row["p000"] == nil {
		t.Errorf("%d columns and %d values more", len(row), len(more))
	}
	var messages []destination.Message
	for n := range 60 {
		messages = append(messages, destinationtest.Event(n+2, fmt.Sprint("Event ", n), `{"a":1}`))
	}
	destinationtest.Deliver(t, s, messages...)
	if got := d.tables(); len(got) != 50 {
		t.Errorf("%d tables, want 50", len(got))
	}
	last := d.rows("tracks")[60]
	if diff := cmp.Diff(map[string]any{"properties.a": 1.0}, last["more"]); diff != "" || last["event_text"] != "Event 59" {
		t.Errorf("an event without a table: %s %v", diff, last)
	}
}

// The widest row that the bounds allow still fits PostgreSQL's page.
func TestTheWidestRowIsTaken(t *testing.T) {
	d := connect(t, need(t).schema())
	var properties []string
	for n := range 400 {
		properties = append(properties, fmt.Sprintf(`"p%03d":"%024d"`, n, n), fmt.Sprintf(`"q%03d":%s`, n, strings.Repeat("7", 60)))
	}
	destinationtest.Deliver(t, d.open(destination.Settings{"max_columns": "300"}), destinationtest.Event(1, "Wide", "{"+strings.Join(properties, ",")+"}"))
}

func TestLongNamesStayApart(t *testing.T) {
	d := connect(t, need(t).schema())
	long := strings.Repeat("Über langer Name ", 20)
	destinationtest.Deliver(t, d.open(nil), destinationtest.Event(1, long+"A", `{"`+long+`1":1,"`+long+`2":2}`), destinationtest.Event(2, long+"B", `{}`), destinationtest.Event(3, "users", `{}`), destinationtest.Event(4, "★", `{"★":1}`))
	tables := d.tables()
	if want := 4; len(tables) != want || !slices.Contains(tables, "event_users") {
		t.Errorf("tables %q", tables)
	}
	for _, name := range tables {
		if len(name) > 63 {
			t.Errorf("%q has %d bytes", name, len(name))
		}
	}
	if got := d.rows("tracks")[3]["more"]; !cmp.Equal(got, map[string]any{"properties.★": 1.0}) {
		t.Errorf("an event without letters: %v", got)
	}
}

// Whatever the order of arrival, and however often something comes, users have what was said last.
func TestUsersHaveWhatWasSaidLast(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	var messages []destination.Message
	want := map[string]map[string]any{}
	for n := range 60 {
		person := fmt.Sprint("u-", r.IntN(3))
		traits := map[string]any{}
		for _, name := range []string{"plan", "age", "city"} {
			switch r.IntN(6) {
			case 0, 1:
				traits[name] = float64(r.IntN(100))
			case 2:
				traits[name] = "of another type"
			case 3:
				traits[name] = nil
			}
		}
		messages = append(messages, destinationtest.Call(n, "identify", person, map[string]any{"traits": traits}))
		if want[person] == nil {
			want[person] = map[string]any{"id": person}
		}
		for name, value := range traits {
			switch value.(type) {
			case float64:
				want[person][name] = value
			case string:
				want[person][name+"_text"] = value
			default: // taken away, whatever its type was
				delete(want[person], name)
				delete(want[person], name+"_text")
			}
		}
	}
	messages = append(messages, messages[:20]...)
	r.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	d := connect(t, need(t).schema())
	s := d.open(nil)
	// The columns are numbers, whatever is said first.
	destinationtest.Deliver(t, s, destinationtest.Call(99, "identify", "u-9", map[string]any{"traits": map[string]any{"plan": 1, "age": 1, "city": 1}}))
	want["u-9"] = map[string]any{"id": "u-9", "plan": 1.0, "age": 1.0, "city": 1.0}
	for len(messages) > 0 {
		n := 1 + r.IntN(len(messages))
		destinationtest.Deliver(t, s, messages[:n]...)
		messages = messages[n:]
	}
	destinationtest.Deliver(t, s, destinationtest.Call(100, "group", "u-1", map[string]any{"groupId": "g", "traits": map[string]any{"name": "Initech"}}))
	got := map[string]map[string]any{}
	for _, row := range destinationtest.Pick(d.rows("users"), "id", "plan", "age", "city", "plan_text", "age_text", "city_text") {
		got[row["id"].(string)] = row
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seed %d: %s", seed, diff)
	}
	if diff := cmp.Diff([]map[string]any{{"id": "g", "name": "Initech"}}, destinationtest.Pick(d.rows("accounts"), "id", "name")); diff != "" {
		t.Error(diff)
	}
}

// A trait that is null is taken away: later words win, older ones that come late do not, and what other calls said stays.
func TestATraitThatIsNullIsTakenAway(t *testing.T) {
	d := connect(t, need(t).schema())
	s := d.open(nil)
	say := func(n int, traits string) destination.Message {
		return destinationtest.Call(n, "identify", "u", map[string]any{"traits": json.RawMessage(traits)})
	}
	f := func(want string, messages ...destination.Message) {
		t.Helper()
		destinationtest.Deliver(t, s, messages...)
		got, err := json.Marshal(destinationtest.Pick(d.rows("users"), "plan", "stocks", "shown", "late", "more"))
		if err != nil || string(got) != "["+want+"]" {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	f(`{"plan":"pro","shown":3,"stocks":["S1"]}`, say(1, `{"plan":"pro","shown":3,"stocks":["S1"]}`))
	f(`{"shown":3}`, say(10, `{"plan":null,"stocks":null,"late":null}`))
	f(`{"shown":3}`, say(5, `{"plan":"free","stocks":["S2"],"late":1}`)) // older
	f(`{"plan":"team","shown":3}`, say(11, `{"plan":"team"}`))
	f(`{}`, say(12, `{"plan":null}`), say(13, `{"shown":null,"Plan":null}`), say(12, `{"plan":null}`))
	destinationtest.Deliver(t, s, destinationtest.Call(20, "group", "u", map[string]any{"groupId": "g", "traits": map[string]any{"name": "Initech", "size": 7}}),
		destinationtest.Call(21, "group", "u", map[string]any{"groupId": "g", "traits": map[string]any{"size": nil}}))
	if diff := cmp.Diff([]map[string]any{{"id": "g", "name": "Initech"}}, destinationtest.Pick(d.rows("accounts"), "id", "name", "size")); diff != "" {
		t.Error(diff)
	}
	want := []map[string]any{{"plan": "pro"}, {"plan": "free"}, {"null_traits": []any{"late", "plan", "stocks"}}, {"plan": "team"}, {"null_traits": []any{"plan"}}, {"null_traits": []any{"plan", "shown"}}}
	if diff := cmp.Diff(want, destinationtest.Pick(d.rows("identifies"), "plan", "null_traits")); diff != "" {
		t.Error(diff)
	}
}

func TestSendersMakeTablesOnce(t *testing.T) {
	d := connect(t, need(t).schema())
	var wg sync.WaitGroup
	for i := range 4 {
		s := d.open(nil)
		wg.Go(func() {
			for n := range 5 {
				for _, r := range s.Send(t.Context(), []destination.Message{destinationtest.Event(i*5+n, fmt.Sprint("Event ", n), fmt.Sprintf(`{"p%d":1}`, i))}) {
					if r.Err != nil {
						t.Error(r.Err)
					}
				}
			}
		})
	}
	wg.Wait()
	if got := d.arrived(); len(got) != 20 {
		t.Errorf("%d calls arrived, want 20", len(got))
	}
}

// Who changes the tables meanwhile disturbs nobody, and nothing is lost.
func TestTablesThatChangeAreReadAgain(t *testing.T) {
	d := connect(t, need(t).schema())
	s := d.open(nil)
	destinationtest.Deliver(t, s, destinationtest.Event(1, "Rated", `{"score":1}`))
	d.exec("ALTER TABLE " + d.path("rated") + " DROP COLUMN score")
	d.exec("DROP TABLE " + d.path("tracks"))
	destinationtest.Deliver(t, s, destinationtest.Event(2, "Rated", `{"score":"x"}`))
	if diff := cmp.Diff([]map[string]any{{"id": "evt-000001"}, {"id": "evt-000002", "score": "x"}}, destinationtest.Pick(d.rows("rated"), "id", "score")); diff != "" {
		t.Error(diff)
	}
	d.exec("DROP SCHEMA " + pgx.Identifier{d.schema}.Sanitize() + " CASCADE")
	destinationtest.Deliver(t, s, destinationtest.Event(3, "Rated", `{}`))
	d.exec("ALTER TABLE " + d.path("rated") + " ADD COLUMN score numeric")
	destinationtest.Deliver(t, s, destinationtest.Event(4, "Rated", `{"score":"x"}`))
	if diff := cmp.Diff([]map[string]any{{"id": "evt-000003"}, {"id": "evt-000004", "score_text": "x"}}, destinationtest.Pick(d.rows("rated"), "id", "score", "score_text")); diff != "" {
		t.Error(diff)
	}
}

func TestConnectionsAreSecured(t *testing.T) {
	c := need(t)
	f := func(want string, more destination.Settings) {
		t.Helper()
		err := connect(t, c.schema()).open(more).Test(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, destination.ErrUnavailable)) {
			t.Errorf("%v: got %v, want %q", more["tls"], err, want)
		}
	}
	f("", destination.Settings{"tls": tlsOff})
	f("", destination.Settings{"tls": tlsRequire})
	f("", destination.Settings{"tls": tlsVerify, "ca": c.ca})
	f("certificate", destination.Settings{"tls": tlsVerify})
	f("password", destination.Settings{"password": "wrong"})
	f("password", destination.Settings{"password": ""})
	f("does not exist", destination.Settings{"database": "none"})
}

func TestOpenRefuses(t *testing.T) {
	f := destinationtest.Refused(t, Destination{}, destination.Settings{"host": "h", "database": "d", "user": "u"})
	f("port", "0")
	f("port", "70000")
	f("tls", "maybe")
	f("ca", "not at all")
	f("max_columns", "49")
	f("max_columns", "301")
	f("max_tables", "5001")
	f("schema", strings.Repeat("x", 64))
}
