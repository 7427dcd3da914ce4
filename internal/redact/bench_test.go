package redact

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// ordinary is a call as analytics-node sends it, of about 650 bytes, in which nothing is to be masked.
const ordinary = `{"timestamp":"2026-11-21T03:04:26.334Z","integrations":{},"type":"track","event":"Message Sent","properties":{"conversationId":"conv-17","messageId":"m1","message_body":"What's the best stock in the Nasdaq right now? Please answer in one sentence, and say why you think so. I would also like to know what has changed since last week.","role":"customer"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-r1","anonymousId":"anon-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4d1e-b7a5-0a1b2c3d4e5f","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`

func BenchmarkCall(b *testing.B) {
	run := func(name, text string, r *Redactor) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			in := []byte(text)
			for b.Loop() {
				c := event.Raw{ID: "node-next-1795230266334-5b8aac09-fc3d-4d1e-b7a5-0a1b2c3d4e5f", JSON: in}
				r.Call("default", "web", &c)
			}
		})
	}
	masked := ordinary[:len(ordinary)-1] + `,"traits":{"email":"ann@example.com"}}`
	run("off", ordinary, with(Off, Full))
	run("structured, nothing found", ordinary, with(Structured, Full))
	run("structured, one masked", masked, with(Structured, Full))
	run("metadata", ordinary, with(Structured, Metadata))
	run("all", ordinary, with(All, Full))
}
