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
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/screeb"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// benchRecord is a record of 20 messages as an SDK sends them.
func benchRecord() (record []byte, calls int) {
	calls = 20
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
	return event.AppendRequest(nil, &req), calls
}

// benchPipeline is a pipeline that is fed by hand; its source has a plan, or none.
func benchPipeline(b *testing.B, enforcer *plan.Enforcer) (feed func(record []byte)) {
	p, err := New(Config{
		Workspace: "default", Log: memlog.New(0), Store: memstore.New(),
		Vocabularies: []vocab.Vocabulary{screeb.Vocabulary{}, segment.Vocabulary{}},
		BodyHash:     event.NewBodyHasher([]byte("key")).Hash,
		Plan:         func(string) *plan.Enforcer { return enforcer }, Quarantine: &ward{held: map[string]Held{}},
	})
	if err != nil {
		b.Fatal(err)
	}
	m := vocab.NewMapper(p.config.BodyHash, p.config.Vocabularies...)
	batch := new(batch)
	return func(record []byte) {
		p.add(batch, m, decode(eventlog.Record{Position: 1, Data: record}))
		if batch.calls >= p.config.MaxEvents {
			batch.reset()
		}
	}
}

// BenchmarkAdd is what the pipeline spends on an event before the store: copying the record, decoding
// it, mapping its calls with the hash of their texts.
func BenchmarkAdd(b *testing.B) {
	record, calls := benchRecord()
	feed := benchPipeline(b, nil)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		feed(record)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*calls), "ns/event")
}

// BenchmarkPlan compares the pipeline whose source has a tracking plan with the one that has none, by
// turns: what checking an event costs, and how much of the whole that is.
func BenchmarkPlan(b *testing.B) {
	document, ok := plan.Builtin("segment-copilot")
	if !ok {
		b.Fatal("no such plan")
	}
	checker, err := plan.Compile(document)
	if err != nil {
		b.Fatal(err)
	}
	enforcer, err := plan.NewEnforcer(checker, plan.Enforcement{Track: plan.Controls{Violations: plan.ActionQuarantine}}, document.Name, document.Version)
	if err != nil {
		b.Fatal(err)
	}
	record, calls := benchRecord()
	without, with := benchPipeline(b, nil), benchPipeline(b, enforcer)
	var bare, planned time.Duration
	const turns = 20 // records at a time, so that the clock is read rarely
	n := 0
	for b.Loop() {
		start := time.Now()
		for range turns {
			without(record)
		}
		middle := time.Now()
		for range turns {
			with(record)
		}
		bare, planned = bare+middle.Sub(start), planned+time.Since(middle)
		n += turns * calls
	}
	b.ReportMetric(float64(bare.Nanoseconds())/float64(n), "ns/event-without")
	b.ReportMetric(float64(planned.Nanoseconds())/float64(n), "ns/event-with")
	b.ReportMetric(float64(planned)/float64(bare), "ratio")
}
