package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/screeb"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// BenchmarkAdd is what the pipeline spends on an event before the store: copying the record, decoding
// it, mapping its calls with the hash of their texts.
func BenchmarkAdd(b *testing.B) {
	p, err := New(Config{
		Workspace: "default", Log: memlog.New(0), Store: memstore.New(),
		Vocabularies: []vocab.Vocabulary{screeb.Vocabulary{}, segment.Vocabulary{}},
		BodyHash:     event.NewBodyHasher([]byte("key")).Hash,
	})
	if err != nil {
		b.Fatal(err)
	}
	const calls = 20
	req := event.Request{Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	text := strings.Repeat("Would you like to see the chart of the last month? ", 8)
	for n := range calls {
		name, role := "Message Sent", "customer"
		if n%2 == 1 {
			name, role = "Message Received", "agent"
		}
		req.Calls = append(req.Calls, event.Raw{ID: fmt.Sprintf("node-next-1795230266334-%020d", n), Type: "track", JSON: fmt.Appendf(nil,
			`{"timestamp":"2026-11-21T09:59:59.334Z","integrations":{},"type":"track","event":%q,"properties":{"conversationId":"conv-0193","messageId":"m-0193-%d","role":%q,"message_body":%q},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-r1","messageId":"node-next-1795230266334-%020d","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`,
			name, n, role, text, n)})
	}
	record := event.AppendRequest(nil, &req)
	m := vocab.NewMapper(p.config.BodyHash, p.config.Vocabularies...)
	batch := new(batch)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		p.add(batch, m, decode(eventlog.Record{Position: 1, Data: record}))
		if n++; batch.calls >= p.config.MaxEvents {
			batch.reset()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*calls), "ns/event")
}
