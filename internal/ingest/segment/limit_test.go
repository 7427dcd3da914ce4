package segment

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

func compress(t *testing.T, encoding, text string) string {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	var err error
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&buf)
	case "deflate":
		w = zlib.NewWriter(&buf)
	case "bare deflate":
		w, err = flate.NewWriter(&buf, 5)
	case "zstd":
		w, err = zstd.NewWriter(&buf)
	case "br":
		w = brotli.NewWriter(&buf)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestContentEncodings(t *testing.T) {
	d := newDoor(t, nil)
	f := func(header, body string) {
		t.Helper()
		for range 2 { // buffers and decoders are used again
			wantSuccess(t, header, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:"), "Content-Encoding: " + header}, body: body}))
			if got := string(d.lastCall().JSON); got != track {
				t.Errorf("%s: stored %s", header, got)
			}
		}
	}
	f("gzip", compress(t, "gzip", batchOf(track)))
	f("GZIP", compress(t, "gzip", batchOf(track)))
	f("x-gzip", compress(t, "gzip", batchOf(track)))
	f("gzip", compress(t, "gzip", batchOf(track)[:10])+compress(t, "gzip", batchOf(track)[10:])) // two members
	f("deflate", compress(t, "deflate", batchOf(track)))
	f("deflate", compress(t, "bare deflate", batchOf(track)))
	f("zstd", compress(t, "zstd", batchOf(track)))
	f("br", compress(t, "br", batchOf(track)))
	f("identity", batchOf(track))
	f("", batchOf(track))
}

func TestBodiesThatAreNotWhatTheirEncodingSays(t *testing.T) {
	d := newDoor(t, nil)
	f := func(header, body string) {
		t.Helper()
		wantFailure(t, header, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:"), "Content-Encoding: " + header}, body: body}), 400, "bad_encoding")
	}
	whole := compress(t, "gzip", batchOf(track))
	for _, n := range []int{0, 1, 9, 10, 20, len(whole) - 9, len(whole) - 1} {
		f("gzip", whole[:n])
	}
	f("gzip", batchOf(track))
	f("gzip", whole+"tail")
	f("gzip", strings.Replace(whole, whole[20:21], "\x00", 1))
	f("deflate", whole)
	f("deflate", "")
	f("zstd", whole)
	f("zstd", compress(t, "zstd", batchOf(track))[:20])
	f("br", whole)
	f("br", compress(t, "br", batchOf(track))[:20])
	f("compress", batchOf(track))
	f("gzip, gzip", compress(t, "gzip", whole))
	wantFailure(t, "gzip without its header", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: whole}), 400, "invalid_json")
	if c := d.lastCall(); c.Reject == nil {
		t.Errorf("stored %+v", c)
	}
	// The decoders are good for the next request.
	wantSuccess(t, "after faults", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:"), "Content-Encoding: gzip"}, body: whole}))
}

// Content types seen on the wire; rudder-node sends gzip JSON as a form.
func TestContentTypeMeansNothing(t *testing.T) {
	d := newDoor(t, nil)
	for _, ct := range []string{"text/plain", "application/json", "application/json;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
		wantSuccess(t, ct, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:"), "Content-Type: " + ct, "Content-Encoding: gzip"}, body: compress(t, "gzip", batchOf(track))}))
	}
}

func TestChunkedBodies(t *testing.T) {
	d := newDoor(t, nil)
	for _, n := range []int{1, 100, 5000} {
		body := batchOf(strings.TrimSuffix(strings.Repeat(track+",", n), ","))
		req, _ := http.NewRequest("POST", d.url+"/v1/b", io.MultiReader(strings.NewReader(body))) // hides the length
		req.Header.Set("Authorization", "Basic d2tfd2ViOg==")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		all := d.stored()
		if res.StatusCode != 200 || len(all[len(all)-1].Calls) != n {
			t.Errorf("%d calls: status %d", n, res.StatusCode)
		}
	}
}

func TestSizesAreBoundedApart(t *testing.T) {
	d := newDoor(t, func(c *Config) {
		c.Limits = ingest.Limits{BodyBytes: 2000, DecodedBytes: 4000, EventBytes: 1000, Events: 5}
	})
	page := func(pad int) string { return `{"type":"page","userId":"u","x":"` + strings.Repeat("p", pad) + `"}` }
	f := func(encoding, body string) reply {
		t.Helper()
		a := ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}
		if encoding != "" {
			a.headers, a.body = append(a.headers, "Content-Encoding: "+encoding), compress(t, encoding, body)
		}
		return d.do(a)
	}
	wantSuccess(t, "below all", f("", batchOf(page(500))))
	wantFailure(t, "sent too large", f("", batchOf(page(900), page(900), page(900))), 400, "payload_too_large")
	wantSuccess(t, "the same compressed", f("gzip", batchOf(page(900), page(900), page(900))))
	for _, encoding := range []string{"gzip", "deflate", "zstd", "br"} {
		wantFailure(t, encoding+" bomb", f(encoding, batchOf(page(1<<20))), 400, "payload_too_large")
	}
	p := parsePartial(t, f("gzip", batchOf(page(1), page(1500), page(1))))
	if p.Accepted != 2 || len(p.Rejected) != 1 || p.Rejected[0].Code != "payload_too_large" || p.Rejected[0].Index != 1 {
		t.Errorf("one large call: got %+v", p)
	}
	p = parsePartial(t, f("", batchOf(page(1), page(1), page(1), page(1), page(1), page(1), page(1))))
	if p.Accepted != 5 || len(p.Rejected) != 2 || p.Rejected[0].Index != 5 || p.Rejected[1].Code != "too_many_events" {
		t.Errorf("two calls too many: got %+v", p)
	}
	p = parsePartial(t, f("", batchOf(strings.TrimSuffix(strings.Repeat(page(1)+",", 30), ","))))
	if p.Accepted != 5 || len(p.Rejected) != 6 || p.Rejected[5].Index != 10 || !strings.Contains(p.Rejected[5].Message, "20 from here on") {
		t.Errorf("25 calls too many: got %+v", p)
	}
}

func TestABodyThatIsNotCompressedKeepsTheLowerLimit(t *testing.T) {
	d := newDoor(t, func(c *Config) { c.Limits = ingest.Limits{BodyBytes: 4000, DecodedBytes: 1000} })
	wantFailure(t, "2,000 bytes", d.do(ask{path: "/v1/p", headers: []string{basic("wk_web:")}, body: strings.Repeat(" ", 2000)}), 400, "payload_too_large")
}

// The official Node SDK sends single-event batches of 2 MB and batches of 1.4 MB.
func TestDefaultsTakeWhatSDKsSend(t *testing.T) {
	d := newDoor(t, nil)
	one := `{"type":"track","event":"E","userId":"u","properties":{"t":"` + strings.Repeat("x", 1_000_000) + `"}}`
	wantSuccess(t, "a call of 1 MB", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(one)}))
	wantSuccess(t, "7 MB", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(one, one, one, one, one, one, one)}))
	wantFailure(t, "9 MB", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(one, one, one, one, one, one, one, one, one)}), 400, "payload_too_large")
	wantFailure(t, "20 MB", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: strings.Repeat(" ", 20<<20)}), 400, "payload_too_large")
}

func TestStrictLimitsAreSegments(t *testing.T) {
	d := newDoor(t, func(c *Config) { c.Limits = ingest.SegmentStrict() })
	call := func(more string) string { return `{"type":"identify","userId":"u"` + more + `}` }
	f := func(call, code string) {
		t.Helper()
		p := parsePartial(t, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:"), "Content-Encoding: gzip"}, body: compress(t, "gzip", batchOf(call))}))
		if len(p.Rejected) != 1 || p.Rejected[0].Code != code {
			t.Errorf("%.60s: got %+v, want %s", call, p, code)
		}
	}
	f(call(`,"traits":{"a":"`+strings.Repeat("x", 33_000)+`"}`), "payload_too_large")
	f(call(`,"messageId":"`+strings.Repeat("x", 101)+`"`), "too_long_message_id")
	f(`{"type":"group","groupId":"`+strings.Repeat("x", 501)+`"}`, "too_long_group_id")
}

func TestPropertiesAreCounted(t *testing.T) {
	d := newDoor(t, func(c *Config) { c.Limits.Properties = 3 })
	call := func(props string) string { return `{"type":"track","event":"E","userId":"u",` + props + `}` }
	p := parsePartial(t, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(
		call(`"properties":{"a":1,"b":{"x":1,"y":2},"c":[1,2,3,4]}`), call(`"properties":{"a":1,"b":2,"c":3,"d":4}`), call(`"properties":[1,2,3,4,5]`), call(`"traits":{"a":1,"b":2,"c":3,"d":4}`))}))
	if p.Accepted != 2 || len(p.Rejected) != 2 || p.Rejected[0].Index != 1 || p.Rejected[1].Index != 3 || p.Rejected[0].Code != "too_many_properties" {
		t.Errorf("got %+v", p)
	}
}

// slowLog holds appends until it is told.
type slowLog struct {
	ingest.Log
	entered chan struct{}
	release chan struct{}
	ended   <-chan struct{} // of the test
}

func newSlowLog(t *testing.T) *slowLog {
	return &slowLog{entered: make(chan struct{}), release: make(chan struct{}), ended: t.Context().Done()}
}

func (l *slowLog) Append(ctx context.Context, record []byte) (eventlog.Position, error) {
	select {
	case l.entered <- struct{}{}:
	case <-l.release:
	case <-l.ended:
	}
	select {
	case <-l.release:
	case <-l.ended:
	}
	return l.Log.Append(ctx, record)
}

func TestPressureIsRefusedBeforeTheBodyIsRead(t *testing.T) {
	slow := newSlowLog(t)
	d := newDoor(t, func(c *Config) {
		slow.Log = c.Log
		c.Log = slow
		c.Limits.InFlightRequests = 2
	})
	done := make(chan reply, 2)
	for range 2 {
		go func() { done <- d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track}) }()
		<-slow.entered
	}
	body := &readSpy{Reader: strings.NewReader(track)}
	req, _ := http.NewRequest("POST", d.url+"/v1/t", body)
	req.ContentLength = int64(len(track))
	req.Header.Set("Expect", "100-continue") // the body is sent only if the server asks for it
	res, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 429 || res.Header.Get("Retry-After") != "1" || body.read.Load() {
		t.Errorf("got %d, Retry-After %q, body read: %v; want 429 unread", res.StatusCode, res.Header.Get("Retry-After"), body.read.Load())
	}
	wantFailure(t, "a third", d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track}), 429, "busy")
	close(slow.release)
	for range 2 {
		wantSuccess(t, "the first two", <-done)
	}
	wantSuccess(t, "after the pressure", d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track}))
}

type readSpy struct {
	io.Reader
	read atomic.Bool
}

func (r *readSpy) Read(p []byte) (int, error) {
	r.read.Store(true)
	return r.Reader.Read(p)
}

func TestBytesInFlightAreBounded(t *testing.T) {
	slow := newSlowLog(t)
	d := newDoor(t, func(c *Config) {
		slow.Log = c.Log
		c.Log = slow
		c.Limits.BodyBytes, c.Limits.DecodedBytes, c.Limits.InFlightBytes = 50_000, 50_000, 100_000
	})
	big := batchOf(`{"type":"page","userId":"u","x":"` + strings.Repeat("x", 40_000) + `"}`)
	send := func(headers ...string) reply {
		return d.do(ask{path: "/v1/b", headers: append(headers, basic("wk_web:")), body: big})
	}
	done := make(chan reply, 2)
	for range 2 {
		go func() { done <- send() }()
		<-slow.entered
	}
	wantFailure(t, "a third", send(), 429, "busy")
	wantFailure(t, "decompressed", d.do(ask{path: "/v1/b", headers: []string{basic("wk_web:"), "Content-Encoding: gzip"}, body: compress(t, "gzip", big)}), 429, "busy")
	close(slow.release)
	for range 2 {
		wantSuccess(t, "the first two", <-done)
	}
	if n := d.handler.gate.Bytes(); n != 0 {
		t.Errorf("%d bytes are held after all is done", n)
	}
}

func TestFullLogIs429AndRecovers(t *testing.T) {
	var now atomic.Int64
	d := newDoor(t, func(c *Config) { c.Now = func() time.Time { return testTime.Add(time.Duration(now.Load())) } })
	send := func() reply { return d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track}) }
	d.medium.Fill(true)
	wantFailure(t, "full", send(), 429, "log_unavailable")
	d.medium.Fill(false)
	wantFailure(t, "still within the second", send(), 429, "log_unavailable")
	now.Store(int64(2 * time.Second))
	wantSuccess(t, "later", send())
	if n := len(d.calls()); n != 1 {
		t.Errorf("%d calls are stored, want 1: only what was acknowledged", n)
	}
}

func TestFailedLogIs429(t *testing.T) {
	d := newDoor(t, nil)
	d.medium.Fail(true)
	r := d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track})
	wantFailure(t, "failed", r, 429, "log_unavailable")
}

func TestSourcesAreBoundedApart(t *testing.T) {
	var now atomic.Int64
	d := newDoor(t, func(c *Config) {
		c.Limits.RequestsPerSecond = 3
		c.Now = func() time.Time { return testTime.Add(time.Duration(now.Load())) }
	})
	send := func(key string) reply { return d.do(ask{path: "/v1/t", headers: []string{basic(key)}, body: track}) }
	for range 3 {
		wantSuccess(t, "within", send("wk_web:"))
	}
	wantFailure(t, "the fourth", send("wk_web:"), 429, "rate_limited")
	wantSuccess(t, "another source", send("wk_go:"))
	now.Store(int64(400 * time.Millisecond))
	wantSuccess(t, "a third of a second later", send("wk_web:"))
	wantFailure(t, "and one more", send("wk_web:"), 429, "rate_limited")
}

func TestCountersCountEveryExit(t *testing.T) {
	d := newDoor(t, nil)
	d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(track, track, `{}`)})
	d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: `{`})
	d.do(ask{path: "/v1/t", headers: []string{basic("nope:")}, body: track})
	var buf bytes.Buffer
	d.metrics.WritePrometheus(&buf)
	for _, want := range []string{
		`debrief_ingest_requests_total{protocol="segment",status="200"} 1`,
		`debrief_ingest_requests_total{protocol="segment",status="400"} 1`,
		`debrief_ingest_requests_total{protocol="segment",status="401"} 1`,
		`debrief_ingest_calls_accepted_total{protocol="segment"} 2`,
		`debrief_ingest_calls_rejected_total{protocol="segment",code="missing_type"} 1`,
		`debrief_ingest_refused_total{protocol="segment",code="invalid_json"} 1`,
		`debrief_ingest_refused_total{protocol="segment",code="invalid_write_key"} 1`,
		`debrief_ingest_in_flight_requests{protocol="segment"} 0`,
	} {
		if !strings.Contains(buf.String(), want+"\n") {
			t.Errorf("metrics lack %s:\n%s", want, buf.String())
		}
	}
}
