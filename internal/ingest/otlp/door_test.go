package otlp

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

const key = "wk_app"

// oneKey is the sources of a workspace with one write key.
type oneKey string

func (k oneKey) Lookup(key string) (ingest.Source, error) {
	if key != string(k) {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{ID: "app", Workspace: "default", Enabled: true}, nil
}

// door is the door with a log to look into.
type door struct {
	t   testing.TB
	h   *Handler
	log *memlog.Log
}

func newDoor(t testing.TB, change ...func(*Config)) *door {
	t.Helper()
	log := memlog.New(0)
	t.Cleanup(func() { log.Close() })
	cfg := Config{ingest.IntakeConfig{
		Sources: oneKey(key), Log: log, NewID: func() string { return "made" },
		Now: func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) },
	}}
	for _, f := range change {
		f(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &door{t, h, log}
}

// send posts a body with the write key.
func (d *door) send(path, contentType string, body []byte, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(key+":secret")))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del("Authorization")
		if headers[i] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	return w
}

const (
	protoType = "application/x-protobuf"
	jsonType  = "application/json"
)

// requests returns what the log holds.
func (d *door) requests() []event.Request {
	d.t.Helper()
	var all []event.Request
	r := d.log.Reader(0)
	for {
		rec, ok, err := r.TryNext()
		if err != nil {
			d.t.Fatal(err)
		}
		if !ok {
			return all
		}
		req, err := event.DecodeRequest(rec.Data)
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, req)
	}
}

// calls returns the calls of the last request.
func (d *door) calls() []event.Raw {
	d.t.Helper()
	all := d.requests()
	if len(all) == 0 {
		d.t.Fatal("nothing is in the log")
	}
	return all[len(all)-1].Calls
}

// vercel is a batch of 21 spans as an SDK sent it, in both encodings.
func vercel(t testing.TB) (json, proto []byte) {
	t.Helper()
	json, err := os.ReadFile("testdata/vercel.json")
	if err != nil {
		t.Fatal(err)
	}
	return json, tracesProto(t, json)
}

func tracesProto(t testing.TB, json []byte) []byte {
	t.Helper()
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(json)
	if err != nil {
		t.Fatal(err)
	}
	proto, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	return proto
}

func logsProto(t testing.TB, json string) []byte {
	t.Helper()
	ld, err := new(plog.JSONUnmarshaler).UnmarshalLogs([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	proto, err := new(plog.ProtoMarshaler).MarshalLogs(ld)
	if err != nil {
		t.Fatal(err)
	}
	return proto
}

func zipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checkAnswer checks status, type and text of an answer.
func (d *door) checkAnswer(w *httptest.ResponseRecorder, status int, contentType string, parts ...string) {
	d.t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != contentType {
		d.t.Errorf("got %d %s, want %d %s; body %q", w.Code, w.Header().Get("Content-Type"), status, contentType, w.Body)
	}
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
			d.t.Errorf("answer %q lacks %q", w.Body, part)
		}
	}
}

func TestBothEncodingsMakeTheSameCalls(t *testing.T) {
	json, proto := vercel(t)
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/traces", jsonType, json), 200, jsonType)
	first := d.calls()
	w := d.send("/v1/traces", protoType, zipped(t, proto), "Content-Encoding", "gzip")
	d.checkAnswer(w, 401, protoType, "invalid_write_key")
	r := httptest.NewRequest(http.MethodPost, "/otlp/v1/traces", bytes.NewReader(zipped(t, proto)))
	r.Header.Set("Content-Type", protoType)
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Authorization", "Bearer "+key)
	w = httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	d.checkAnswer(w, 200, protoType)
	if w.Body.Len() != 0 {
		t.Errorf("full success is answered %q, want no bytes", w.Body)
	}
	second := d.calls()
	if len(first) != 21 || len(second) != 21 {
		t.Fatalf("%d and %d calls, want 21", len(first), len(second))
	}
	for i := range first {
		if first[i].ID != second[i].ID || !bytes.Equal(first[i].JSON, second[i].JSON) {
			t.Errorf("call %d differs\njson  %s\nproto %s", i, first[i].JSON, second[i].JSON)
		}
	}
}

func TestSpanBecomesCall(t *testing.T) {
	d := newDoor(t)
	d.send("/v1/traces", jsonType, []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
	 "scopeSpans":[{"scope":{"name":"lib","version":"1","attributes":[{"key":"a","value":{"boolValue":true}}]},"spans":[{
	 "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"eee19b7ec3c1b173","name":"chat \"x\"","kind":3,"flags":768,"traceState":"k=v",
	 "startTimeUnixNano":"1795255200123456789","endTimeUnixNano":1795255201000000000,"unknownField":1,"droppedAttributesCount":2,
	 "attributes":[{"key":"i","value":{"intValue":"9007199254740993"}},{"key":"f","value":{"doubleValue":0.5}},{"key":"n","value":{"doubleValue":"NaN"}},
	   {"key":"l","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{}]}}},{"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":false}}]}}},
	   {"key":"b","value":{"bytesValue":"AQI="}},{"key":"none"}],
	 "events":[{"name":"exception","timeUnixNano":"1795255200500000000","attributes":[{"key":"exception.type","value":{"stringValue":"E"}}]}],
	 "links":[{"traceId":"5b8efff798038103d269b633813fc60d","spanId":"eee19b7ec3c1b175"}],
	 "status":{"code":2,"message":"no"}}]}]}]}`))
	want := `{"type":"span","name":"chat \"x\"","messageId":"5b8efff798038103d269b633813fc60c:eee19b7ec3c1b174","timestamp":"2026-11-21T10:00:00.123456789Z",` +
		`"properties":{"i":9007199254740993,"f":0.5,"n":"NaN","l":["a",1,null],"m":{"k":false},"b":"AQI=","none":null},` +
		`"context":{"library":{"name":"otlp"},"resource":{"service.name":"shop"},"scope":{"name":"lib","version":"1","attributes":{"a":true}}},` +
		`"trace":{"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","parent_span_id":"eee19b7ec3c1b173","kind":"client","end":"2026-11-21T10:00:01Z",` +
		`"status":{"code":"error","message":"no"},"events":[{"name":"exception","time":"2026-11-21T10:00:00.5Z","attributes":{"exception.type":"E"}}],` +
		`"links":[{"trace_id":"5b8efff798038103d269b633813fc60d","span_id":"eee19b7ec3c1b175"}],"remote_parent":true,"trace_state":"k=v","dropped_attributes":2}}`
	call := d.calls()[0]
	if got := string(call.JSON); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if call.Type != "span" || call.ID != "5b8efff798038103d269b633813fc60c:eee19b7ec3c1b174" || len(call.Repairs) != 0 {
		t.Errorf("call is %q %q, repairs %v", call.Type, call.ID, call.Repairs)
	}
}

func TestLogRecordBecomesCall(t *testing.T) {
	const record = `{"timeUnixNano":"1795255200000000000","observedTimeUnixNano":"1795255209000000000","severityNumber":9,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
	 "attributes":[{"key":"event.name","value":{"stringValue":"gen_ai.choice"}}],"body":{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"Hi"}}]}}}`
	const later = `{"observedTimeUnixNano":"1795255209000000000","eventName":"gen_ai.user.message","body":{"stringValue":"x"}}`
	body := `{"resourceLogs":[{"scopeLogs":[{"scope":{"name":"s"},"logRecords":[` + record + `,` + record + `,` + later + `,{}]}]}]}`
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/logs", jsonType, []byte(body)), 200, jsonType)
	first := d.calls()
	d.checkAnswer(d.send("/api/public/otel/v1/logs", protoType, logsProto(t, body)), 200, protoType)
	again := d.calls()
	want := `{"type":"log","name":"gen_ai.choice","timestamp":"2026-11-21T10:00:00Z","properties":{"event.name":"gen_ai.choice"},` +
		`"context":{"library":{"name":"otlp"},"resource":{},"scope":{"name":"s"}},"trace":{"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174"},` +
		`"body":{"content":"Hi"},"severity":"Info","messageId":"` + first[0].ID + `"}`
	if got := string(first[0].JSON); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !strings.Contains(string(first[2].JSON), `"timestamp":"2026-11-21T10:00:09Z"`) {
		t.Errorf("without a time, when it was observed should stand: %s", first[2].JSON)
	}
	if first[0].ID == first[1].ID || first[0].ID == first[2].ID || !strings.HasPrefix(first[1].ID, first[0].ID) {
		t.Errorf("records of one request are not told apart: %q %q %q", first[0].ID, first[1].ID, first[2].ID)
	}
	if first[3].ID != "made" || len(first[3].Repairs) != 1 {
		t.Errorf("a record without a time has id %q, repairs %v; want one made, and a repair", first[3].ID, first[3].Repairs)
	}
	for i := range 3 {
		if first[i].ID != again[i].ID {
			t.Errorf("sent again, record %d has id %q, not %q", i, again[i].ID, first[i].ID)
		}
	}
}

func TestOneBadSpanDoesNotCostTheBatch(t *testing.T) {
	json, _ := vercel(t)
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(json)
	if err != nil {
		t.Fatal(err)
	}
	bad := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(7)
	bad.SetSpanID(pcommon.SpanID{})
	json, err = new(ptrace.JSONMarshaler).MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	const message = "1 of 21 spans refused; the first: missing_span_id: span_id is missing or zero"
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/traces", jsonType, json), 200, jsonType, `{"partialSuccess":{"rejectedSpans":"1","errorMessage":"`+message)
	good, bads := 0, 0
	for i, c := range d.calls() {
		switch {
		case c.Reject == nil:
			good++
		case i != 7 || c.Reject.Code != "missing_span_id" || !bytes.Contains(c.JSON, []byte(`"type":"span"`)):
			t.Errorf("call %d is refused: %+v, kept as %s", i, c.Reject, c.JSON)
		default:
			bads++
		}
	}
	if good != 20 || bads != 1 {
		t.Errorf("%d stored and %d refused, want 20 and 1", good, bads)
	}
	w := d.send("/v1/traces", protoType, tracesProto(t, json))
	d.checkAnswer(w, 200, protoType, message)
	if got := w.Body.Bytes(); !bytes.HasPrefix(got, []byte{0x0a}) || !bytes.Equal(got[2:4], []byte{0x08, 1}) && !bytes.Equal(got[3:5], []byte{0x08, 1}) {
		t.Errorf("partial success in protobuf is % x", got)
	}
}

// What is no id in JSON is as good as none.
func TestOneBadIDDoesNotCostTheBatch(t *testing.T) {
	json, _ := vercel(t)
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(json)
	if err != nil {
		t.Fatal(err)
	}
	id := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(7).SpanID().String()
	for _, bad := range []string{id[:15], id + "00", "not-hex-at-all!!"} {
		d := newDoor(t)
		text := bytes.ReplaceAll(json, []byte(`"spanId":"`+id+`"`), []byte(`"spanId":"`+bad+`"`))
		if bytes.Equal(text, json) {
			t.Fatal("the request was not changed")
		}
		d.checkAnswer(d.send("/v1/traces", jsonType, text), 200, jsonType, `"rejectedSpans":"1"`, "missing_span_id")
		if n := len(d.calls()); n != 21 {
			t.Errorf("id %q: %d calls are kept, want 21", bad, n)
		}
	}
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/traces", jsonType, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"x","kind":"odd"}]}]}]}`)), 400, jsonType)
}

// In JSON, nothing of a request for logs is known to the traces: it would be lost without a word.
func TestLogsSentToTheTracesAreRefused(t *testing.T) {
	json := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"gen_ai.choice"},{"eventName":"gen_ai.choice"}]}]}]}`
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/traces", jsonType, []byte(json)), 200, jsonType, `"rejectedSpans":"2"`, "/v1/logs")
	if calls := d.calls(); len(calls) != 2 || calls[0].Reject == nil || calls[1].Reject == nil || len(calls[1].JSON) == 0 {
		t.Errorf("calls %+v", calls)
	}
	d.checkAnswer(d.send("/v1/traces", jsonType, []byte(`{"resourceLogs":7}`)), 200, jsonType, "{}")
}

// Requests at one time share nothing: each finds its own spans in the log, whole.
func TestRequestsAtOneTimeAreKeptApart(t *testing.T) {
	json, _ := vercel(t)
	d := newDoor(t)
	const senders, each = 8, 10
	var wg sync.WaitGroup
	for i := range senders {
		mine := bytes.ReplaceAll(json, []byte("Settings page"), []byte(fmt.Sprintf("Settings %c%c%c%c", 'a'+i, 'a'+i, 'a'+i, 'a'+i)))
		wg.Go(func() {
			for range each {
				if w := d.send("/v1/traces", jsonType, mine); w.Code != 200 {
					t.Errorf("answer %d %s", w.Code, w.Body)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, r := range d.requests() {
		whole := ""
		for _, c := range r.Calls {
			if c.Reject != nil {
				t.Fatalf("refused: %v", c.Reject)
			}
			whole += string(c.JSON)
		}
		seen[whole]++
	}
	if len(seen) != senders {
		t.Errorf("%d different requests are stored, want %d", len(seen), senders)
	}
	for _, n := range seen {
		if n != each {
			t.Errorf("a request is stored %d times, want %d", n, each)
		}
	}
}
