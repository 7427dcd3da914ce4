package duckstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// consoleStore is a store with a sealed month, a hot one, and something said of its conversations.
func consoleStore(t *testing.T) *Store {
	t.Helper()
	s := openIn(t, t.TempDir())
	t.Cleanup(func() {
		if err := errors.Join(s.Err(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	var puts []*event.Event
	for i := range 6 {
		role := []string{event.RoleUser, event.RoleAgent}[i%2]
		puts = append(puts, &event.Event{ID: fmt.Sprint("e", i), Source: "s1", Kind: event.KindMessage, Action: "sent", Role: role, Body: new(fmt.Sprint("text ", i)),
			ConversationID: fmt.Sprint("c", i/2), UserID: "u1", LatencyMS: new(float64(i)), Properties: json.RawMessage(`{"plan":"pro"}`),
			OccurredAt: at.AddDate(0, i/2, i%2), ReceivedAt: at})
	}
	write(t, s, &eventstore.Batch{Puts: puts,
		Analyses: []*event.Analysis{{ConversationID: "c0", Version: 1, Outcome: event.OutcomeResolved, ImpliedSatisfaction: new(0.75), Signals: []event.Signal{
			{Name: "thanks", Dimension: "answer", Weight: 0.5, EventID: "e0", At: at, Reason: "said thanks"}, {Name: "copied", At: at}}}},
		Topics: []event.ConversationTopic{{ConversationID: "c1", Topic: "t1"}},
		Labels: []event.ConversationLabels{{ConversationID: "c1", Labels: []string{"a", "b"}}}})
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{{ID: "hot", Source: "s2", Kind: event.KindMessage, Action: "sent", Role: event.RoleUser, Body: new("hot"),
		AnonymousID: "x1", ConversationID: "c0", OccurredAt: at, ReceivedAt: at}}, Retracts: []eventstore.Retract{{ID: "e1"}}})
	return s
}

func TestSQLAnswers(t *testing.T) {
	s := consoleStore(t)
	f := func(statement, want string) {
		t.Helper()
		got, err := s.SQL(t.Context(), statement, 100)
		if err != nil {
			t.Errorf("%s: %v", statement, err)
			return
		}
		b, err := json.Marshal(got.Rows)
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != want {
			t.Errorf("%s:\ngot  %s\nwant %s", statement, b, want)
		}
	}
	f("SELECT count(*), min(occurred_at) FROM events", `[[6,"2026-03-05T10:00:00Z"]]`)
	f("select ID from EVENTS where role = 'user' order by id;", `[["e0"],["e2"],["e4"],["hot"]]`)
	f("SELECT role, count(*) n FROM messages GROUP BY role ORDER BY n DESC -- most", `[["user",4],["agent",2]]`)
	f("SELECT conversation_id, outcome, satisfaction, satisfaction_source, signals, topic, labels, messages, source FROM conversations ORDER BY 1 ; ; ",
		`[["c0","resolved",0.75,"inferred",["thanks","copied"],null,null,2,"s1"],["c1",null,null,null,null,"t1",["a","b"],2,"s1"],["c2",null,null,null,null,null,null,2,"s1"]]`)
	f("SELECT name, dimension, weight, occurred_at, reason FROM signals WHERE event_id = 'e0'", `[["thanks","answer",0.5,"2026-03-05T10:00:00Z","said thanks"]]`)
	f("WITH per AS (SELECT conversation_id id, count(*) n FROM events GROUP BY 1) SELECT id, n, rank() OVER (ORDER BY n DESC, id) FROM per JOIN conversations c ON c.conversation_id = per.id ORDER BY 3",
		`[["c0",2,1],["c1",2,2],["c2",2,3]]`)
	whose := "SELECT coalesce(u.person, a.person, e.user_id, e.anonymous_id) AS person, count(*) AS n FROM events e LEFT JOIN persons u ON u.type = 'user' AND u.id = e.user_id " +
		"LEFT JOIN persons a ON a.type = 'anonymous' AND a.id = e.anonymous_id GROUP BY 1 ORDER BY n DESC"
	f(whose, `[["u1",5],["x1",1]]`)
	f("SELECT * FROM persons ORDER BY id", `[["user","u1","u1"],["anonymous","x1","x1"]]`)
	write(t, s, &eventstore.Batch{Identities: []event.Identity{{Type: event.IdentityAnonymous, ID: "x1", Person: "p"}, {Type: event.IdentityUser, ID: "u1", Ignored: true}}})
	f(whose, `[["u1",5],["p",1]]`)
	f("SELECT * FROM persons ORDER BY id", `[["anonymous","x1","p"]]`)
	f("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t", `[[15]]`)
	f("WITH events AS (SELECT 1 AS x) SELECT * FROM events", `[[1]]`)
	f("SELECT properties->>'$.plan', sum(latency_ms) FROM events GROUP BY ALL ORDER BY 2", `[["pro",14],[null,null]]`)
	f("SELECT date_trunc('month', occurred_at)::DATE d, count(*) FILTER (WHERE role = 'user') FROM events GROUP BY d ORDER BY d", `[["2026-03-01",2],["2026-04-01",1],["2026-05-01",1]]`)
	f("SELECT x FROM range(3) t(x) UNION ALL (VALUES (7)) ORDER BY 1", `[[0],[1],[2],[7]]`)
	f("SELECT list_transform([1, 2], lambda x: x + 1), {'a': 1}, [x * 2 for x in [3]], CASE WHEN 1 IN (1, 2) THEN 'y' END, unnest([8])", `[[[2,3],{"a":1},[6],"y",8]]`)
	f("SELECT 9007199254740993, 170141183460469231731687303715884105727, 1.5::DECIMAL(5,2), 'NaN'::DOUBLE, INTERVAL 90 MINUTE, 'ab'::BLOB, NULL, TRUE, '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID",
		`[["9007199254740993","170141183460469231731687303715884105727",1.5,"NaN","1h30m0s","YWI=",null,true,"6ba7b810-9dad-11d1-80b4-00c04fd430c8"]]`)
	f("FROM events SELECT max(score)", `[[null]]`)
}

func TestSQLBoundsRows(t *testing.T) {
	s := consoleStore(t)
	f := func(statement string, limit, rows int, truncated bool) {
		t.Helper()
		got, err := s.SQL(t.Context(), statement, limit)
		if err != nil || len(got.Rows) != rows || got.Truncated != truncated {
			t.Errorf("%s with limit %d: %v, truncated %v (%v); want %d rows, %v", statement, limit, got, got != nil && got.Truncated, err, rows, truncated)
		}
	}
	f("SELECT * FROM range(5)", 5, 5, false)
	f("SELECT * FROM range(6)", 5, 5, true)
	f("SELECT range FROM range(1000000000000) ", 3, 3, true)
	got, err := s.SQL(t.Context(), "SELECT array_to_string(list_transform(string_split('a,b,c,d,e,f,g,h', ','), lambda x: upper(x)), '-') || md5(range::VARCHAR) || sha256('x') FROM range(1000000)", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != eventstore.MaxSQLRows || !got.Truncated {
		t.Errorf("without a limit: %d rows, truncated %v", len(got.Rows), got.Truncated)
	}
}

// Everything that is no single SELECT over the views is refused, and changes nothing.
func TestSQLRefuses(t *testing.T) {
	s := consoleStore(t)
	dir := t.TempDir()
	target := filepath.Join(dir, "out.csv")
	secret := filepath.Join(s.cfg.Dir, "raw")
	for _, statement := range []string{
		"", ";", "-- nothing", "SELEC 1", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE events", "SELECT 1) AS x; DROP TABLE events; --",
		"SELECT 1) UNION SELECT format FROM store --",
		// files
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
		"SELECT * FROM 'x.csv'", "SELECT * FROM \"/etc/passwd.csv\"", "SELECT * FROM glob('/*')", "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM read_parquet('x')",
		"SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM parquet_metadata('x')", "SELECT * FROM read_text('" + secret + "/*')", "SELECT * FROM read_duckdb('x')",
		"WITH \"x.csv\" AS (SELECT 1) SELECT * FROM \"x.csv\"", "SELECT pg_read_file('/etc/passwd')", "SELECT content FROM read_text_auto('/etc/passwd')",
		"COPY (SELECT 1) TO '" + target + "'", "COPY events TO '" + target + "'", "EXPORT DATABASE '" + dir + "'", "IMPORT DATABASE '" + dir + "'",
		"ATTACH '" + dir + "/x.duckdb'", "DETACH hot", "USE system", "CREATE SECRET (TYPE s3)",
		// network and extensions
		"INSTALL httpfs", "LOAD httpfs", "SELECT * FROM read_csv('https://example.com/x.csv')", "FORCE INSTALL spatial",
		// settings
		"SET memory_limit = '1TB'", "SET enable_external_access = true", "RESET threads", "PRAGMA database_list", "PRAGMA enable_profiling", "CALL pragma_version()",
		"SELECT current_setting('temp_directory')", "SELECT getenv('HOME')", "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_secrets()", "SELECT set_config('threads', '1', false)",
		"SELECT * FROM enable_logging()", "SELECT * FROM checkpoint()", "SELECT * FROM force_checkpoint('hot')", "SELECT write_log('x')",
		// other schemas, and the store's own tables
		"SELECT * FROM main.events", "SELECT * FROM hot.main.events", "SELECT * FROM store", "SELECT * FROM dead", "SELECT * FROM analyses", "SELECT * FROM retracted", "SELECT * FROM temp.x",
		"SELECT * FROM m2026_03_g1.events", "SELECT * FROM information_schema.tables", "SELECT * FROM sqlite_master", "SELECT * FROM pg_catalog.pg_tables", "SELECT * FROM duckdb_tables()",
		"SELECT * FROM duckdb_tables", "SHOW TABLES", "DESCRIBE store", "SUMMARIZE identities", "SELECT * FROM (DESCRIBE events)", "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('store')",
		"WITH store AS (SELECT 1) SELECT * FROM store", "SELECT * FROM (WITH dead AS (SELECT 1) SELECT 1), dead", "SELECT (SELECT max(format) FROM store)", "SELECT 1 WHERE EXISTS (FROM store)",
		"SELECT * FROM events, LATERAL (SELECT * FROM store)", "SELECT 1 ORDER BY (SELECT format FROM store)", "SELECT * FROM events UNION ALL BY NAME SELECT * FROM store",
		"PIVOT store ON format", "SELECT * FROM (PIVOT store ON format USING count(*))", "FROM store", "TABLE store", "WITH x AS (FROM identities) SELECT * FROM x",
		"SELECT list_transform([1], lambda x: (SELECT format FROM store))", "SELECT count(*) FILTER (WHERE (SELECT true FROM store)) FROM events",
		"SELECT rank() OVER (ORDER BY (SELECT format FROM store)) FROM events", "SELECT 1 LIMIT (SELECT format FROM store)", "SELECT * FROM events USING SAMPLE reservoir((SELECT 1) ROWS)",
		"SELECT * FROM json_execute_serialized_sql('{}')", "SELECT json_serialize_plan('SELECT * FROM read_csv(''/etc/passwd'')')",
		// writing
		"INSERT INTO events VALUES (1)", "UPDATE store SET format = 9", "DELETE FROM events", "DROP TABLE events", "ALTER TABLE events ADD COLUMN x INT", "TRUNCATE events",
		"CREATE TABLE x AS SELECT 1", "CREATE TEMP TABLE x AS SELECT 1", "CREATE VIEW x AS SELECT 1", "CREATE MACRO x() AS 1", "VACUUM", "CHECKPOINT", "MERGE INTO store USING events ON true WHEN MATCHED THEN DELETE",
		"WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x", "WITH x AS (INSERT INTO store VALUES (9, 9) RETURNING *) SELECT * FROM x", "BEGIN", "COMMIT", "ROLLBACK", "PREPARE x AS SELECT 1", "EXECUTE x",
		"EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "SELECT nextval('x')", "SELECT setseed(1)", "COMMENT ON TABLE store IS 'x'",
		// values of any size out of nothing
		"SELECT repeat('x', 4000000000)", "SELECT lpad('x', 2000000000, 'y')", "SELECT range(4000000000)", "SELECT generate_series(1, 4000000000)", "SELECT list_resize([1], 4000000000)",
		"SELECT printf('%1000000000d', 1)", "SELECT format('{:>1000000000}', 1)", "SELECT * FROM repeat('x', 3)",
		"SELECT $1", "SELECT ?", "SELECT sleep_ms(100000)", "SELECT pg_sleep(100)",
	} {
		got, err := s.SQL(t.Context(), statement, 10)
		var refused *eventstore.SQLError
		if !errors.As(err, &refused) {
			t.Errorf("%q: got %v, %v; want a refusal", statement, got, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files were written: %v (%v)", left, err)
	}
	got, err := s.SQL(t.Context(), "SELECT count(*) FROM events", 10)
	if err != nil || got.Rows[0][0] != int64(6) {
		t.Errorf("events after all that: %v (%v), want 6", got, err)
	}
	var threads, format int
	if err := s.own.QueryRow("SELECT current_setting('threads'), format FROM store").Scan(&threads, &format); err != nil || format != formatVersion {
		t.Errorf("format %d (%v)", format, err)
	}
}

// Were a statement let through, the database itself would still refuse files, network, extensions and writes.
func TestSQLBehindTheCheck(t *testing.T) {
	s := consoleStore(t)
	f := func(statement, want string) {
		t.Helper()
		v, err := s.viewOn(t.Context(), s.db, readOnly)
		if err != nil {
			t.Fatal(err)
		}
		defer v.close()
		rows, err := v.tx.QueryContext(t.Context(), statement)
		if err == nil {
			rows.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", statement, err, want)
		}
	}
	f("SELECT * FROM read_text('/etc/passwd')", "Permission Error")
	f("SELECT * FROM '/etc/passwd.csv'", "Permission Error")
	f("SELECT * FROM glob('/etc/*')", "Permission Error")
	f("COPY (SELECT 1) TO '"+filepath.Join(t.TempDir(), "x.csv")+"'", "Permission Error")
	f("ATTACH '"+filepath.Join(t.TempDir(), "x.duckdb")+"'", "Permission Error")
	f("INSTALL httpfs", "Permission Error")
	f("LOAD httpfs", "Permission Error")
	f("SET enable_external_access = true", "Cannot enable external access")
	f("SET allowed_directories = ['/']", "Cannot change allowed_directories")
	f("DELETE FROM events", "read-only")
	f("CREATE TABLE x AS SELECT 1", "read-only")
	f("UPDATE store SET format = 9", "read-only")
}

// A statement that never ends, or takes all memory, is ended; the store goes on.
func TestSQLEnds(t *testing.T) {
	s := consoleStore(t)
	began := time.Now()
	for _, statement := range []string{
		"SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
		"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
		"SELECT max(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b WHERE a.range % 3 = b.range % 5",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		if _, err := s.SQL(ctx, statement, 10); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, eventstore.ErrSQLMemory) {
			t.Errorf("%s: got %v, want the end of its time or memory", statement, err)
		}
		cancel()
	}
	for _, statement := range []string{
		"WITH RECURSIVE t(s) AS (SELECT 'xxxxxxxxxxxxxxxx' UNION ALL SELECT s || s FROM t) SELECT max(strlen(s)) FROM t",
		"SELECT list(a.range::VARCHAR || 'a long tail that makes it more') FROM range(100000000) a",
		"SELECT string_agg(a.range::VARCHAR, 'a long separator, so that it grows') FROM range(1000000000) a",
	} {
		var wrong *eventstore.SQLError
		_, err := s.SQL(t.Context(), statement, 10)
		if !errors.Is(err, eventstore.ErrSQLMemory) && !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want the end of its memory", statement, err)
		}
		t.Logf("%.60s: %v, after %v", statement, err, time.Since(began))
	}
	if took := time.Since(began); took > 6*eventstore.SQLTimeLimit {
		t.Errorf("it took %v", took)
	}
	got, err := s.SQL(t.Context(), "SELECT count(*) FROM events", 10)
	if err != nil || got.Rows[0][0] != int64(6) {
		t.Errorf("afterwards: %v (%v)", got, err)
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{{ID: "after", OccurredAt: began, ReceivedAt: began}}})
}

// The limit holds while another statement ends, and the store closes only after that.
func TestSQLAnswersWithinItsTime(t *testing.T) {
	s := consoleStore(t)
	within := func(d time.Duration, statement string) error {
		ctx, cancel := context.WithTimeoutCause(t.Context(), d, eventstore.ErrSQLTime)
		defer cancel()
		_, err := s.sql(ctx, statement, 10)
		return err
	}
	// Taking such a table down takes several times as long as this.
	const large = "SELECT count(DISTINCT range::VARCHAR || 'a long tail, so that it is kept apart') FROM range(30000000)"
	if err := within(200*time.Millisecond, large); !errors.Is(err, eventstore.ErrSQLTime) && !errors.Is(err, eventstore.ErrSQLMemory) {
		t.Errorf("a statement beyond its time: %v", err)
	}
	if err := within(time.Minute, "SELECT 1"); err != nil {
		t.Errorf("the next one: %v", err)
	}
	s.console <- struct{}{} // one that does not end
	if err := within(20*time.Millisecond, "SELECT 1"); !errors.Is(err, eventstore.ErrSQLTime) {
		t.Errorf("one that waits beyond its time: %v", err)
	}
	<-s.console
}

func TestSQLSaysWhere(t *testing.T) {
	s := consoleStore(t)
	f := func(statement string, position int, message string) {
		t.Helper()
		_, err := s.SQL(t.Context(), statement, 10)
		var e *eventstore.SQLError
		if !errors.As(err, &e) || e.Position != position || !strings.Contains(e.Message, message) || strings.Contains(e.Message, "LINE") {
			t.Errorf("%s: got %+v (%v), want %q at %d", statement, e, err, message, position)
		}
	}
	f("SELECT x FRM events", 13, "syntax error")
	f("SELECT nonsense FROM events", -1, `"nonsense" not found`)
	f("SELECT * FROM event", -1, `there is no table "event"; there are conversations, events, messages, persons, signals`)
	f("DROP TABLE events", -1, "only SELECT")
	f("SELECT 1; SELECT 2", -1, "one statement; these are 2")
	f("SELECT 'x'::INTEGER", -1, "Could not convert")
	f("SELECT '"+strings.Repeat("x", eventstore.MaxSQL)+"'", -1, "at most 32768")
}

// What the views say of themselves is what they are.
func TestSQLViewsAreAsDescribed(t *testing.T) {
	s := consoleStore(t)
	for _, v := range s.SQLViews() {
		got, err := s.SQL(t.Context(), "SELECT * FROM "+v.Name, 1)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]eventstore.SQLColumn, len(v.Columns))
		for i, c := range v.Columns {
			want[i] = eventstore.SQLColumn{Name: c.Name, Type: c.Type}
		}
		if diff := cmp.Diff(want, got.Columns); diff != "" {
			t.Errorf("view %s (-said +is):\n%s", v.Name, diff)
		}
	}
}

// The store's own files are within its confines, however its directory is called.
func TestConfinesHoldOwnFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"data/store", "./data/it's", "data/../data/ü b"} {
		s := openIn(t, dir)
		at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
		for i := range 2 {
			write(t, s, &eventstore.Batch{Puts: []*event.Event{{ID: fmt.Sprint("e", i), OccurredAt: at, ReceivedAt: at}}})
			if err := s.Compact(t.Context()); err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
		}
		if err := errors.Join(s.Err(), s.Close()); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		s = openIn(t, dir)
		if _, err := s.Event(t.Context(), "e1"); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
