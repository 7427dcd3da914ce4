package otlp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// sink is a log that is always ready.
type sink struct{}

func (sink) Append(context.Context, []byte) (eventlog.Position, error) { return 1, nil }

// discard is an answer that nobody reads.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkTraces measures the whole door, but for the log, on a batch of 21 spans of an SDK, and the decoder
// alone: what the door costs is the ratio of the two in one run.
func BenchmarkTraces(b *testing.B) {
	json, proto := vercel(b)
	door := func(name, contentType, encoding string, body []byte) {
		b.Run("door/"+name, func(b *testing.B) {
			d := newDoor(b, func(c *Config) { c.Log = sink{} })
			src := bytes.NewReader(body)
			r := httptest.NewRequest(http.MethodPost, "/v1/traces", src)
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("X-Write-Key", key)
			if encoding != "" {
				r.Header.Set("Content-Encoding", encoding)
			}
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				src.Reset(body)
				r.Body = io.NopCloser(src)
				d.h.ServeHTTP(w, r)
			}
		})
	}
	decode := func(name string, read func() (ptrace.Traces, error)) {
		b.Run("decode/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	decode("proto", func() (ptrace.Traces, error) { return new(ptrace.ProtoUnmarshaler).UnmarshalTraces(proto) })
	door("proto", protoType, "", proto)
	door("proto+gzip", protoType, "gzip", zipped(b, proto))
	decode("json", func() (ptrace.Traces, error) { return new(ptrace.JSONUnmarshaler).UnmarshalTraces(json) })
	door("json", jsonType, "", json)
	door("json+gzip", jsonType, "gzip", zipped(b, json))
}
