package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

func TestGateGivesBackWhatWasTaken(t *testing.T) {
	g := NewGate(Limits{InFlightRequests: 2, InFlightBytes: 100})
	a, ok := g.Enter(60)
	if !ok {
		t.Fatal("the first is refused")
	}
	if _, ok := g.Enter(60); ok {
		t.Error("120 of 100 bytes are let in")
	}
	b, ok := g.Enter(40)
	if !ok || b.Hold(41) {
		t.Error("exactly 100 bytes must fit, 101 must not")
	}
	if _, ok := g.Enter(0); ok {
		t.Error("a third request is let in")
	}
	a.Leave()
	if !b.Hold(100) || !b.Hold(10) {
		t.Error("room that was given back cannot be used")
	}
	b.Leave()
	if g.Requests() != 0 || g.Bytes() != 0 {
		t.Errorf("%d requests, %d bytes are left", g.Requests(), g.Bytes())
	}
}

func TestGateHoldsUnderConcurrency(t *testing.T) {
	g := NewGate(Limits{InFlightRequests: 8, InFlightBytes: 1000})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 1000 {
				if ticket, ok := g.Enter(int64(i % 300)); ok {
					ticket.Hold(int64(i % 500))
					if g.Bytes() > 1000+16*500 {
						t.Error("far beyond the bound")
					}
					ticket.Leave()
				}
			}
		})
	}
	wg.Wait()
	if g.Requests() != 0 || g.Bytes() != 0 {
		t.Errorf("%d requests, %d bytes are left", g.Requests(), g.Bytes())
	}
}

func TestRateFillsSteadily(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	r := NewRate(10)
	took := 0
	for range 50 {
		if r.Take("s", now) == 0 {
			took++
		}
	}
	if took != 10 {
		t.Errorf("%d at once, want 10", took)
	}
	if wait := r.Take("s", now); wait <= 0 || wait > 100*time.Millisecond {
		t.Errorf("told to wait %v, want up to 100ms", wait)
	}
	for range 100 {
		if now = now.Add(100 * time.Millisecond); r.Take("s", now) != 0 {
			t.Fatal("refused at the steady rate")
		}
	}
	if NewRate(0).Take("s", now) != 0 {
		t.Error("no bound refuses")
	}
}

func TestLimitsAreChecked(t *testing.T) {
	if err := (Limits{}).Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	if err := SegmentStrict().Validate(); err != nil {
		t.Errorf("strict: %v", err)
	}
	err := Limits{EventBytes: -1, Events: -2, DecodedBytes: 1 << 30, InFlightBytes: 5}.Validate()
	for _, want := range []string{"event bytes is -1", "events is -2", "decoded bytes is 1073741824", "in-flight bytes is 5"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want all faults, %q too", err, want)
		}
	}
}

func TestAnswersAreJSONWhateverTheyHold(t *testing.T) {
	for _, s := range []string{"", "plain", `"quoted" \ back`, "line\nfeed\x00\x1f\x7f", "<script>&", "é漢📈", "bad\xff"} {
		var got string
		if err := json.Unmarshal(AppendJSONString(nil, s), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
	}
	if got := AppendJSONString(nil, "</script>"); bytes.ContainsAny(got, "<>") {
		t.Errorf("markup survives: %s", got)
	}
}

// trickle gives one byte at a time.
type trickle struct{ io.Reader }

func (r trickle) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }

func TestBodyReadsWhatComesAndUsesItsBuffersAgain(t *testing.T) {
	var b Body
	l := Limits{}.WithDefaults()
	gate := NewGate(l)
	f := func(size int, announced bool) {
		t.Helper()
		text := strings.Repeat("0123456789", size/10+1)[:size]
		r := &http.Request{Header: http.Header{}, Body: io.NopCloser(trickle{strings.NewReader(text)}), ContentLength: -1}
		if announced {
			r.ContentLength = int64(size)
		}
		ticket, _ := gate.Enter(0)
		defer ticket.Leave()
		got, sent, failure := b.Read(r, &l, &ticket)
		if failure != nil || string(got) != text || sent != size {
			t.Errorf("%d bytes, announced %v: got %d, %v", size, announced, len(got), failure)
		}
		if cap(got) == len(got) {
			t.Errorf("%d bytes: no spare byte for the scanner's mark", size)
		}
	}
	for _, size := range []int{0, 1, 4094, 4095, 4096, 4097, 100_000, 1, 50_000} {
		f(size, true)
		f(size, false)
	}
}

func FuzzDecode(f *testing.F) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write([]byte(`{"batch":[]}`))
	_ = w.Close()
	f.Add("gzip", buf.Bytes())
	f.Add("deflate", []byte("\x78\x9c\x03\x00\x00\x00\x00\x01"))
	f.Add("zstd", []byte("\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"))
	f.Add("gzip, br", []byte{})
	var b Body
	f.Fuzz(func(t *testing.T, encoding string, data []byte) {
		l := Limits{BodyBytes: 1 << 16, DecodedBytes: 1 << 16}.WithDefaults()
		gate := NewGate(l)
		ticket, _ := gate.Enter(0)
		r := &http.Request{Header: http.Header{"Content-Encoding": {encoding}}, Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data))}
		text, _, failure := b.Read(r, &l, &ticket)
		if failure == nil && len(text) > l.DecodedBytes {
			t.Fatalf("%s %x: %d bytes pass the limit", encoding, data, len(text))
		}
		if failure != nil && failure.Status != 400 {
			t.Fatalf("%s %x: %v", encoding, data, failure)
		}
		if ticket.Leave(); gate.Bytes() != 0 {
			t.Fatalf("%s %x: %d bytes are held", encoding, data, gate.Bytes())
		}
	})
}
