package people

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// browserCall is what analytics.js sends of a message, 1.1 KB.
const browserCall = `{"timestamp":"2026-05-01T08:00:00Z","integrations":{"Segment.io":true},"event":"Message Sent","type":"track","userId":"user-%[1]d","anonymousId":"e36378db-%[1]d","properties":{"conversationId":"c1","role":"customer","message_body":"Which of these two plans is the one that I should take if I travel a lot, and does it matter from which country I call? I had the other one before and it was dear."},"context":{"page":{"path":"/","referrer":"","search":"?utm_source=news","title":"Copilot","url":"https://app.example/"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","userAgentData":{"brands":[{"brand":"Chromium","version":"120"}],"mobile":false,"platform":"Linux"},"locale":"en-US","library":{"name":"analytics.js","version":"next-1.84.3"},"campaign":{"source":"news","name":"spring"},"timezone":"UTC"%[2]s},"messageId":"ajs-next-1795230369763-%[1]d","sentAt":"2026-05-01T08:00:00Z"}`

// BenchmarkNote notes 10,000 rows of 1,000 people: as they come every day, with traits in each call, and of people
// who were never seen before.
func BenchmarkNote(b *testing.B) {
	for _, c := range []struct {
		name, context string
		fresh         bool
	}{{"known", "", false}, {"known with traits", `,"traits":{"email":"user-%d@example.com"}`, false}, {"new", "", true}} {
		b.Run(c.name, func(b *testing.B) {
			profiles, err := profilestore.Open(b.Context(), filepath.Join(b.TempDir(), "p.sqlite"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = profiles.Close() }()
			p, err := Open(b.Context(), Config{Store: memstore.New(), Profiles: profiles})
			if err != nil {
				b.Fatal(err)
			}
			rows := make([]*event.Event, 10_000)
			round := 0
			make := func() {
				for n := range rows {
					id, context := n%1000, c.context
					if c.fresh {
						id = round*len(rows) + n
					}
					if context != "" {
						context = fmt.Sprintf(context, id)
					}
					at := start.Add(time.Duration(round*len(rows)+n) * time.Second)
					rows[n] = &event.Event{ID: fmt.Sprint("m", round, "-", n), Source: "web", OccurredAt: at, Kind: event.KindMessage, Action: "sent",
						UserID: fmt.Sprint("user-", id), AnonymousID: fmt.Sprint("e36378db-", id), Raw: json.RawMessage(fmt.Sprintf(browserCall, id, context))}
				}
				round++
			}
			make()
			if err := p.Note(b.Context(), rows, 1); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				make()
				b.StartTimer()
				if err := p.Note(b.Context(), rows, uint64(round)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(rows)), "µs/row")
		})
	}
}
