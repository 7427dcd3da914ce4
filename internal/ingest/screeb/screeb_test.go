package screeb

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/debrief-dev/debrief/internal/event"
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

// rig is a door with a log in memory.
type rig struct {
	t    *testing.T
	door *Handler
	log  *memlog.Log
	read int // records
}

func newRig(t *testing.T, tag fs.FS) *rig {
	t.Helper()
	r := &rig{t: t, log: memlog.New(0)}
	t.Cleanup(func() { _ = r.log.Close() })
	made := 0
	door, err := New(Config{Tag: tag, IntakeConfig: ingest.IntakeConfig{
		Log: r.log,
		Sources: keys{
			"site": {ID: "web", Workspace: "default", Enabled: true},
			"shy":  {ID: "shy", Workspace: "default", Enabled: true, IgnoreAnonymous: true},
			"off":  {ID: "off", Workspace: "default"},
		},
		NewID: func() string { made++; return fmt.Sprintf("made-%d", made) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.door = door
	return r
}

func (r *rig) do(method, path, body string, headers ...string) *http.Response {
	r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	if !r.door.Serves(req.URL.Path) {
		r.t.Fatalf("%s is not served", path)
	}
	w := httptest.NewRecorder()
	r.door.ServeHTTP(w, req)
	return w.Result()
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// logged returns the calls of the requests since it was last called.
func (r *rig) logged() []event.Raw {
	r.t.Helper()
	var calls []event.Raw
	reader := r.log.Reader(0)
	for n := 0; ; n++ {
		rec, ok, err := reader.TryNext()
		if err != nil {
			r.t.Fatal(err)
		}
		if !ok {
			r.read = n
			return calls
		}
		if n < r.read {
			continue
		}
		req, err := event.DecodeRequest(rec.Data)
		if err != nil {
			r.t.Fatal(err)
		}
		if req.Protocol != "screeb" || req.Source == "" {
			r.t.Errorf("request of %q %q", req.Protocol, req.Source)
		}
		calls = append(calls, req.Calls...)
	}
}

func TestEveryTypeOfItemBecomesACall(t *testing.T) {
	r := newRig(t, nil)
	f := func(item, want string) {
		t.Helper()
		for _, body := range []string{item, "[" + item + "]"} { // one alone is taken as well
			resp := r.do("POST", "/1.0/event", body, "Authorization: Bearer site")
			if got := text(t, resp); resp.StatusCode != 200 || got != `{"success":true,"accepted":1}` {
				t.Errorf("%s: %d %s", body, resp.StatusCode, got)
			}
			calls := r.logged()
			if len(calls) != 1 || calls[0].Reject != nil {
				t.Fatalf("%s: logged %+v", body, calls)
			}
			got := strings.ReplaceAll(string(calls[0].JSON), calls[0].ID, "ID")
			if got != want || !strings.HasPrefix(calls[0].ID, "made-") {
				t.Errorf("%s:\ngot  %s\nwant %s", body, got, want)
			}
		}
	}
	f(`{"type":"identify","user_alias":"ada","properties":{"age":36,"left":null}}`,
		`{"type":"identify","messageId":"ID","userId":"ada","traits":{"age":36,"left":null}}`)
	f(`{"type":"identify","user_alias":42}`, `{"type":"identify","messageId":"ID","userId":"42"}`)
	f(`{"type":"track","user_alias":"ada","event_name":"Signed up","context":{"locale":"fr-FR","timezone":"Europe/Paris"}}`,
		`{"type":"track","event":"Signed up","messageId":"ID","userId":"ada","context":{"locale":"fr-FR","timezone":"Europe/Paris"}}`)
	f(`{"type":"track","event_name":"Seen"}`, `{"type":"track","event":"Seen","messageId":"ID","anonymousId":"ID"}`)
	f(`{"type":"copilot","user_alias":"ada","event_name":"screeb_copilot_user_prompt","properties":{"prompt":"Hi","conversation_id":"c"}}`,
		`{"type":"track","event":"screeb_copilot_user_prompt","messageId":"ID","userId":"ada","properties":{"prompt":"Hi","conversation_id":"c"}}`)
	f(`{"type":"copilot","user_alias":"ada","event_name":"e","name":"outside","properties":{"name":"inside"}}`,
		`{"type":"track","event":"e","messageId":"ID","userId":"ada","properties":{"name":"inside"},"name":"outside"}`)
	f(`{"type":"copilot","user_alias":"ada","name":"screeb_copilot_response","response":"Hello","agent_id":"a"}`,
		`{"type":"track","event":"screeb_copilot_response","messageId":"ID","userId":"ada","properties":{"agent_id":"a","response":"Hello"}}`)
	f(`{"type":"copilot","user_alias":"ada","event_name":"screeb_copilot_conversion","name":"Bought"}`,
		`{"type":"track","event":"screeb_copilot_conversion","messageId":"ID","userId":"ada","properties":{"name":"Bought"}}`)
	f(`{"type":"group.assign","user_alias":"ada","group_type":"company","group_name":"acme","properties":{"city":"Paris"}}`,
		`{"type":"group","messageId":"ID","userId":"ada","groupId":"acme","traits":{"city":"Paris","group_type":"company"}}`)
	f(`{"type":"group.assign","user_alias":"ada","group_type":null,"group_name":"acme"}`, `{"type":"group","messageId":"ID","userId":"ada","groupId":"acme"}`)
	f(`{"type":"group.unassign","user_alias":"ada","group_type":"company","group_name":"acme"}`,
		`{"type":"track","event":"Group Unassigned","messageId":"ID","userId":"ada","properties":{"groupId":"acme","group_type":"company"}}`)
	f(`{"type":"page","user_alias":"ada","url":"https://a.example/x","properties":{"title":"X"}}`,
		`{"type":"page","messageId":"ID","userId":"ada","properties":{"title":"X","url":"https://a.example/x"}}`)
	f(`{"type":"screen","user_alias":"ada","screen_name":"Home"}`, `{"type":"screen","name":"Home","messageId":"ID","userId":"ada"}`)
	f(`{"type":"track","user_alias":"ada","event_name":"More","source":"crm"}`, `{"type":"track","event":"More","messageId":"ID","userId":"ada","source":"crm"}`)
}

func TestOwnIdOfAnItemIsKept(t *testing.T) {
	r := newRig(t, nil)
	const body = `[{"type":"track","event_name":"A","message_id":"order-17","timestamp":"2026-11-20T10:00:00Z"}]`
	for range 2 {
		r.do("POST", "/1.0/event", body, "Authorization: Bearer site")
	}
	calls := r.logged()
	if len(calls) != 2 || calls[0].ID != "order-17" || string(calls[0].JSON) != string(calls[1].JSON) ||
		string(calls[0].JSON) != `{"type":"track","event":"A","messageId":"order-17","anonymousId":"order-17","timestamp":"2026-11-20T10:00:00Z"}` {
		t.Errorf("logged %s", calls[0].JSON)
	}
}

func TestOneBadItemNeverRefusesTheOthers(t *testing.T) {
	r := newRig(t, nil)
	bad := []string{
		`{"type":"track"}`, `{"type":"track","event_name":{}}`, `{"event_name":"x"}`, `{"type":"survey"}`, `7`, `null`,
		`{"type":"identify","user_alias":[]}`, `{"type":"group.assign","user_alias":"a"}`, `{"type":"screen"}`,
		`{"type":"track","event_name":"x","properties":[]}`, `{"type":"track","event_name":"` + strings.Repeat("x", 2000) + `"}`,
	}
	codes := []string{
		"missing_event_name", "invalid_event_name", "missing_type", "unknown_type", "invalid_event", "invalid_event",
		"invalid_user_alias", "missing_group_id", "missing_screen_name", "invalid_properties", "too_long_event_name",
	}
	resp := r.do("POST", "/1.0/event", "["+strings.Join(bad, ",")+`,{"type":"track","event_name":"good"}]`, "Authorization: Bearer site")
	got := text(t, resp)
	if resp.StatusCode != 200 || !strings.HasPrefix(got, `{"success":true,"accepted":1,"rejected":[`) {
		t.Errorf("%d %s", resp.StatusCode, got)
	}
	calls := r.logged()
	if len(calls) != len(bad)+1 {
		t.Fatalf("%d calls logged", len(calls))
	}
	for i, want := range codes {
		if calls[i].Reject == nil || calls[i].Reject.Code != want || !strings.Contains(got, fmt.Sprintf(`{"index":%d,"code":%q,`, i, want)) {
			t.Errorf("%s: %+v, want %s", bad[i], calls[i].Reject, want)
		}
	}
	if string(calls[0].JSON) != bad[0] {
		t.Errorf("a refused item is kept as %s", calls[0].JSON)
	}
	if last := calls[len(bad)]; last.Reject != nil || last.Type != "track" {
		t.Errorf("the good item: %+v", last)
	}
	resp = r.do("POST", "/1.0/event", bad[0], "Authorization: Bearer site")
	if got := text(t, resp); resp.StatusCode != 400 || !strings.Contains(got, `"code":"missing_event_name"`) {
		t.Errorf("one bad item alone: %d %s", resp.StatusCode, got)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	r := newRig(t, nil)
	f := func(status int, code, method, body string, headers ...string) {
		t.Helper()
		resp := r.do(method, "/1.0/event", body, headers...)
		if got := text(t, resp); resp.StatusCode != status || !strings.Contains(got, `"code":"`+code+`"`) || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s %s: %d %s", method, body, resp.StatusCode, got)
		}
	}
	const one = `[{"type":"track","event_name":"A"}]`
	f(401, "invalid_write_key", "POST", one)
	f(401, "invalid_write_key", "POST", one, "Authorization: Bearer other")
	f(403, "source_disabled", "POST", one, "Authorization: Bearer off")
	f(405, "method_not_allowed", "GET", "")
	f(405, "method_not_allowed", "PUT", one, "Authorization: Bearer site")
	for _, body := range []string{"", "null", "7", `[{"type"`, `{"type":"track"}x`} {
		f(400, "invalid_json", "POST", body, "Authorization: Bearer site")
	}
	for _, c := range r.logged() { // the owner sees that something was refused
		if c.Reject == nil || c.Reject.Code != "invalid_json" {
			t.Errorf("logged %+v", c)
		}
	}
	resp := r.do("POST", "/1.0/event", "[]", "Authorization: Bearer site")
	if got := text(t, resp); got != `{"success":true,"accepted":0}` {
		t.Errorf("no items: %s", got)
	}
	resp = r.do("OPTIONS", "//1.0/event/", "", "Origin: https://a.example", "Access-Control-Request-Headers: authorization")
	if resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Headers") != "authorization" || resp.Header.Get("Access-Control-Allow-Methods") != "POST,OPTIONS" {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
}

func TestTagIsServedAndAskedAgain(t *testing.T) {
	const code = "tag()"
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(code))
	_ = z.Close()
	r := newRig(t, fstest.MapFS{"tag.js": {Data: []byte(code)}, "tag.js.gz": {Data: []byte(zipped.String())}})
	f := func(encoding, want, body string) string {
		t.Helper()
		for _, path := range []string{"/screeb/tag.js", "/tag.js", "//screeb/tag.js"} {
			resp := r.do("GET", path, "", "Accept-Encoding: "+encoding)
			if got := text(t, resp); resp.StatusCode != 200 || got != body || resp.Header.Get("Content-Encoding") != want ||
				resp.Header.Get("Cache-Control") != "public, max-age=300" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") {
				t.Errorf("%s %s: %d %q %v", path, encoding, resp.StatusCode, got, resp.Header)
			}
		}
		etag := r.do("GET", "/tag.js", "", "Accept-Encoding: "+encoding).Header.Get("ETag")
		if again := r.do("GET", "/tag.js", "", "Accept-Encoding: "+encoding, "If-None-Match: "+etag); again.StatusCode != 304 {
			t.Errorf("asked again with %s: %d", etag, again.StatusCode)
		}
		return etag
	}
	plain := f("gzip;q=0, br", "", code)
	if packed := f("deflate, gzip", "gzip", zipped.String()); packed == plain {
		t.Errorf("both forms have the ETag %s", plain)
	}
}

func TestTagThatWasNotBuilt(t *testing.T) {
	r := newRig(t, fstest.MapFS{".keep": {}})
	resp := r.do("GET", "/screeb/tag.js", "")
	if got := text(t, resp); resp.StatusCode != 404 || !strings.Contains(got, "make build") {
		t.Errorf("%d %s", resp.StatusCode, got)
	}
}

func TestSettingsOfAKey(t *testing.T) {
	r := newRig(t, nil)
	f := func(key string, status int, want string) {
		t.Helper()
		resp := r.do("GET", "/screeb/settings/"+key, "", "Origin: https://a.example")
		if got := text(t, resp); resp.StatusCode != status || !strings.Contains(got, want) || resp.Header.Get("Access-Control-Allow-Origin") != "https://a.example" {
			t.Errorf("%s: %d %s %v", key, resp.StatusCode, got, resp.Header)
		}
	}
	f("site", 200, `{"ignoreAnonymous":false}`)
	f("shy", 200, `{"ignoreAnonymous":true}`)
	f("off", 200, `{"ignoreAnonymous":false}`)
	f("nope", 404, `invalid_write_key`)
}

// FuzzEvent: whatever is sent, every item is logged once, taken or refused, and the answer is JSON.
func FuzzEvent(f *testing.F) {
	for _, seed := range []string{
		`[{"type":"track","event_name":"A","properties":{"a":1}}]`, `{"type":"copilot","name":"x","a":"b"}`, `[{"type":"page","url":"x"},7]`,
		`[{"type":"group.unassign","group_name":3,"group_type":"x"}]`, "[{\"type\":\"identify\",\"user_alias\":\"\xff\"}]", `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		texts, _, ok := items(body)
		if !ok {
			return
		}
		for _, text := range texts {
			c, refused := decode(text, "id")
			if (c == nil) == (refused == nil) {
				t.Fatalf("%s: call %v, refused %v", text, c, refused)
			}
			if c == nil {
				continue
			}
			raw, err := c.Raw()
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if raw.Type == "" || raw.ID == "" || c.UserID == "" && c.AnonymousID == "" {
				t.Fatalf("%s: %s", text, raw.JSON)
			}
		}
	})
}
