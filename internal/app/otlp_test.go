package app

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// exportOTLP posts OTLP in JSON and returns the answer.
func (s *server) exportOTLP(path, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.LocalURL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(testKey, "")
	req.Header.Set("Content-Type", "application/json")
	resp, text := s.send(req)
	return resp.StatusCode, text
}

// A span without an id is refused alone and can be seen; a batch that is sent again adds nothing.
func TestSpanWithoutIDIsReportedAlone(t *testing.T) {
	batch, err := os.ReadFile("../ingest/otlp/testdata/vercel.json")
	if err != nil {
		t.Fatal(err)
	}
	const id = `"spanId":"`
	at := strings.Index(string(batch), id) + len(id)
	body := string(batch[:at]) + "0000000000000000" + string(batch[at+16:])
	s := start(t, t.TempDir(), nil)
	for range 2 {
		status, answer := s.exportOTLP("/v1/traces", body)
		if status != http.StatusOK || !strings.Contains(answer, `"rejectedSpans":"1"`) || !strings.Contains(answer, "span_id is missing") {
			t.Errorf("answer is %d %s", status, answer)
		}
	}
	s.settle()
	spans := 0
	for _, e := range s.export() {
		if e.SourceEvent == "span" && e.DerivedFrom == "" {
			spans++
		}
	}
	if spans != 20 {
		t.Errorf("%d spans are stored, want 20", spans)
	}
	status, rejections := s.do(http.MethodGet, "/api/v1/rejections", "")
	if status != http.StatusOK || strings.Count(rejections, `"missing_span_id"`) != 2 {
		t.Errorf("rejections of two requests: %d %s", status, rejections)
	}
}

// Other doors keep their paths: what OpenTelemetry's serves is its own alone.
func TestOpenTelemetryPaths(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	f := func(path string, want int, wantAnswer string) {
		t.Helper()
		if got, answer := s.exportOTLP(path, `{}`); got != want || !strings.Contains(answer, wantAnswer) || want == http.StatusOK && answer != wantAnswer {
			t.Errorf("%s: got %d %s, want %d %s", path, got, answer, want, wantAnswer)
		}
	}
	for _, path := range []string{"/v1/traces", "/v1/logs", "/v1/metrics", "/otlp/v1/traces", "/api/public/otel/v1/traces", "/api/public/otel/v1/logs", "/i/v0/ai/otel"} {
		f(path, http.StatusOK, "{}")
	}
	f("/v1/profiles", http.StatusNotFound, "not_found")
}
