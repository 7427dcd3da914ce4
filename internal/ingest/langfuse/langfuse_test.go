package langfuse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// keys are the sources of one write key.
type keys struct{}

func (keys) Lookup(key string) (ingest.Source, error) {
	if key != "pk-lf-test" {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{ID: "app", Workspace: "default", Name: "App", Enabled: true}, nil
}

// send sends one request to a new door and returns the answer and what the log holds then.
func send(t *testing.T, method, path, key, body string) (*httptest.ResponseRecorder, []event.Raw) {
	t.Helper()
	log := memlog.New(0)
	defer log.Close()
	made := 0
	h, err := New(Config{ingest.IntakeConfig{Sources: keys{}, Log: log, Now: func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) },
		NewID: func() string { made++; return fmt.Sprintf("made-%d", made) }}})
	if err != nil {
		t.Fatal(err)
	}
	if !h.Serves(path) {
		t.Fatalf("%s is not served", path)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth(key, "sk-lf-secret")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	rec, ok, err := log.Reader(0).TryNext()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return w, nil
	}
	req, err := event.DecodeRequest(rec.Data)
	if err != nil {
		t.Fatal(err)
	}
	if req.Protocol != "langfuse" {
		t.Errorf("the protocol is %q", req.Protocol)
	}
	return w, req.Calls
}

// batch sends items and compares the calls that are logged, or the codes of those refused.
func batch(t *testing.T, items string, want ...string) string {
	t.Helper()
	w, calls := send(t, "POST", "/api/public/ingestion", "pk-lf-test", `{"batch":[`+items+`],"metadata":{"batch_size":1}}`)
	if w.Code != http.StatusMultiStatus {
		t.Fatalf("%s: %d %s", items, w.Code, w.Body)
	}
	var got []string
	for _, c := range calls {
		if c.Reject != nil {
			got = append(got, c.Reject.Code)
			continue
		}
		var v any
		if err := json.Unmarshal(c.JSON, &v); err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(v)
		got = append(got, string(text))
	}
	for i := range want {
		var v any
		if json.Unmarshal([]byte(want[i]), &v) == nil {
			text, _ := json.Marshal(v)
			want[i] = string(text)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s\nwant -, got +:\n%s", items, d)
	}
	return w.Body.String()
}

func TestItemsBecomeCalls(t *testing.T) {
	batch(t, `{"id":"e1","type":"score-create","timestamp":"2026-11-21T09:00:00Z","body":{"id":"s1","traceId":"t1","name":"user-feedback","value":1}}`,
		`{"type":"track","event":"score-create","messageId":"e1","timestamp":"2026-11-21T09:00:00Z","properties":{"id":"s1","traceId":"t1","name":"user-feedback","value":1}}`)
	batch(t, `{"id":"e1","type":"trace-create","timestamp":"2026-11-21T09:00:01Z","body":{"id":"t1","timestamp":"2026-11-21T09:00:00Z","userId":"u1","sessionId":"c1"}}`,
		`{"type":"track","event":"trace-create","messageId":"t1:t1","userId":"u1","timestamp":"2026-11-21T09:00:00Z","properties":{"id":"t1","timestamp":"2026-11-21T09:00:00Z","userId":"u1","sessionId":"c1"}}`)
	batch(t, `{"id":"e2","type":"trace-create","timestamp":"2026-11-21T09:00:01Z","body":{"id":"t1","output":"done"}}`,
		`{"type":"track","event":"trace-create","messageId":"e2","timestamp":"2026-11-21T09:00:01Z","properties":{"id":"t1","output":"done"}}`)
	batch(t, `{"id":"e3","type":"generation-update","timestamp":"2026-11-21T09:00:01Z","body":{"id":"o1","traceId":"t1"}}`,
		`{"type":"track","event":"generation-update","messageId":"e3","timestamp":"2026-11-21T09:00:01Z","properties":{"id":"o1","traceId":"t1"}}`)
	batch(t, `{"type":"span-create","body":{"name":"x"}}`, `{"type":"track","event":"span-create","messageId":"made-1","properties":{"name":"x"}}`)
}

// An observation that is made and done within a batch is one call, with what was said last.
func TestItemsOfOneThingAreOneCall(t *testing.T) {
	got := batch(t, `{"id":"e3","type":"generation-update","body":{"id":"o1","model":"b","output":"text","name":null}},
		{"id":"e1","type":"generation-create","body":{"id":"o1","traceId":"t1","startTime":"2026-11-21T09:00:00Z","model":"a","name":"n"}},
		{"id":"e2","type":"generation-create","body":{"id":"o2","traceId":"t1"}}`,
		`{"type":"track","event":"generation-create","messageId":"t1:o1","timestamp":"2026-11-21T09:00:00Z","properties":{"id":"o1","traceId":"t1","startTime":"2026-11-21T09:00:00Z","model":"b","name":"n","output":"text"}}`,
		`{"type":"track","event":"generation-create","messageId":"t1:o2","properties":{"id":"o2","traceId":"t1"}}`)
	if want := `{"successes":[{"id":"e3","status":201},{"id":"e1","status":201},{"id":"e2","status":201}],"errors":[]}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}

func TestAnswerTellsItemByItem(t *testing.T) {
	got := batch(t, `7, {"id":"e1","type":"dataset-run-item-create","body":{}}, {"id":"e2","type":"score-create","body":[]}, {"id":"e3","type":"sdk-log","body":{}},
		{"id":"e4","type":"score-create","body":{"name":"n","value":1,"traceId":"t"}}`,
		"missing_type", "unknown_type", "invalid_event", `{"type":"track","event":"score-create","messageId":"e4","properties":{"name":"n","value":1,"traceId":"t"}}`)
	var answer struct {
		Successes []struct {
			ID     string
			Status int
		}
		Errors []struct {
			ID      string
			Status  int
			Message string
			Error   string
		}
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Successes) != 2 || answer.Successes[0].ID != "e3" || answer.Successes[1].ID != "e4" || answer.Successes[1].Status != 201 {
		t.Errorf("successes %+v", answer.Successes)
	}
	if len(answer.Errors) != 3 || answer.Errors[1].ID != "e1" || answer.Errors[1].Status != 400 || answer.Errors[1].Error != "unknown_type" || answer.Errors[1].Message == "" {
		t.Errorf("errors %+v", answer.Errors)
	}
}

func TestSingleScore(t *testing.T) {
	w, calls := send(t, "POST", "/api/public/scores", "pk-lf-test", `{"traceId":"t1","name":"thumbs","value":1}`)
	if w.Code != http.StatusOK || w.Body.String() != `{"id":"made-1"}` || len(calls) != 1 || calls[0].ID != "made-1" || calls[0].Type != "track" {
		t.Errorf("%d %s, %+v", w.Code, w.Body, calls)
	}
	w, _ = send(t, "POST", "/api/public/scores", "pk-lf-test", `{"id":"mine","name":"thumbs","value":1}`)
	if w.Body.String() != `{"id":"mine"}` {
		t.Errorf("answer %s, want the client's id", w.Body)
	}
}

func TestListOfScores(t *testing.T) {
	w, calls := send(t, "POST", "/api/public/scores", "pk-lf-test", ` [{"id":"mine","traceId":"t1","name":"thumbs","value":1},{"sessionId":"s1","name":"tone","value":"good"}]`)
	if w.Code != http.StatusAccepted || w.Body.String() != `{"message":"Accepted"}` || len(calls) != 2 || calls[0].ID != "mine" || calls[1].ID != "made-1" {
		t.Errorf("%d %s, %+v", w.Code, w.Body, calls)
	}
	w, calls = send(t, "POST", "/api/public/scores", "pk-lf-test", `[{"name":"thumbs","value":1},7]`)
	if w.Code != http.StatusMultiStatus || w.Body.String() != `{"accepted":1,"rejected":1,"errors":[{"message":"invalid_event: body must be an object"}]}` || len(calls) != 2 || calls[1].Reject == nil {
		t.Errorf("%d %s, %+v", w.Code, w.Body, calls)
	}
	if w, _ = send(t, "POST", "/api/public/scores", "pk-lf-test", `[]`); w.Code != http.StatusAccepted {
		t.Errorf("an empty list: %d %s", w.Code, w.Body)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	f := func(method, path, key, body string, status int, code string) {
		t.Helper()
		if w, _ := send(t, method, path, key, body); w.Code != status || !strings.Contains(w.Body.String(), code) {
			t.Errorf("%s %s: %d %s, want %d %s", method, path, w.Code, w.Body, status, code)
		}
	}
	f("POST", "/api/public/ingestion", "other", `{"batch":[]}`, 401, "invalid_write_key")
	f("POST", "/api/public/ingestion", "pk-lf-test", `{"batch":{}}`, 400, "invalid_json")
	f("POST", "/api/public/ingestion", "pk-lf-test", ``, 400, "invalid_json")
	f("POST", "/api/public/scores", "pk-lf-test", `7`, 400, "invalid_json")
	f("POST", "/api/public/scores", "pk-lf-test", `[{`, 400, "invalid_json")
	f("POST", "/api/public/scores", "other", `[]`, 401, "invalid_write_key")
	f("GET", "/api/public/scores", "pk-lf-test", ``, 405, "method_not_allowed")
	f("GET", "/api/public/projects", "other", ``, 401, "invalid_write_key")
}

func TestWhatClientsAskBeforeTheySend(t *testing.T) {
	if w, _ := send(t, "GET", "/api/public/health", "", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"status":"OK"`) {
		t.Errorf("health: %d %s", w.Code, w.Body)
	}
	if w, _ := send(t, "GET", "/api/public/projects", "pk-lf-test", ""); w.Code != http.StatusOK || w.Body.String() != `{"data":[{"id":"app","name":"App","metadata":{}}]}` {
		t.Errorf("projects: %d %s", w.Code, w.Body)
	}
	h := &Handler{}
	for _, p := range []string{"/api/v1/metrics", "/api/public/otel/v1/traces", "/api/public", "/ingestion"} {
		if h.Serves(p) {
			t.Errorf("%s is served", p)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"batch":[{"id":"e","type":"span-create","body":{"id":"o","traceId":"t"}},{"type":"span-update","body":{"id":"o"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, refused := decode(body)
		if refused != nil {
			return
		}
		for i := range items {
			if it := &items[i]; it.check() == nil && it.Type != "sdk-log" {
				if _, err := it.toCall("id").Raw(); err != nil {
					t.Errorf("%s: %v", body, err)
				}
			}
		}
	})
}
