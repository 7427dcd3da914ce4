package segment

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/redact"
)

// nodeCall is a call as analytics-node sends it, of about 650 bytes.
const nodeCall = `{"timestamp":"2026-11-21T03:04:26.334Z","integrations":{},"type":"track","event":"Message Sent","properties":{"conversationId":"conv-%d","messageId":"m1","message_body":"What's the best stock in the Nasdaq right now? Please answer in one sentence, and say why you think so. I would also like to know what has changed since last week.","role":"customer"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-r1","anonymousId":"anon-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4d1e-b7a5-0a1b2c3d4e5f","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`

func nodeBatch(n int) string {
	calls := make([]string, n)
	for i := range calls {
		calls[i] = fmt.Sprintf(nodeCall, i)
	}
	return `{"batch":[` + strings.Join(calls, ",") + `],"writeKey":"wk_web","sentAt":"2026-11-21T03:04:26.347Z"}`
}

// sink is a ResponseWriter that forgets.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// benchDoor is a door that redacts so and logs nowhere.
func benchDoor(b *testing.B, redact redact.Func) *Handler {
	h, err := New(Config{Sources: testKeys, Log: nopLog{}, Redact: redact})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// benchRequest returns what serves one request, the same each time.
func benchRequest(b *testing.B, path, body string) (serve func(*Handler)) {
	u, err := url.Parse(path)
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(body)
	src := bytes.NewReader(text)
	r := &http.Request{Method: "POST", URL: u, Header: http.Header{"Authorization": {"Basic d2tfd2ViOg=="}, "User-Agent": {"x"}},
		Body: io.NopCloser(src), ContentLength: int64(len(text)), RemoteAddr: "127.0.0.1:1"}
	w := &sink{}
	return func(h *Handler) {
		src.Reset(text)
		w.header = http.Header{}
		if h.ServeHTTP(w, r); w.status != 0 {
			b.Fatal(w.status)
		}
	}
}

// BenchmarkRedaction compares the door with redaction to the one without, by turns, on requests of 100 calls. The ratio is
// what counts. Of each side the fastest turn is taken too: on a machine that does other work, that is the one that was let alone.
func BenchmarkRedaction(b *testing.B) {
	const calls = 100
	without := benchDoor(b, nil)
	run := func(name string, mode redact.Mode, body string) {
		with := benchDoor(b, redact.New(redact.Config{Mode: func(string) redact.Mode { return mode }, Key: make([]byte, 32)}).Call)
		serve := benchRequest(b, "/v1/batch", body)
		b.Run(name, func(b *testing.B) {
			turn := func(h *Handler, sum, least *time.Duration) {
				start := time.Now()
				serve(h)
				took := time.Since(start)
				*sum, *least = *sum+took, min(*least, took)
			}
			var bare, redacting time.Duration
			leastBare, leastRedacting := time.Hour, time.Hour
			for b.Loop() {
				turn(without, &bare, &leastBare)
				turn(with, &redacting, &leastRedacting)
			}
			b.ReportMetric(float64(leastBare.Nanoseconds())/calls, "ns/event-without")
			b.ReportMetric(float64(leastRedacting.Nanoseconds())/calls, "ns/event-with")
			b.ReportMetric(float64(leastRedacting)/float64(leastBare), "ratio")
			b.ReportMetric(float64(redacting)/float64(bare), "mean-ratio")
		})
	}
	ordinary := nodeBatch(calls)
	run("nothing found", redact.Mode{}, ordinary)
	run("one e-mail each", redact.Mode{}, strings.ReplaceAll(ordinary, "one sentence", "one mail to ann@example.com"))
	run("metadata", redact.Mode{Content: redact.Metadata}, ordinary)
	run("all", redact.Mode{Level: redact.All}, ordinary)
}

// The door without HTTP and without a log: what it adds to a bare handler. bench/ measures the whole.
func BenchmarkDoor(b *testing.B) {
	h := benchDoor(b, nil)
	run := func(name, path, body string, n int) {
		serve := benchRequest(b, path, body)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				serve(h)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
	run("single", "/v1/track", fmt.Sprintf(nodeCall, 1), 1)
	run("browser", "/v1/t", `{"writeKey":"wk_web",`+fmt.Sprintf(nodeCall, 1)[1:], 1)
	run("batch=20", "/v1/batch", nodeBatch(20), 20)
	run("batch=100", "/v1/batch", nodeBatch(100), 100)
	run("shared context=20", "/v1/batch", `{"context":{"app":{"name":"copilot"}},`+nodeBatch(20)[1:], 20)
}
