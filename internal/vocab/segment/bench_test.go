package segment

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

// BenchmarkMap is the cost of reading and mapping one call. The budget of the whole path from the door
// to the store is 18 µs an event; this part of it should stay below 3 µs.
func BenchmarkMap(b *testing.B) {
	f := func(name, call string) {
		b.Run(name, func(b *testing.B) {
			m := vocab.NewMapper(nil, Vocabulary{})
			in := vocabtest.Case{Call: []byte(call)}.Input()
			var e event.Event
			b.ReportAllocs()
			b.SetBytes(int64(len(call)))
			for b.Loop() {
				if err := m.Map(in, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	f("started_by_server", `{"timestamp":"2026-11-21T09:59:59.334Z","integrations":{},"type":"track","event":"Conversation Started","properties":{"conversationId":"conv-0193"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4711-8000-00000000","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`)
	f("message_by_server", `{"timestamp":"2026-11-21T09:59:59.334Z","integrations":{},"type":"track","event":"Message Received","properties":{"conversationId":"conv-0193","messageId":"m-0193-2","role":"agent","message_body":"`+answer+`"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4711-8000-00000000","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`)
	f("message_by_browser", `{"timestamp":"2026-11-21T09:59:59.334Z","integrations":{"Segment.io":true},"event":"Message Sent","type":"track","properties":{"conversationId":"conv-0193","messageId":"m-0193-1","role":"customer","message_body":"Is it a good time to buy?"},"context":{"page":{"path":"/","referrer":"","search":"?utm_source=news","title":"Copilot","url":"http://localhost:8080/?utm_source=news"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","userAgentData":{"brands":[{"brand":"Chromium","version":"156"}],"mobile":false,"platform":"Linux"},"locale":"en-US","library":{"name":"analytics.js","version":"next-1.84.3"},"campaign":{"source":"news","name":"spring"},"timezone":"UTC"},"messageId":"ajs-next-1795230369763-78db37a6-0000-4000","anonymousId":"e36378db-0000-4000-8000-000000000000","userId":null,"_metadata":{"bundled":["Segment.io"],"unbundled":[],"bundledIds":[]}}`)
	f("purchase", `{"timestamp":"2026-11-21T09:59:59.334Z","type":"track","event":"Stock Purchased","properties":{"conversationId":"conv-0193","symbol":"NVDA","price":9.5,"shares":100,"currency":"USD","value":950,"tags":["a","b"]},"userId":"user-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4711-8000-00000000"}`)
}

const answer = `Here is what I found:\n\n- NVDA closed at **141.95**, up 1.2 % on the day\n- volume was \"above average\"\n\nWould you like to see the chart of the last month, or place an order? I can also compare it with others in the sector, show the news of the week, or set an alert that tells you when the price passes a level of your choice.`
