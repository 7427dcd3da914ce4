package otlp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

func TestAnswersAreInTheRequestsEncoding(t *testing.T) {
	d := newDoor(t)
	f := func(path, contentType, body string, status int, answer string, parts ...string) {
		t.Helper()
		d.checkAnswer(d.send(path, contentType, []byte(body)), status, answer, parts...)
	}
	f("/v1/traces", jsonType, "", 200, jsonType, "{}")
	f("/v1/traces", jsonType+"; charset=utf-8", "{}", 200, jsonType, "{}")
	f("/v1/traces", protoType, "", 200, protoType)
	f("/v1/logs", jsonType, `{"resourceLogs":[]}`, 200, jsonType, "{}")
	f("//v1//logs/", jsonType, `{}`, 200, jsonType)
	f("/i/v0/ai/otel", jsonType, `{}`, 200, jsonType)
	f("/v1/traces", jsonType, "[", 400, jsonType, `{"code":3,"message":"invalid_json: the body is no traces request`)
	f("/v1/traces", protoType, "\xff\xff", 400, protoType, "\x08\x03\x12", "invalid_protobuf: ")
	f("/v1/logs", protoType, `{"resourceLogs":[]}`, 400, protoType, "needs Content-Type application/json")
	f("/v1/logs", jsonType, "\x0a\x00", 400, jsonType, "needs Content-Type application/x-protobuf")
	f("/v1/traces", "application/grpc", "x", 415, jsonType, "unsupported_media_type", "gRPC")
	f("/v1/other", protoType, "", 404, protoType, "not_found")
	for _, r := range d.requests() {
		for _, c := range r.Calls {
			if c.Reject == nil || !strings.HasPrefix(c.Reject.Code, "invalid_") || c.JSON != nil {
				t.Errorf("in the log: %+v %s", c.Reject, c.JSON)
			}
		}
	}
	if n := len(d.requests()); n != 4 {
		t.Errorf("%d refused bodies are noted, want 4", n)
	}
}

func TestKeyIsFoundWhereExportersPutIt(t *testing.T) {
	d := newDoor(t)
	f := func(status int, path string, header ...string) {
		t.Helper()
		if w := d.send(path, jsonType, []byte("{}"), header...); w.Code != status {
			t.Errorf("%s %v: got %d, want %d: %s", path, header, w.Code, status, w.Body)
		}
	}
	f(200, "/v1/traces", "Authorization", "Bearer "+key)
	f(200, "/v1/traces", "X-Write-Key", key)
	f(200, "/v1/traces", "X-Api-Key", key)
	f(200, "/v1/traces", "Api-Key", key)
	f(200, "/i/v0/ai/otel?api_key="+key, "", "")
	f(200, "/v1/traces?writeKey="+key, "", "")
	f(401, "/v1/traces", "", "")
	f(401, "/v1/traces", "Authorization", "Bearer other")
	w := d.send("/v1/traces", jsonType, []byte("{}"), "Authorization", "Bearer other")
	d.checkAnswer(w, 401, jsonType, `{"code":16,`)
}

func TestTooLargeIsMeasuredAfterDecompression(t *testing.T) {
	d := newDoor(t, func(c *Config) { c.Limits = ingest.Limits{DecodedBytes: 10_000} })
	body := []byte(`{"resourceSpans":[]` + strings.Repeat(" ", 20_000) + `}`)
	for _, sent := range [][]byte{body, zipped(t, body)} {
		r := httptest.NewRequest(http.MethodPost, "/v1/traces", bytes.NewReader(sent))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("X-Write-Key", key)
		if len(sent) < len(body) {
			r.Header.Set("Content-Encoding", "gzip")
		}
		w := httptest.NewRecorder()
		d.h.ServeHTTP(w, r)
		d.checkAnswer(w, 413, jsonType, `{"code":8,"message":"payload_too_large: `)
	}
}

func TestMetricsAreAnsweredAndNotStored(t *testing.T) {
	json := []byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"asInt":"1"},{"asInt":"2"}]}}]}]}]}`)
	md, err := new(pmetric.JSONUnmarshaler).UnmarshalMetrics(json)
	if err != nil {
		t.Fatal(err)
	}
	proto, err := new(pmetric.ProtoMarshaler).MarshalMetrics(md)
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/metrics", jsonType, json), 200, jsonType, `{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"metrics are not stored`)
	d.checkAnswer(d.send("/v1/metrics", protoType, proto), 200, protoType, "\x08\x02", "metrics are not stored")
	d.checkAnswer(d.send("/v1/metrics", protoType, nil), 200, protoType)
	if n := d.h.points.Get(); n != 4 {
		t.Errorf("%d data points counted, want 4", n)
	}
	if n := len(d.requests()); n != 0 {
		t.Errorf("%d requests in the log, want none", n)
	}
}

// full is a log that takes nothing.
type full struct{}

func (full) Append(context.Context, []byte) (eventlog.Position, error) {
	return 0, errors.New("disk is gone")
}

func TestOverloadAsksToComeBack(t *testing.T) {
	d := newDoor(t, func(c *Config) { c.Log = full{} })
	json, _ := vercel(t)
	for range 2 { // the second finds the log known to be closed
		w := d.send("/v1/traces", jsonType, json)
		d.checkAnswer(w, 429, jsonType, "log_unavailable")
		if w.Header().Get("Retry-After") == "" {
			t.Error("answer has no Retry-After")
		}
	}
}

func TestOtherMethods(t *testing.T) {
	d := newDoor(t)
	r := httptest.NewRequest(http.MethodOptions, "/v1/traces", nil)
	r.Header.Set("Origin", "https://shop.example")
	r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "https://shop.example" || w.Header().Get("Access-Control-Allow-Headers") != "authorization,content-type" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	d.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/traces", nil))
	d.checkAnswer(w, 405, jsonType, "method_not_allowed")
}

// nested is a span whose one attribute holds lists in lists.
func nested(levels int) []byte {
	wrap := func(field byte, inner []byte) []byte {
		return append(binary.AppendUvarint([]byte{field<<3 | 2}, uint64(len(inner))), inner...)
	}
	var backwards []byte // so that each level is added at the end
	add := func(field byte) {
		head := binary.AppendUvarint([]byte{field<<3 | 2}, uint64(len(backwards)))
		slices.Reverse(head)
		backwards = append(backwards, head...)
	}
	backwards = append(backwards, 1, 0x10) // a boolean
	for range levels {
		add(1)
		add(5)
	}
	slices.Reverse(backwards)
	span := wrap(1, bytes.Repeat([]byte{1}, 16))
	span = append(span, wrap(2, bytes.Repeat([]byte{1}, 8))...)
	span = append(span, wrap(9, append(wrap(1, []byte("a")), wrap(2, backwards)...))...)
	return wrap(1, wrap(2, wrap(2, span)))
}

func TestHostileBodiesAreRefusedBeforeTheyCostMemory(t *testing.T) {
	d := newDoor(t)
	d.checkAnswer(d.send("/v1/traces", protoType, nested(100)), 200, protoType)
	if c := d.calls()[0]; c.Reject != nil {
		t.Errorf("100 levels are refused: %v", c.Reject)
	}
	w := d.send("/v1/traces", protoType, nested(400))
	d.checkAnswer(w, 200, protoType, "invalid_event")
	d.checkAnswer(d.send("/v1/traces", protoType, nested(200_000)), 400, protoType, "invalid_protobuf")
	spans := binary.AppendUvarint([]byte{0x0a}, 2*(maxMessages+1))
	spans = append(spans, bytes.Repeat([]byte{0x12, 0}, maxMessages+1)...)
	d.checkAnswer(d.send("/v1/traces", protoType, spans), 400, protoType, "invalid_protobuf")
	deep := `{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":` + strings.Repeat(`{"arrayValue":{"values":[`, 100_000) + strings.Repeat(`]}}`, 100_000) + `}]}}]}`
	d.checkAnswer(d.send("/v1/traces", jsonType, []byte(deep)), 400, jsonType, "invalid_json")
}
