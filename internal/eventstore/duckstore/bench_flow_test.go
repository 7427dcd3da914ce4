package duckstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// BenchmarkFlows asks the questions about the order of events over all that there is, by turns with the same
// in SQL by hand where that is short, and reports how much longer ours takes.
func BenchmarkFlows(b *testing.B) {
	s, _, _ := benchStore(b)
	defer s.Close()
	named := func(name string) *query.Filter { return query.Is("source_event", query.Eq, name) }
	steps := []*query.Filter{named("Message Sent"), named("Message Received"), named("Action Invoked"), named("Item Purchased")}
	funnel := func(g query.Grain, breakdown ...string) func() error {
		return func() error {
			_, err := s.Funnel(b.Context(), query.Funnel{Grain: g, Steps: steps, Breakdown: breakdown})
			return err
		}
	}
	reached := query.Query{
		Grain: query.Conversations, Measures: []query.Measure{{As: "n", Op: query.Count}},
		Filter: &query.Filter{Reached: &query.Reached{Funnel: &query.Funnel{Grain: query.Conversations, Steps: steps}, Step: 3}},
	}
	retention := query.Retention{Grain: query.Users, Period: query.Week, WeekStart: time.Monday, Periods: 8}
	paths := query.Paths{Start: "channel", Depth: 5, Limit: 12, Steps: []query.PathStep{
		{Kind: "tool", Match: query.Is("action", query.Eq, "called"), Field: "tool_name"},
		{Kind: "component", Match: query.Is("action", query.Eq, "component_shown"), Field: "artifact_type"},
	}}
	events := s.manifest.parts([]string{"conversation_id", "user_id", "occurred_at", "form"}, everything(), "")
	next := func(of, name string) string {
		return fmt.Sprintf("SELECT a.id, min(e.t) AS t FROM %s a JOIN e ON e.id = a.id AND e.t >= a.t AND e.source_event = '%s' GROUP BY a.id", of, name)
	}
	for _, d := range []struct {
		name string
		ask  func() error
		sql  string
	}{
		{"funnel of four steps", funnel(query.Conversations), `WITH e AS MATERIALIZED (SELECT conversation_id AS id, occurred_at AS t, source_event FROM ` + events + ` JOIN forms USING (form) WHERE tracked),
			a AS (SELECT id, min(t) AS t FROM e WHERE source_event = 'Message Sent' GROUP BY id), b AS (` + next("a", "Message Received") + "), c AS (" + next("b", "Action Invoked") + "), d AS (" + next("c", "Item Purchased") +
			`) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c), (SELECT count(*) FROM d)`},
		{"funnel by channel", funnel(query.Conversations, "channel"), ""},
		{"funnel per person", funnel(query.People), ""},
		{"conversations that reach a step", func() error { _, err := s.Query(b.Context(), reached); return err }, ""},
		{"retention by week", func() error { _, err := s.Retention(b.Context(), retention); return err },
			`WITH w AS (SELECT DISTINCT user_id, date_trunc('week', occurred_at) AS week FROM ` + events + ` JOIN forms USING (form) WHERE tracked AND user_id IS NOT NULL),
			f AS (SELECT user_id, min(week) AS first FROM w GROUP BY user_id) SELECT first, datediff('week', first, week), count(*) FROM f JOIN w USING (user_id) GROUP BY ALL`},
		{"paths", func() error { _, err := s.Paths(b.Context(), paths); return err }, ""},
	} {
		b.Run(d.name, func(b *testing.B) {
			ours, byHand := time.Hour, time.Hour
			for b.Loop() {
				began := time.Now()
				if err := d.ask(); err != nil {
					b.Fatal(err)
				}
				if ours = min(ours, time.Since(began)); d.sql == "" {
					continue
				}
				began = time.Now()
				if err := drain(b, s, d.sql); err != nil {
					b.Fatal(err)
				}
				byHand = min(byHand, time.Since(began))
			}
			b.ReportMetric(float64(ours.Microseconds())/1e3, "ours-ms")
			if d.sql != "" {
				b.ReportMetric(float64(byHand.Microseconds())/1e3, "sql-ms")
				b.ReportMetric(float64(ours)/float64(byHand), "ratio")
			}
		})
	}
}
