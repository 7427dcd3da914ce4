package duckstore

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// benchStore is a store of 200 days of traffic. DEBRIEF_BENCH_EVENTS says how many events it has, by default
// 300,000; DEBRIEF_BENCH_DIR a directory that keeps it for the next time.
func benchStore(b *testing.B) (s *Store, dir string, until time.Time) {
	b.Helper()
	events := 300_000
	if n, err := strconv.Atoi(os.Getenv("DEBRIEF_BENCH_EVENTS")); err == nil {
		events = n
	}
	if dir = os.Getenv("DEBRIEF_BENCH_DIR"); dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("events-%d", events))
	until = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	from := until.AddDate(0, 0, -200)
	_, err := os.Stat(dir)
	s, openErr := Open(b.Context(), Config{Dir: dir, CompactEvery: -1, Now: func() time.Time { return until }})
	if openErr != nil {
		b.Fatal(openErr)
	}
	if err == nil {
		return s, dir, until
	}
	t := newTraffic(2, from, until.Sub(from)/time.Duration(events))
	began := time.Now()
	for done := 0; done < events; {
		puts := t.events(min(20_000, events-done))
		if _, err := s.Write(b.Context(), &eventstore.Batch{Puts: puts}); err != nil {
			b.Fatal(err)
		}
		done += len(puts)
	}
	b.Logf("wrote %d events in %v", events, time.Since(began))
	began = time.Now()
	if err := s.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("folded them in %v", time.Since(began))
	return s, dir, until
}

// BenchmarkOpen opens the store and asks for its cursor.
func BenchmarkOpen(b *testing.B) {
	s, dir, _ := benchStore(b)
	st, err := s.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d events, %d conversations, bytes %v", st.Events, st.Conversations, st.Bytes)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(b.Context(), Config{Dir: dir, CompactEvery: -1})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Cursor(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// dashboard is questions of a dashboard of thirty days, each with the same in SQL by hand.
func dashboard(m *manifest, r query.Range) []struct {
	name string
	q    query.Query
	sql  string
} {
	in := spanOf(r)
	events := func(columns ...string) string { return m.parts(columns, in, "") }
	count := []query.Measure{{As: "n", Op: query.Count}}
	return []struct {
		name string
		q    query.Query
		sql  string
	}{
		{"conversations a day",
			query.Query{Grain: query.Conversations, Range: r, Period: query.Day, Measures: count},
			"SELECT date_trunc('day', happened_at), count(*) FROM conversations WHERE " + in.where("happened_at") + " GROUP BY 1"},
		{"messages a day by role",
			query.Query{Grain: query.Events, Range: r, Period: query.Day, Filter: query.Is("kind", query.Eq, "message"), Breakdown: []string{"role"}, Measures: count},
			"SELECT date_trunc('day', occurred_at), role, count(*) FROM " + events("occurred_at", "form") + " JOIN forms USING (form) WHERE kind = 'message' GROUP BY 1, 2"},
		{"active users a day",
			query.Query{Grain: query.Users, Range: r, Period: query.Day, Measures: count},
			"SELECT date_trunc('day', occurred_at), count(DISTINCT user_id) FROM " + events("occurred_at", "user_id", "form") + " JOIN forms USING (form) WHERE tracked GROUP BY 1"},
		{"length and duration",
			query.Query{Grain: query.Conversations, Range: r, Measures: []query.Measure{
				{As: "a", Op: query.Quantile, Field: "messages", Q: 0.5}, {As: "b", Op: query.Quantile, Field: "messages", Q: 0.9}, {As: "c", Op: query.Quantile, Field: "duration_ms", Q: 0.9}}},
			"SELECT quantile_cont(messages, 0.5), quantile_disc(messages, 0.9), quantile_disc(duration_ms, 0.9) FROM conversations WHERE " + in.where("happened_at")},
		{"satisfaction a week",
			query.Query{Grain: query.Events, Range: r, Period: query.Week, WeekStart: time.Monday, Filter: query.Is("kind", query.Eq, "feedback"), Measures: []query.Measure{{As: "s", Op: query.Mean, Field: "score"}}},
			"SELECT date_trunc('week', occurred_at), avg(score) FROM " + events("occurred_at", "score", "form") + " JOIN forms USING (form) WHERE kind = 'feedback' GROUP BY 1"},
		{"components",
			query.Query{Grain: query.Events, Range: r, Filter: query.Is("action", query.Eq, "component_shown"), Breakdown: []string{"artifact_type"}, Measures: count},
			"SELECT artifact_type, count(*) FROM " + events("form") + " JOIN forms USING (form) WHERE action = 'component_shown' GROUP BY 1 ORDER BY 2 DESC"},
		{"by a property",
			query.Query{Grain: query.Events, Range: r, Breakdown: []string{"properties.plan"}, Measures: count},
			"SELECT json_extract_string(properties, '$.plan'), count(*) FROM " + events("properties") + " GROUP BY 1"},
		{"conversions",
			query.Query{Grain: query.Conversations, Range: r, Period: query.Day, Conversion: &query.Conversion{Match: query.Is("source_event", query.Eq, "Item Purchased"), Explicit: true},
				Measures: []query.Measure{{As: "n", Op: query.Count, Where: query.Is("converted", query.Eq, "true")}}},
			"SELECT date_trunc('day', happened_at), count(h.id) FROM conversations c LEFT JOIN (SELECT DISTINCT conversation_id AS id FROM " + events("conversation_id", "form") +
				" JOIN forms USING (form) WHERE source_event = 'Item Purchased') h ON h.id = c.conversation_id WHERE " + in.where("happened_at") + " GROUP BY 1"},
		{"response time",
			query.Query{Grain: query.Events, Range: r, Measures: []query.Measure{{As: "p", Op: query.Quantile, Field: "response_ms", Q: 0.9}}},
			`SELECT quantile_disc(ms, 0.9) FROM (SELECT CASE WHEN role = 'agent' AND lag(role) OVER w = 'user' THEN (epoch_us(occurred_at) - lag(epoch_us(occurred_at)) OVER w) / 1000 END AS ms FROM ` +
				events("occurred_at", "original_at", "request_seq", "batch_index", "id", "conversation_id", "form") + ` JOIN forms USING (form) WHERE kind = 'message'
				WINDOW w AS (PARTITION BY conversation_id ORDER BY occurred_at, original_at, request_seq, batch_index, id))`},
		{"text",
			query.Query{Grain: query.Conversations, Range: r, Filter: &query.Filter{Has: query.Is("body", query.Contains, "zzzz")}, Measures: count},
			"SELECT count(DISTINCT conversation_id) FROM " + events("conversation_id", "body") + " WHERE contains(lower(body), 'zzzz')"},
	}
}

// BenchmarkDashboard asks each question of a thirty-day dashboard both ways, by turns, and reports how
// much longer ours takes.
func BenchmarkDashboard(b *testing.B) {
	s, _, until := benchStore(b)
	defer s.Close()
	r := query.Range{From: until.AddDate(0, 0, -30), Until: until}
	var ours, byHand time.Duration
	for _, d := range dashboard(s.manifest, r) {
		b.Run(d.name, func(b *testing.B) {
			best, cpu := [2]time.Duration{time.Hour, time.Hour}, [2]time.Duration{time.Hour, time.Hour}
			for b.Loop() {
				for i, ask := range []func() error{
					func() error { _, err := s.Query(b.Context(), d.q); return err },
					func() error { return drain(b, s, d.sql) },
				} {
					began, before := time.Now(), cpuTime()
					if err := ask(); err != nil {
						b.Fatal(err)
					}
					best[i], cpu[i] = min(best[i], time.Since(began)), min(cpu[i], cpuTime()-before)
				}
			}
			ours, byHand = ours+best[0], byHand+best[1]
			b.ReportMetric(float64(best[0].Microseconds())/1e3, "ours-ms")
			b.ReportMetric(float64(best[1].Microseconds())/1e3, "sql-ms")
			b.ReportMetric(float64(best[0])/float64(best[1]), "ratio")
			b.ReportMetric(float64(cpu[0])/float64(cpu[1]), "cpu-ratio")
		})
	}
	b.Logf("whole dashboard: %v, by hand %v: %.2f times", ours, byHand, float64(ours)/float64(byHand))
}

func drain(b *testing.B, s *Store, sql string) error {
	rows, err := s.db.QueryContext(b.Context(), sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// BenchmarkLookup reads rows by 200 ids of different kinds, out of a hot file of DEBRIEF_BENCH_EVENTS rows of
// one day: what derivation asks again and again.
func BenchmarkLookup(b *testing.B) {
	events := 300_000
	if n, err := strconv.Atoi(os.Getenv("DEBRIEF_BENCH_EVENTS")); err == nil {
		events = n
	}
	until := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	from := until.AddDate(0, 0, -1)
	s, err := Open(b.Context(), Config{Dir: b.TempDir(), CompactEvery: -1, Now: func() time.Time { return until }})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	t := newTraffic(3, from, until.Sub(from)/time.Duration(events))
	t.traced = true
	ids := map[string][]string{}
	for done := 0; done < events; {
		puts := t.events(min(10_000, events-done))
		if _, err := s.Write(b.Context(), &eventstore.Batch{Puts: puts}); err != nil {
			b.Fatal(err)
		}
		done += len(puts)
		for _, e := range puts {
			if e.CountsUsage {
				for field, id := range map[string]string{"trace_id": e.TraceID, "conversation_id": e.ConversationID, "id": e.ID} {
					if known := ids[field]; len(known) == 0 || known[len(known)-1] != id {
						ids[field] = append(known, id)
					}
				}
			}
		}
	}
	day, message := query.Range{From: from, Until: until}, query.Is("kind", query.Eq, "message")
	for _, field := range []string{"trace_id", "conversation_id", "id"} {
		all := ids[field]
		near, scattered := all[len(all)/2:len(all)/2+200], []string(nil)
		for i := range 200 {
			scattered = append(scattered, all[i*len(all)/200])
		}
		for _, l := range []struct {
			name string
			list query.List
		}{
			{"near", query.List{Filter: query.Is(field, query.Eq, near...), Range: day}},
			{"messages", query.List{Filter: query.AllOf(query.Is(field, query.Eq, near...), message)}},
			{"scattered", query.List{Filter: query.Is(field, query.Eq, scattered...), Range: day}},
		} {
			l.list.Grain = query.Events
			b.Run(field+"/"+l.name, func(b *testing.B) { benchLookup(b, s, l.list) })
		}
	}
}

func benchLookup(b *testing.B, s *Store, l query.List) {
	rows, best := 0, time.Hour
	for b.Loop() {
		began := time.Now()
		rows = 0
		for _, err := range s.Events(b.Context(), l) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		best = min(best, time.Since(began))
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64(best.Microseconds())/1e3, "best-ms")
}

// BenchmarkReplace writes a thousand rows of traces again, with a higher revision, as derivation does when it
// has filled conversation and person in: into a hot file of DEBRIEF_BENCH_EVENTS rows.
func BenchmarkReplace(b *testing.B) {
	events := 300_000
	if n, err := strconv.Atoi(os.Getenv("DEBRIEF_BENCH_EVENTS")); err == nil {
		events = n
	}
	for _, said := range []bool{true, false} {
		b.Run(fmt.Sprintf("conversation-said=%v", said), func(b *testing.B) {
			s := openBench(b, b.TempDir())
			defer s.Close()
			t := newTraffic(4, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), 100*time.Millisecond)
			t.traced = true
			var calls []*event.Event
			for done := 0; done < events; {
				puts := t.events(10_000)
				calls = calls[:0]
				for _, e := range puts {
					if e.CountsUsage {
						c := *e
						if !said {
							e.ConversationID, e.UserID, e.AnonymousID = "", "", ""
						}
						calls = append(calls, &c)
					}
				}
				if _, err := s.Write(b.Context(), &eventstore.Batch{Puts: puts}); err != nil {
					b.Fatal(err)
				}
				done += len(puts)
			}
			calls = calls[:min(len(calls), 1000)]
			for b.Loop() {
				for _, e := range calls {
					e.Revision++
				}
				w, err := s.Write(b.Context(), &eventstore.Batch{Puts: calls})
				if err != nil || w.Stored != len(calls) {
					b.Fatalf("stored %d of %d: %v", w.Stored, len(calls), err)
				}
			}
		})
	}
}
