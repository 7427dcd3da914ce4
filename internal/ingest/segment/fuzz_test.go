package segment

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
)

// lastLog keeps the last record.
type lastLog struct{ record []byte }

func (l *lastLog) Append(_ context.Context, record []byte) (eventlog.Position, error) {
	l.record = bytes.Clone(record)
	return 1, nil
}

// post sends a body to a door without network and returns the answer and what was stored.
func post(t *testing.T, h *Handler, log *lastLog, path, body string) (int, string, event.Request) {
	t.Helper()
	log.record = nil
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Basic d2tfd2ViOg==")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !json.Valid(w.Body.Bytes()) {
		t.Fatalf("%s %q: the answer is no JSON: %q", path, body, w.Body.String())
	}
	var stored event.Request
	if log.record != nil {
		var err error
		if stored, err = event.DecodeRequest(log.record); err != nil {
			t.Fatalf("%s %q: the record cannot be read: %v", path, body, err)
		}
	}
	return w.Code, w.Body.String(), stored
}

func fuzzDoor(t testing.TB) (*Handler, *lastLog) {
	log := &lastLog{}
	h, err := New(Config{Sources: testKeys, Log: log, Now: func() time.Time { return testTime }, NewID: func() string { return "made" }})
	if err != nil {
		t.Fatal(err)
	}
	return h, log
}

var fuzzBodies = []string{
	batchOf(track), batchOf(track, `5`, `{}`), `{"batch":[],"context":{}}`, `{"context":{"a":{"b":1}},"batch":[{"type":"page","userId":"u","context":{"a":{"c":2}}}],"integrations":{"All":true}}`,
	`{"batch":[{"type":"page","userId":7,"writeKey":"a","x":1,"writeKey":"b"}],"writeKey":"k","sentAt":1795230544123}`, "{\"batch\":[{\"type\":\"page\",\"userId\":\"\xff\"}]}",
	`{"batch":[{"action":"identify","anonymousId":"\ud83d\ude00","messageId":"\ud800"}]}`, `{"batch":[[[[]]],null,{"type":"group","groupId":{}}]}`, `{"batch":null}`, `{"batch":[{"type":"track"`, "", "[]",
	`{"batch":[{"type":"page","userId":"u","context":null}],"context":{"library":{"name":"analytics.js"},"ip":null,"direct":true}}`, `{"b\u0061tch":[{"typ\u0065":"page","userId":"u"}]}`, `{"batch":[1],"batch":[]}`,
}

// Whatever comes in, the door's verdict is that of encoding/json, no call is lost, and what is stored can be
// read by everyone behind.
func FuzzBatch(f *testing.F) {
	for _, body := range fuzzBodies {
		f.Add(body)
	}
	h, log := fuzzDoor(f)
	f.Fuzz(func(t *testing.T, body string) {
		status, answer, stored := post(t, h, log, "/v1/batch", body)
		body = strings.TrimPrefix(body, "\ufeff")
		var env map[string]json.RawMessage
		var calls []json.RawMessage
		err := json.Unmarshal([]byte(body), &env)
		if err == nil && env["batch"] != nil {
			err = json.Unmarshal(env["batch"], &calls)
		} else if err == nil {
			calls, err = nil, errNoBatch
		}
		if (err == nil) != (status == http.StatusOK) && !strings.Contains(answer, "deep") && !strings.Contains(answer, "large") && !deep(body) {
			t.Fatalf("%q: got %d %s, encoding/json says %v", body, status, answer, err)
		}
		if status != http.StatusOK {
			return
		}
		if len(stored.Calls) != len(calls) {
			t.Fatalf("%q: %d calls are stored, want %d", body, len(stored.Calls), len(calls))
		}
		for i := range stored.Calls {
			checkStored(t, body, &stored.Calls[i], calls[i], env)
		}
	})
}

var errNoBatch = &json.SyntaxError{}

// deep reports a nesting at which encoding/json gives up.
func deep(body string) bool { return strings.Count(body, "[")+strings.Count(body, "{") > 9000 }

// checkStored compares a stored call with what encoding/json makes of the call and its envelope.
func checkStored(t *testing.T, body string, c *event.Raw, sent json.RawMessage, env map[string]json.RawMessage) {
	t.Helper()
	if c.Reject == nil && (c.ID == "" || c.Type == "" || len(c.JSON) == 0) {
		t.Fatalf("%q: accepted, but %+v", body, c)
	}
	if len(c.JSON) == 0 {
		return
	}
	if !utf8.Valid(c.JSON) || !utf8.ValidString(c.ID) {
		t.Fatalf("%q: stored %q %q, which is not UTF-8", body, c.ID, c.JSON)
	}
	var got, want map[string]any
	if err := json.Unmarshal(c.JSON, &got); err != nil {
		t.Fatalf("%q: stored %q: %v", body, c.JSON, err)
	}
	if err := json.Unmarshal(sent, &want); err != nil {
		t.Fatalf("%q: stored %q, but %q is no object", body, c.JSON, sent)
	}
	delete(want, "writeKey")
	for _, name := range []string{"context", "integrations"} {
		var shared map[string]any
		if err := json.Unmarshal(env[name], &shared); err == nil && shared != nil {
			want[name] = deepMerge(shared, want[name])
		}
	}
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(want)
	if !bytes.Equal(gotText, wantText) {
		t.Fatalf("%q: stored\n %s, want\n %s", body, gotText, wantText)
	}
}

// deepMerge is the definition: over wins, objects in both are merged; a null at the top is absence.
func deepMerge(base map[string]any, over any) any {
	if over == nil {
		return base
	}
	o, ok := over.(map[string]any)
	if !ok {
		return over
	}
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range o {
		if b, ok := out[k].(map[string]any); ok {
			if vo, ok := v.(map[string]any); ok {
				out[k] = deepMerge(b, vo)
				continue
			}
		}
		out[k] = v
	}
	return out
}

func TestBatchSeeds(t *testing.T) {
	h, log := fuzzDoor(t)
	for _, body := range fuzzBodies {
		post(t, h, log, "/v1/batch", body)
	}
}

// Single calls: never anything but 200 or 400, and what is taken in is stored.
func FuzzSingle(f *testing.F) {
	for _, body := range fuzzBodies {
		f.Add("t", body)
	}
	f.Add("g", `{"groupId":1}`)
	f.Add("alias", `{"previousId":"p"}`)
	h, log := fuzzDoor(f)
	f.Fuzz(func(t *testing.T, name, body string) {
		if callTypes[name] == "" {
			return
		}
		path := "/v1/" + name
		status, answer, stored := post(t, h, log, path, body)
		switch {
		case status == 200 && (len(stored.Calls) != 1 || stored.Calls[0].Reject != nil || stored.Calls[0].ID == ""):
			t.Fatalf("%s %q: %s, but stored %+v", path, body, answer, stored)
		case status == 400 && (len(stored.Calls) != 1 || stored.Calls[0].Reject == nil):
			t.Fatalf("%s %q: %s, but stored %+v", path, body, answer, stored)
		case status != 200 && status != 400:
			t.Fatalf("%s %q: %d %s", path, body, status, answer)
		}
		if valid := json.Valid([]byte(strings.TrimPrefix(body, "\ufeff"))); !valid && status == 200 && !deep(body) {
			t.Fatalf("%s %q: taken, but encoding/json refuses it", path, body)
		}
	})
}

func FuzzPixel(f *testing.F) {
	f.Add("data=eyJ1c2VySWQiOiJ1In0&writeKey=wk_web")
	f.Add("writeKey=wk_web&userId=u&properties.a.b=1&properties.a=2")
	f.Add("a=%zz&b;c&....=x&" + strings.Repeat("a.", 40) + "=1")
	f.Fuzz(func(t *testing.T, query string) {
		text, failure := pixelCall(query)
		if failure == nil && !strings.Contains(query, "data") && !json.Valid(text) {
			t.Fatalf("%q gives %q, which is no JSON", query, text)
		}
	})
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-11-21T03:09:04.359012823Z", "2026-11-21 03:09:04", "1795230544123", "1e12", "-1", "0x1p10", "2026-02-30T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := parseTime(s)
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && !got.Equal(want) {
			t.Fatalf("%q: got %v, want %v", s, got, want)
		}
		if got.Year() > 9999 || got.Location() != time.UTC {
			t.Fatalf("%q: got %v", s, got)
		}
	})
}
