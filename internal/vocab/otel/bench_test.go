package otel

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

// BenchmarkMap maps the spans of the AI SDK's cases, one after the other.
func BenchmarkMap(b *testing.B) {
	for _, c := range vocabtest.Cases(b, "testdata") {
		switch c.Name {
		case "vercel/v7_chat", "vercel/v7_step", "vercel/v7_agent", "vercel/v7_tool", "vercel/legacy_do_stream", "others/openllmetry_chat":
		default:
			continue
		}
		b.Run(c.Name, func(b *testing.B) {
			m, e := vocab.NewMapper(nil, Vocabulary{}), new(event.Event)
			in := c.Input()
			b.ReportAllocs()
			for b.Loop() {
				if err := m.Map(in, e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
