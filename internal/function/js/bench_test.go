package js

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// typical is a call as browsers send it, and what people do with it: read, compute, change.
const typical = `{"type":"track","event":"Order Completed","messageId":"ajs-next-1795230369763-78db37a6","userId":"user-1","timestamp":"2026-11-21T03:04:26.334Z",` +
	`"context":{"page":{"url":"https://shop.example.com/path/to?x=1","title":"Shop"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64)","library":{"name":"analytics.js","version":"next-1.84.3"},"locale":"en-US"},` +
	`"properties":{"conversationId":"c-1","message_body":"Which of the things that you sell are the best for what I would like to do with them next summer?",` +
	`"items":[{"sku":"a","price":3.5,"quantity":1},{"sku":"b","price":7,"quantity":2},{"sku":"c","price":10.5,"quantity":3}]}}`

const typicalCode = `async function onTrack(event) {
  const p = event.properties
  p.total = p.items.reduce((sum, i) => sum + i.price * i.quantity, 0)
  p.domain = (event.context.page.url.match(/^https?:\/\/([^\/]+)/) ?? [])[1]
  delete p.message_body
  return event
}`

// BenchmarkInsert is what an insert function costs, in runs of so many calls: ns/call has the start of the
// machine in it.
func BenchmarkInsert(b *testing.B) {
	for _, n := range []int{1, 20, 100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := make([]json.RawMessage, n)
			for i := range all {
				all[i] = json.RawMessage(typical)
			}
			if err := shared.ready(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				report, err := shared.Run(b.Context(), Job{Code: typicalCode, Calls: all, Insert: true})
				if err != nil || report.Results[n-1].Err != nil {
					b.Fatal(err, report.Results)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/call")
		})
	}
}

// BenchmarkInsertInGo does the same in Go, by maps as JavaScript has them: the baseline.
func BenchmarkInsertInGo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var call map[string]any
		if err := json.Unmarshal([]byte(typical), &call); err != nil {
			b.Fatal(err)
		}
		p := call["properties"].(map[string]any)
		total := 0.0
		for _, i := range p["items"].([]any) {
			item := i.(map[string]any)
			total += item["price"].(float64) * item["quantity"].(float64)
		}
		p["total"], p["domain"] = total, "shop.example.com"
		delete(p, "message_body")
		var out bytes.Buffer
		if err := json.NewEncoder(&out).Encode(call); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuestion is a question to the server and its answer.
func BenchmarkQuestion(b *testing.B) {
	const n = 1000
	for b.Loop() {
		report, err := shared.Run(b.Context(), Job{Code: fmt.Sprintf(`async function onTrack(e) { for (let i = 0; i < %d; i++) await cache.delete('x'); return e }`, n), Calls: calls(order), Insert: true})
		if err != nil || report.Results[0].Err != nil {
			b.Fatal(err, report.Results)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/question")
}
