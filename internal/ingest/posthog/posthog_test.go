package posthog

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	if key != "phc_test" {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{ID: "app", Workspace: "default", Enabled: true}, nil
}

var now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// send sends one request to a new door and returns the answer and what the log holds then.
func send(t *testing.T, method, target, contentType, body string) (*httptest.ResponseRecorder, []event.Raw) {
	t.Helper()
	log := memlog.New(0)
	defer log.Close()
	made := 0
	h, err := New(Config{ingest.IntakeConfig{Sources: keys{}, Log: log, Now: func() time.Time { return now },
		NewID: func() string { made++; return fmt.Sprintf("made-%d", made) }}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Origin", "https://shop.example")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if !h.Serves(r.URL.Path) {
		t.Fatalf("%s is not served", r.URL.Path)
	}
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
	if req.Protocol != "posthog" || req.Source != "app" {
		t.Errorf("request is of %q by %q", req.Source, req.Protocol)
	}
	return w, req.Calls
}

// one sends an event and returns its call as it was logged.
func one(t *testing.T, sent string) string {
	t.Helper()
	w, calls := send(t, "POST", "/batch/", "application/json", `{"api_key":"phc_test","batch":[`+sent+`]}`)
	if w.Code != http.StatusOK || len(calls) != 1 {
		t.Fatalf("%s: %d %s, %d calls", sent, w.Code, w.Body, len(calls))
	}
	if calls[0].Reject != nil {
		return calls[0].Reject.Code
	}
	return string(calls[0].JSON)
}

func TestEventsBecomeCalls(t *testing.T) {
	f := func(sent, want string) {
		t.Helper()
		var a, b any
		got := one(t, sent)
		if json.Unmarshal([]byte(want), &a) != nil || json.Unmarshal([]byte(got), &b) != nil || !cmp.Equal(a, b) {
			t.Errorf("%s\ngot  %s\nwant %s", sent, got, want)
		}
	}
	f(`{"event":"Order Placed","properties":{"value":3,"$lib":"posthog-node","$lib_version":"5"},"timestamp":"2026-11-21T09:00:00Z","uuid":"u-1","distinct_id":"u1"}`,
		`{"type":"track","event":"Order Placed","messageId":"u-1","userId":"u1","timestamp":"2026-11-21T09:00:00Z","properties":{"value":3,"$lib":"posthog-node","$lib_version":"5"},"context":{"library":{"name":"posthog-node","version":"5"}}}`)
	f(`{"event":"$identify","properties":{"$set":{"email":"a@b.c","n":"<1>"},"$set_once":{"first":1,"email":"old"},"$anon_distinct_id":"anon"},"uuid":"u-1","distinct_id":"u1"}`,
		`{"type":"identify","messageId":"u-1","userId":"u1","anonymousId":"anon","traits":{"email":"a@b.c","first":1,"n":"<1>"}}`)
	f(`{"event":"$identify","$set":{"email":"a@b.c"},"uuid":"u-1","distinct_id":"u1"}`, `{"type":"identify","messageId":"u-1","userId":"u1","traits":{"email":"a@b.c"}}`)
	f(`{"event":"$create_alias","properties":{"distinct_id":"u1","alias":"anon1"},"uuid":"u-1","distinct_id":"u1"}`, `{"type":"alias","messageId":"u-1","userId":"u1","previousId":"anon1"}`)
	f(`{"event":"$groupidentify","properties":{"$group_type":"company","$group_key":"acme","$group_set":{"plan":"pro"}},"uuid":"u-1","distinct_id":"$company_acme"}`,
		`{"type":"group","messageId":"u-1","groupId":"acme","traits":{"plan":"pro","group_type":"company"}}`)
	f(`{"event":"$pageview","properties":{"title":"Pricing","$current_url":"https://a/p","$session_id":"s1"},"uuid":"u-1","distinct_id":"u1"}`,
		`{"type":"page","name":"Pricing","messageId":"u-1","userId":"u1","properties":{"title":"Pricing","$current_url":"https://a/p","$session_id":"s1"},"context":{"sessionId":"s1","page":{"url":"https://a/p","title":"Pricing"}}}`)
	f(`{"event":"$screen","properties":{"$screen_name":"Home","$groups":{"company":"acme"}},"distinct_id":"u1"}`,
		`{"type":"screen","name":"Home","messageId":"made-1","userId":"u1","properties":{"$groups":{"company":"acme"}},"context":{"groupId":"acme"}}`)
	f(`{"event":"A","distinct_id":7,"offset":1500,"api_key":"phc_test","other":[1],"properties":{"token":"phc_test"}}`,
		`{"type":"track","event":"A","messageId":"made-1","userId":"7","timestamp":"2026-11-21T09:59:58.5Z","other":[1]}`)
}

// Which of the ids of a call is PostHog's one id.
func TestPersonOfAnEvent(t *testing.T) {
	f := func(name, members, user, anonymous string) {
		t.Helper()
		var got struct{ UserID, AnonymousID string }
		sent := `{"event":"` + name + `",` + members + `}`
		if err := json.Unmarshal([]byte(one(t, sent)), &got); err != nil {
			t.Fatal(err)
		}
		if got.UserID != user || got.AnonymousID != anonymous {
			t.Errorf("%s: user %q, anonymous %q; want %q, %q", sent, got.UserID, got.AnonymousID, user, anonymous)
		}
	}
	f("A", `"distinct_id":"u1"`, "u1", "")
	f("A", `"properties":{"distinct_id":"u1"}`, "u1", "")
	f("A", `"distinct_id":"d1","properties":{"$is_identified":false,"$device_id":"d0"}`, "", "d1")
	f("A", `"distinct_id":"d1","properties":{"$device_id":"d1"}`, "", "d1")
	f("A", `"distinct_id":"u1","properties":{"$is_identified":true,"$device_id":"d1","$process_person_profile":false}`, "u1", "")
	f("A", `"distinct_id":"x1","properties":{"$process_person_profile":false}`, "", "x1")
	f("A", `"distinct_id":"x1","options":{"process_person_profile":false}`, "", "x1")
	f("$ai_generation", `"distinct_id":"t1","properties":{"$process_person_profile":false,"$ai_trace_id":"t1"}`, "", "")
	f("A", `"distinct_id":"$posthog_cookieless"`, "", "")
	f("A", `"properties":{"$device_id":"d1"}`, "", "d1")
	f("$identify", `"distinct_id":"u1","properties":{"$anon_distinct_id":"d1","$device_id":"d1","$is_identified":false}`, "u1", "d1")
}

func TestEventsThatAreNoCalls(t *testing.T) {
	f := func(sent, code string) {
		t.Helper()
		if got := one(t, sent); got != code {
			t.Errorf("%s: %s, want %s", sent, got, code)
		}
	}
	f(`7`, "invalid_event")
	f(`null`, "invalid_event")
	f(`{"distinct_id":"u"}`, "missing_event_name")
	f(`{"event":"A"}`, "missing_identity")
	f(`{"event":"$groupidentify","distinct_id":"u"}`, "missing_group_id")
	f(`{"event":"$create_alias","distinct_id":"u"}`, "missing_previous_id")
	f(`{"event":"A","distinct_id":"`+strings.Repeat("a", 2000)+`"}`, "too_long_user_id")
}

// Every form of a body that PostHog's libraries send.
func TestFormsOfABody(t *testing.T) {
	single := `{"event":"A","distinct_id":"u+/é?","properties":{"token":"phc_test"}}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`[` + single + `]`))
	_ = z.Close()
	coded := base64.StdEncoding.EncodeToString([]byte(single))
	const form = "application/x-www-form-urlencoded"
	f := func(method, target, contentType, body string) {
		t.Helper()
		w, calls := send(t, method, target, contentType, body)
		if w.Code != http.StatusOK || len(calls) != 1 || calls[0].Reject != nil || !strings.Contains(string(calls[0].JSON), `"userId":"u+/é?"`) {
			t.Errorf("%s %s %.60s: %d %s, %d calls", method, target, body, w.Code, w.Body, len(calls))
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%s: a page cannot read the answer", target)
		}
	}
	f("POST", "/batch", "application/json", `{"api_key":"phc_test","batch":[{"event":"A","distinct_id":"u+/é?"}]}`)
	f("POST", "/capture/", "application/json", `{"api_key":"phc_test","event":"A","distinct_id":"u+/é?"}`)
	f("POST", "/e/", "text/plain", `[`+single+`]`)
	f("POST", "/i/v0/e/?compression=gzip-js&ver=1.2&_=1795255200000", "text/plain", zipped.String())
	f("POST", "/e/?compression=base64", form, "data="+url.QueryEscape(coded)+"&compression=base64")
	f("POST", "//track//", form, "data="+coded)
	f("POST", "/e/", "text/plain", coded)
	f("GET", "/e/?data="+url.QueryEscape(coded), "", "")
	f("POST", "/engage/?token=phc_test", "application/json", `{"$distinct_id":"u+/é?","$set":{"a":1}}`)
}

func TestTimeOfSendingIsKept(t *testing.T) {
	f := func(target, body string, want time.Time) {
		t.Helper()
		_, calls := send(t, "POST", target, "application/json", body)
		if len(calls) != 1 || !calls[0].SentAt.Equal(want) {
			t.Errorf("%s %s: %+v, want %v", target, body, calls, want)
		}
	}
	f("/batch", `{"api_key":"phc_test","sent_at":"2026-11-21T09:59:00Z","batch":[{"event":"A","distinct_id":"u"}]}`, now.Add(-time.Minute))
	f("/e?_=1795255190000", `{"api_key":"phc_test","event":"A","distinct_id":"u"}`, time.UnixMilli(1795255190000))
	f("/e", `{"api_key":"phc_test","event":"A","distinct_id":"u"}`, time.Time{})
}

func TestAddressIsThatOfAPersonsDevice(t *testing.T) {
	f := func(target, library, want string) {
		t.Helper()
		_, calls := send(t, "POST", target, "", `{"api_key":"phc_test","event":"A","distinct_id":"u","properties":{"$lib":"`+library+`"}}`)
		if len(calls) != 1 || calls[0].IP != want {
			t.Errorf("%s of %s: %+v, want the address %q", target, library, calls, want)
		}
	}
	f("/e", "web", "192.0.2.1")
	f("/e?ip=0", "web", "")
	f("/e", "posthog-node", "")
}

func TestNewestRouteAnswersEventByEvent(t *testing.T) {
	w, calls := send(t, "POST", "/i/v1/analytics/events", "", `{"api_key":"phc_test","batch":[{"event":"A","distinct_id":"u","uuid":"1"},{"event":"","distinct_id":"u","uuid":"2"}]}`)
	if len(calls) != 2 || w.Body.String() != `{"results":{"2":{"result":"drop","details":"event is missing"}}}` {
		t.Errorf("%d %s, %d calls", w.Code, w.Body, len(calls))
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	f := func(method, target, body string, status int, want string) {
		t.Helper()
		if w, _ := send(t, method, target, "", body); w.Code != status || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", method, target, body, w.Code, w.Body, status, want)
		}
	}
	f("POST", "/batch/", `{"api_key":"other","batch":[]}`, 401, "invalid_write_key")
	f("POST", "/batch/", `{"batch":[{"event":"A"}]}`, 401, "invalid_write_key")
	f("POST", "/batch/", ``, 400, "invalid_json")
	f("POST", "/batch/", `{"api_key":"phc_test","batch":{}}`, 400, "invalid_json")
	f("POST", "/e/", `!`, 400, "invalid_json")
	f("POST", "/batch/", `{"batch":[{"type":"track","event":"A","userId":"u"}],"writeKey":"phc_test"}`, 404, "did you mean /v1/batch?")
	f("POST", "/track", `{"event":"A","anonymousId":"a"}`, 404, "did you mean /v1/track?")
	f("PUT", "/batch/", ``, 405, "method_not_allowed")
	f("POST", "/array/k/config", ``, 405, "method_not_allowed")
}

// What clients ask beside sending events must not break them.
func TestHarmlessAnswers(t *testing.T) {
	f := func(method, target, want string) {
		t.Helper()
		w, calls := send(t, method, target, "", `{"api_key":"phc_unknown","distinct_id":"u"}`)
		if w.Code != http.StatusOK || calls != nil || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		if !strings.HasPrefix(w.Body.String(), "window") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s is no JSON: %s", target, w.Body)
		}
	}
	f("POST", "/flags/?v=2", `"flags":{}`)
	f("POST", "/decide/?v=3", `"featureFlags":{}`)
	f("GET", "/flags/definitions?token=x", `"flags":[]`)
	f("GET", "/array/phc_x/config", `"surveys":false`)
	f("GET", "/array/phc_%22%3C/config.js", `["phc_\"\u003c"]={config:{`)
	f("POST", "/s/", `{"status":1}`)
	w, _ := send(t, "OPTIONS", "/e/", "", "")
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
}

func TestPathsOfOtherDoorsAreLeftAlone(t *testing.T) {
	h := &Handler{}
	for _, p := range []string{"/", "/v1/batch", "/v1/track", "/api/v1/metrics", "/array/x", "/flagship", "/i/v0/ai/otel", "/static/array.js"} {
		if h.Serves(p) {
			t.Errorf("%s is served", p)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"api_key":"k","batch":[{"event":"$identify","distinct_id":"u","$set":{"a":1}}]}`), "application/json", "_=1&data=e30")
	f.Add([]byte(`data=W10`), "application/x-www-form-urlencoded", "")
	f.Fuzz(func(t *testing.T, body []byte, contentType, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Skip()
		}
		b, refused := decode(body, contentType, q)
		if refused != nil {
			return
		}
		for _, text := range b.events {
			var it item
			if json.Unmarshal(text, &it) != nil || it == nil {
				continue
			}
			c, refused := it.call(now)
			if refused != nil {
				continue
			}
			if _, err := c.Raw(); err != nil || c.Type == "" {
				t.Errorf("%s: %+v, %v", text, c, err)
			}
		}
	})
}
