package otlp

import (
	"encoding/json"
	"testing"
)

// FuzzDoor sends arbitrary bytes in both encodings to every signal. Whatever comes, the answer is one of
// OTLP's, and what is stored can be read.
func FuzzDoor(f *testing.F) {
	text, proto := vercel(f)
	f.Add(text, false, uint8(0))
	f.Add(proto, true, uint8(0))
	logs := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"kvlistValue":{"values":[{"key":"a","value":{"doubleValue":"NaN"}}]}}}]}]}]}`
	f.Add([]byte(logs), false, uint8(1))
	f.Add(logsProto(f, logs), true, uint8(1))
	f.Add(nested(2000), true, uint8(0))
	f.Add([]byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{}]}}]}]}]}`), false, uint8(2))
	f.Add([]byte("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"\xff\"}]},\"scopeSpans\":[{\"spans\":[{}]}]}]}"), false, uint8(0))
	f.Fuzz(func(t *testing.T, body []byte, inProto bool, signal uint8) {
		d := newDoor(t)
		contentType := jsonType
		if inProto {
			contentType = protoType
		}
		path := [...]string{"/v1/traces", "/v1/logs", "/v1/metrics"}[signal%3]
		w := d.send(path, contentType, body)
		if w.Header().Get("Content-Type") != contentType || w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Fatalf("answer %d %s %q", w.Code, w.Header(), w.Body)
		}
		if !inProto && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("answer is no JSON: %s", w.Body)
		}
		for _, r := range d.requests() {
			for _, c := range r.Calls {
				if c.Reject == nil && (!json.Valid(c.JSON) || c.ID == "" || c.Type != "span" && c.Type != "log") {
					t.Fatalf("stored call %q %q: %s", c.Type, c.ID, c.JSON)
				}
			}
		}
	})
}
