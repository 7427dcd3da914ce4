package duckstore

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// BenchmarkPersonsRead reads the rows, with and without calls, and the conversations of some persons, and all rows
// as the measure of it: what computing traits asks again and again.
func BenchmarkPersonsRead(b *testing.B) {
	s, _, _ := benchStore(b)
	for _, decided := range []bool{false, true} {
		if decided {
			decideSome(b, s)
		}
		for _, n := range []int{1, 100, 5000} {
			var persons []string
			for i := range n {
				persons = append(persons, fmt.Sprintf("user-%06d", i*100_000/n))
			}
			of := query.Is("person", query.Eq, persons...)
			b.Run(fmt.Sprintf("decided=%v/persons=%d/rows", decided, n), func(b *testing.B) {
				benchLookup(b, s, query.List{Grain: query.Events, Filter: of})
			})
			b.Run(fmt.Sprintf("decided=%v/persons=%d/calls", decided, n), func(b *testing.B) {
				benchLookup(b, s, query.List{Grain: query.Events, Filter: of, Raw: true})
			})
			b.Run(fmt.Sprintf("decided=%v/persons=%d/conversations", decided, n), func(b *testing.B) {
				benchChats(b, s, query.List{Grain: query.Conversations, Filter: of, Limit: query.MaxPage})
			})
			b.Run(fmt.Sprintf("decided=%v/persons=%d/identities", decided, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Identities(b.Context(), persons); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("all/rows", func(b *testing.B) { benchLookup(b, s, query.List{Grain: query.Events}) })
	b.Run("all/calls", func(b *testing.B) { benchLookup(b, s, query.List{Grain: query.Events, Raw: true}) })
}

// BenchmarkPersonsAsked asks questions about people of a store in which nothing was decided, and then a twentieth.
func BenchmarkPersonsAsked(b *testing.B) {
	s, _, until := benchStore(b)
	month := query.Range{From: until.AddDate(0, 0, -30), Until: until}
	count := []query.Measure{{As: "n", Op: query.Count}}
	for _, decided := range []bool{false, true} {
		if decided {
			decideSome(b, s)
		}
		for name, q := range map[string]query.Query{
			"active": {Grain: query.People, Range: month, Period: query.Day, Measures: count},
			"new":    {Grain: query.People, Range: month, Period: query.Week, Measures: []query.Measure{{As: "n", Op: query.Count, Where: query.Is("new", query.Eq, "true")}}},
			"chats":  {Grain: query.Conversations, Range: month, Breakdown: []string{"person"}, Limit: 10, Measures: count},
		} {
			b.Run(fmt.Sprintf("decided=%v/%s", decided, name), func(b *testing.B) {
				best := time.Hour
				for b.Loop() {
					began := time.Now()
					if _, err := s.Query(b.Context(), q); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(began))
				}
				b.ReportMetric(float64(best.Microseconds())/1e3, "best-ms")
			})
		}
	}
}

// decideSome merges one user of twenty with the next, until the store is left.
func decideSome(b *testing.B, s *Store) {
	b.Helper()
	batch := &eventstore.Batch{}
	for i := 7; i < 100_000; i += 20 {
		batch.Identities = append(batch.Identities, event.Identity{Type: event.IdentityUser, ID: fmt.Sprintf("user-%06d", i), Person: fmt.Sprintf("user-%06d", i+1)})
	}
	if _, err := s.Write(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		for i := range batch.Identities {
			batch.Identities[i].Person = ""
		}
		if _, err := s.Write(context.Background(), batch); err != nil {
			b.Error(err)
		}
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
}

func benchChats(b *testing.B, s *Store, l query.List) {
	rows, best := 0, time.Hour
	for b.Loop() {
		began := time.Now()
		page, err := s.Conversations(b.Context(), l)
		if err != nil {
			b.Fatal(err)
		}
		rows, best = len(page.Conversations), min(best, time.Since(began))
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64(best.Microseconds())/1e3, "best-ms")
}
