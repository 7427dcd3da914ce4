package unity

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// sources has one key.
type sources struct{}

func (sources) Lookup(key string) (ingest.Source, error) {
	if key != "key" {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{ID: "editor", Workspace: "default", Enabled: true}, nil
}

// now is when every request is received.
func now() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }

// post sends a body and returns the answer and what the log holds of it.
func post(t *testing.T, body, key string) (*httptest.ResponseRecorder, []event.Raw) {
	t.Helper()
	log := memlog.New(0)
	defer log.Close()
	h, err := New(Config{ingest.IntakeConfig{Sources: sources{}, Log: log, Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/unity", strings.NewReader(body))
	if key != "" {
		r.SetBasicAuth(key, "")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	rec, ok, err := log.Reader(0).TryNext()
	if err != nil || !ok {
		return w, nil
	}
	req, err := event.DecodeRequest(rec.Data)
	if err != nil {
		t.Fatal(err)
	}
	if req.Protocol != Protocol || req.Source != "editor" {
		t.Errorf("request of protocol %q and source %q", req.Protocol, req.Source)
	}
	return w, req.Calls
}

func TestEventBecomesTrackCall(t *testing.T) {
	w, calls := post(t, `{"batch":[{"name":"AIAssistantContextEvent","data":{"SubType":"ExpandContext","n":1},"messageId":"m-1","userId":"u","anonymousId":7,
		"sessionId":"s","timestamp":"2026-11-21T09:59:00Z","context":{"locale":"de"},"build":"6000.3"}],"sentAt":"2026-11-21T09:59:58Z"}`, "key")
	if w.Code != http.StatusOK || w.Body.String() != `{"success":true,"accepted":1,"rejected":[]}` {
		t.Fatalf("answer %d %s", w.Code, w.Body)
	}
	const want = `{"type":"track","event":"AIAssistantContextEvent","messageId":"m-1","userId":"u","anonymousId":"7","timestamp":"2026-11-21T09:59:00Z",` +
		`"properties":{"SubType":"ExpandContext","n":1},"context":{"locale":"de","sessionId":"s"},"build":"6000.3"}`
	if len(calls) != 1 || string(calls[0].JSON) != want || calls[0].ID != "m-1" || calls[0].Type != "track" || !calls[0].SentAt.Equal(now().Add(-2*time.Second)) {
		t.Errorf("got  %+v\n%s\nwant %s", calls, calls[0].JSON, want)
	}
}

// TestExampleOfTheDocs sends the body that docs/unity.md shows.
func TestExampleOfTheDocs(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/unity.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```json\n")
	body, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/unity.md shows no body")
	}
	w, calls := post(t, body, "key")
	if w.Body.String() != `{"success":true,"accepted":1,"rejected":[]}` || len(calls) != 1 {
		t.Errorf("%s is answered %d %s", body, w.Code, w.Body)
	}
}

func TestEventAlone(t *testing.T) {
	w, calls := post(t, `{"name":"AIAssistantPluginEvent","data":{"SubType":"CallPlugin","PluginLabel":"Open"},"messageId":"m-2","writeKey":"key","sentAt":"2026-11-21T09:00:00Z"}`, "")
	if w.Code != http.StatusOK || len(calls) != 1 || calls[0].ID != "m-2" || strings.Contains(string(calls[0].JSON), "writeKey") || calls[0].SentAt.IsZero() {
		t.Errorf("answer %d %s, calls %+v", w.Code, w.Body, calls)
	}
	if _, calls = post(t, `{"name":"A","messageId":"m-3","sessionId":"s"}`, "key"); len(calls) != 1 ||
		string(calls[0].JSON) != `{"type":"track","event":"A","messageId":"m-3","properties":{},"context":{"sessionId":"s"}}` {
		t.Errorf("an event with a session alone: %+v", calls)
	}
	w, calls = post(t, "\ufeff"+`{"data":{"SubType":"x"},"writeKey":"key"}`, "")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "missing_event_name") || len(calls) != 1 || calls[0].Reject == nil ||
		string(calls[0].JSON) != `{"data":{"SubType":"x"}}` {
		t.Errorf("an event without name: answer %d %s, calls %+v", w.Code, w.Body, calls)
	}
}

// One bad event never refuses its batch.
func TestBadEventsAreListed(t *testing.T) {
	w, calls := post(t, `{"batch":[{"name":"A"},5,{"name":" "},{"name":"A","data":[]},{"name":{}},{"name":"A","messageId":"m-5","context":"x"},
		{"name":"A","userId":"`+strings.Repeat("u", 5000)+`"},{"name":"A","data":null}]}`, "key")
	var got struct {
		Success  bool
		Accepted int
		Rejected []struct {
			Index                    int
			MessageID, Code, Message string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || !got.Success || got.Accepted != 2 || len(calls) != 8 {
		t.Fatalf("answer %d %s (%v), %d calls", w.Code, w.Body, err, len(calls))
	}
	want := map[int]string{1: "invalid_event", 2: "missing_event_name", 3: "invalid_data", 4: "invalid_event_name", 5: "invalid_context", 6: "too_long_user_id"}
	for _, r := range got.Rejected {
		if want[r.Index] != r.Code || r.Message == "" || (r.Index == 5) != (r.MessageID == "m-5") {
			t.Errorf("rejected %+v, want the code %q", r, want[r.Index])
		}
		delete(want, r.Index)
	}
	if len(want) > 0 {
		t.Errorf("not rejected: %v", want)
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	f := func(body, key string, status int, code string) {
		t.Helper()
		w, calls := post(t, body, key)
		if w.Code != status || !strings.Contains(w.Body.String(), `"`+code+`"`) {
			t.Errorf("%s: got %d %s, want %d %s", body, w.Code, w.Body, status, code)
		}
		if noted := len(calls) == 1 && calls[0].Reject != nil && calls[0].JSON == nil; noted != (status == 400) {
			t.Errorf("%s: the refusal is noted: %t", body, noted)
		}
	}
	f(`{"batch":[`, "key", 400, "invalid_json")
	f(`[]`, "key", 400, "invalid_json")
	f(`null`, "key", 400, "invalid_json")
	f(`{"batch":{}}`, "key", 400, "invalid_batch")
	f(`{"name":"A"}`, "other", 401, "invalid_write_key")
	f(`{"name":"A"}`, "", 401, "invalid_write_key")
	if w, _ := post(t, `{"batch":[]}`, "key"); w.Code != http.StatusOK {
		t.Errorf("an empty batch: %d %s", w.Code, w.Body)
	}
}

// TestIDsOfEventsWithoutOne: what is sent again has the same id, and what only looks the same has not.
func TestIDsOfEventsWithoutOne(t *testing.T) {
	ids := func(body string) []string {
		t.Helper()
		_, calls := post(t, body, "key")
		var out []string
		for _, c := range calls {
			out = append(out, c.ID)
		}
		return out
	}
	const body = `{"batch":[{"name":"A","data":{"a":1,"b":{"c":1,"d":2}},"userId":"u"},{"name":"A","data":{"b":{"d":2,"c":1},"a":1},"userId":"u"},{"name":"A","data":{"a":1}}],"sentAt":"2026-11-21T09:59:58Z"}`
	first := ids(body)
	if again := ids(body); strings.Join(again, " ") != strings.Join(first, " ") {
		t.Errorf("sent again: ids %v, before %v", again, first)
	}
	seen := map[string]string{}
	for _, body := range []string{
		body,
		`{"name":"A","data":{"a":1},"sentAt":"2026-11-21T09:59:59Z"}`,
		`{"name":"B","data":{"a":1},"sentAt":"2026-11-21T09:59:59Z"}`,
		`{"name":"A","data":{"a":1},"timestamp":"2026-11-21T09:59:57Z"}`,
		`{"name":"A","data":{"a":1},"userId":"v","timestamp":"2026-11-21T09:59:57Z"}`,
		`{"name":"A","data":{"a":1},"anonymousId":"v","timestamp":"2026-11-21T09:59:57Z"}`,
		`{"name":"A","data":{"a":1.0},"timestamp":"2026-11-21T09:59:57Z"}`,
	} {
		for i, id := range ids(body) {
			if seen[id] != "" || len(id) < 16 {
				t.Errorf("event %d of %s has the id %q, as has one of %s", i, body, id, seen[id])
			}
			seen[id] = body
		}
	}
}

func TestOtherMethodsAndPaths(t *testing.T) {
	h, err := New(Config{ingest.IntakeConfig{Sources: sources{}, Log: memlog.New(0)}})
	if err != nil {
		t.Fatal(err)
	}
	f := func(method string, want int) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/v1/unity", nil))
		if w.Code != want || w.Header().Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: got %d %v, want %d", method, w.Code, w.Header(), want)
		}
	}
	f(http.MethodOptions, 204)
	f(http.MethodGet, 405)
	for p, want := range map[string]bool{"/v1/unity": true, "//v1/unity/": true, "/v1/unityx": false, "/v1": false, "/": false} {
		if h.Serves(p) != want {
			t.Errorf("serves %s: %t", p, h.Serves(p))
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a door without sources and log was made")
	}
}

// FuzzBatch feeds arbitrary bodies: whatever is taken is a call that the log can hold.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"batch":[{"name":"A","data":{"SubType":"x"},"sessionId":"s","context":{}}],"sentAt":5}`))
	f.Add([]byte(`{"name":"A","data":{"a":"\ud800"},"context":{"sessionId":null}}`))
	f.Add([]byte("{\"name\":\"A\xff\",\"data\":{\"\xff\":1}}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		w, calls := post(t, string(body), "key")
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("answer %d %s", w.Code, w.Body)
		}
		for _, c := range calls {
			if c.Reject == nil && (!json.Valid(c.JSON) || c.ID == "" || c.Type != "track") {
				t.Errorf("call %+v", c)
			}
		}
	})
}
