package segment

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// keys is a table of write keys.
type keys map[string]ingest.Source

func (k keys) Lookup(key string) (ingest.Source, error) {
	if src, ok := k[key]; ok {
		return src, nil
	}
	return ingest.Source{}, ingest.ErrUnknownKey
}

var testKeys = keys{
	"wk_web":   {ID: "src_web", Workspace: "default", Name: "Web", Enabled: true},
	"wk_go":    {ID: "src_go", Workspace: "default", Enabled: true},
	"wk_off":   {ID: "src_off", Workspace: "default"},
	`wk "odd"`: {ID: "src_odd", Workspace: "default", Enabled: true},
}

var testTime = time.Date(2026, 11, 21, 3, 4, 30, 0, time.UTC)

// door is a door with a log in memory, behind a real HTTP server.
type door struct {
	t       *testing.T
	handler *Handler
	url     string
	medium  *memlog.Medium
	log     *memlog.Log
	metrics *metrics.Set
}

func newDoor(t *testing.T, change func(*Config)) *door {
	t.Helper()
	d := &door{t: t, medium: &memlog.Medium{}, metrics: metrics.NewSet()}
	var err error
	if d.log, err = d.medium.Open(0); err != nil {
		t.Fatal(err)
	}
	var made atomic.Int64
	cfg := Config{Sources: testKeys, Log: d.log, Metrics: d.metrics,
		Now:   func() time.Time { return testTime },
		NewID: func() string { return fmt.Sprintf("made-%d", made.Add(1)) }}
	if change != nil {
		change(&cfg)
	}
	if d.handler, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(d.handler)
	t.Cleanup(func() { srv.Close(); d.log.Close() })
	d.url = srv.URL
	return d
}

// ask is a request in short: header lines are "Name: value".
type ask struct {
	method, path string
	headers      []string
	body         string
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (d *door) do(a ask) reply {
	d.t.Helper()
	if a.method == "" {
		a.method = "POST"
	}
	req, err := http.NewRequest(a.method, d.url+a.path, strings.NewReader(a.body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.URL.Opaque = "" // the path goes out as it is written
	for _, h := range a.headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		d.t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: string(body)}
}

// stored returns what the log holds.
func (d *door) stored() []event.Request {
	d.t.Helper()
	var out []event.Request
	before, _ := d.log.Bounds()
	r := d.log.Reader(before)
	for {
		rec, ok, err := r.TryNext()
		if err != nil {
			d.t.Fatal(err)
		}
		if !ok {
			return out
		}
		req, err := event.DecodeRequest(bytes.Clone(rec.Data))
		if err != nil {
			d.t.Fatal(err)
		}
		out = append(out, req)
	}
}

// calls returns all stored calls, and lastCall the newest.
func (d *door) calls() []event.Raw {
	d.t.Helper()
	var out []event.Raw
	for _, r := range d.stored() {
		out = append(out, r.Calls...)
	}
	return out
}

func (d *door) lastCall() event.Raw {
	d.t.Helper()
	all := d.calls()
	if len(all) == 0 {
		d.t.Fatal("nothing is stored")
	}
	return all[len(all)-1]
}

func basic(user string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user))
}

// sameJSON compares two texts as JSON values.
func sameJSON(t *testing.T, what, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Errorf("%s: got %q, which is no JSON: %v", what, got, err)
		return
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%s: want %q, which is no JSON: %v", what, want, err)
	}
	gotText, _ := json.Marshal(g)
	wantText, _ := json.Marshal(w)
	if !bytes.Equal(gotText, wantText) {
		t.Errorf("%s:\n got %s\nwant %s", what, gotText, wantText)
	}
}

// wantSuccess checks the answer that every SDK takes for success.
func wantSuccess(t *testing.T, what string, r reply) {
	t.Helper()
	if r.status != 200 || r.body != `{"success":true}` || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: got %d %s %q, want 200 application/json {\"success\":true}", what, r.status, r.header.Get("Content-Type"), r.body)
	}
}

// wantFailure checks status and code, and that the answer has what SDKs look for.
func wantFailure(t *testing.T, what string, r reply, status int, code string) {
	t.Helper()
	var body struct {
		Success       *bool
		Code, Message *string
	}
	if err := json.Unmarshal([]byte(r.body), &body); err != nil {
		t.Errorf("%s: got %d %q: %v", what, r.status, r.body, err)
		return
	}
	if r.status != status || body.Code == nil || *body.Code != code || body.Message == nil || *body.Message == "" || body.Success == nil || *body.Success {
		t.Errorf("%s: got %d %s, want %d with code %s", what, r.status, r.body, status, code)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Vary": "Origin", "Access-Control-Expose-Headers": "Retry-After, X-RateLimit-Reset"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: header %s is %q, want %q", what, name, got, want)
		}
	}
	if r.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s: a page could not read this answer", what)
	}
	if status == 429 && (r.header.Get("Retry-After") == "" || strings.Trim(r.header.Get("Retry-After"), "0123456789") != "") {
		t.Errorf("%s: Retry-After is %q, want whole seconds", what, r.header.Get("Retry-After"))
	}
}

func itoa(n int) string { return fmt.Sprint(n) }

// nopLog takes everything.
type nopLog struct{}

func (nopLog) Append(context.Context, []byte) (eventlog.Position, error) { return 1, nil }
