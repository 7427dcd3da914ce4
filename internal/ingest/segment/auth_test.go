package segment

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/ingest"
)

func TestWriteKeyIsFoundInOrder(t *testing.T) {
	d := newDoor(t, nil)
	encode := base64.StdEncoding.EncodeToString
	withKey := func(key string) string {
		return `{"writeKey":"` + key + `","batch":[` + track + `]}`
	}
	f := func(what, wantSource string, a ask) {
		t.Helper()
		if a.path == "" {
			a.path = "/v1/batch"
		}
		if a.body == "" {
			a.body = batchOf(track)
		}
		r := d.do(a)
		if wantSource == "" {
			wantFailure(t, what, r, 401, "invalid_write_key")
			return
		}
		wantSuccess(t, what, r)
		all := d.stored()
		if len(all) == 0 || all[len(all)-1].Source != wantSource {
			t.Errorf("%s: stored for %q, want %q", what, all[len(all)-1].Source, wantSource)
		}
	}
	f("basic", "src_web", ask{headers: []string{basic("wk_web:")}})
	f("basic, lower case", "src_web", ask{headers: []string{"Authorization: basic " + encode([]byte("wk_web:"))}})
	f("basic without colon", "src_web", ask{headers: []string{basic("wk_web")}})
	f("basic with password", "src_web", ask{headers: []string{basic("wk_web:pw:pw")}})
	f("basic unpadded", "src_web", ask{headers: []string{"Authorization: Basic " + strings.TrimRight(encode([]byte("wk_web:")), "=")}})
	f("basic before body", "src_web", ask{headers: []string{basic("wk_web:")}, body: withKey("wk_go")})
	f("basic before query", "src_web", ask{headers: []string{basic("wk_web:")}, path: "/v1/batch?writeKey=wk_go"})
	f("body alone", "src_go", ask{body: withKey("wk_go")})
	f("body before query", "src_go", ask{body: withKey("wk_go"), path: "/v1/batch?writeKey=wk_web"})
	f("body, key behind the calls", "src_go", ask{body: `{"batch":[` + track + `],"writeKey":"wk_go"}`})
	f("query", "src_go", ask{path: "/v1/batch?writeKey=wk_go"})
	f("single event body", "src_go", ask{path: "/v1/t", body: `{"writeKey":"wk_go","event":"E","userId":"u"}`})
	f("escapes in the body's key", "src_odd", ask{body: `{"writeKey":"wk \"\u006fdd\"","batch":[` + track + `]}`})
	f("escapes in the name of the key", "src_go", ask{body: `{"write\u004bey":"wk_go","batch":[` + track + `]}`})
	f("key of the calls", "src_go", ask{body: batchOf(`{"writeKey":"wk_go","type":"track","event":"E","userId":"u"}`)})
	f("bearer with body key", "src_go", ask{headers: []string{"Authorization: Bearer eyJhbGciOi"}, body: withKey("wk_go")})
	f("empty basic falls through", "src_go", ask{headers: []string{basic(":")}, body: withKey("wk_go")})
	f("broken basic falls through", "src_go", ask{headers: []string{"Authorization: Basic ***"}, body: withKey("wk_go")})
	f("cookies count for nothing", "src_go", ask{headers: []string{"Cookie: writeKey=wk_web"}, body: withKey("wk_go")})

	f("no key", "", ask{})
	f("unknown basic", "", ask{headers: []string{basic("nope:")}})
	f("unknown basic with a good body key", "", ask{headers: []string{basic("nope:")}, body: withKey("wk_go")})
	f("unknown body", "", ask{body: withKey("nope")})
	f("bearer alone", "", ask{headers: []string{"Authorization: Bearer wk_web"}})
	f("key that is no string", "", ask{body: `{"writeKey":5,"batch":[` + track + `]}`})
	f("empty key", "", ask{body: withKey("")})
	f("empty batch, unknown key", "", ask{body: `{"batch":[],"writeKey":"nope"}`})
}

func TestDisabledSourceIsRefused(t *testing.T) {
	d := newDoor(t, nil)
	wantFailure(t, "disabled", d.do(ask{path: "/v1/t", headers: []string{basic("wk_off:")}, body: track}), 403, "source_disabled")
	if n := len(d.stored()); n != 0 {
		t.Errorf("%d requests are stored, want none", n)
	}
}

// The JSON is looked at before the key: a broken body is 400 whoever sends it.
func TestBrokenBodyComesBeforeUnknownKey(t *testing.T) {
	d := newDoor(t, nil)
	wantFailure(t, "broken, no key", d.do(ask{path: "/v1/t", body: `{"a":`}), 400, "invalid_json")
}

func TestCallsOfAnotherKeyAreRefusedWhenOnlyCallsSayIt(t *testing.T) {
	d := newDoor(t, nil)
	with := func(key string) string { return `{"type":"page","userId":"u","writeKey":"` + key + `"}` }
	r := d.do(ask{path: "/v1/b", body: batchOf(with("wk_go"), with("wk_web"), with("wk_go"))})
	if r.status != 200 || !strings.Contains(r.body, `"accepted":2,"rejected":[{"index":1,`) || !strings.Contains(r.body, "write_key_mismatch") {
		t.Errorf("got %d %s", r.status, r.body)
	}
	// With the batch's own key, theirs are ignored.
	wantSuccess(t, "batch key", d.do(ask{path: "/v1/b", body: `{"writeKey":"wk_web","batch":[` + with("wk_go") + `]}`}))
}

func TestWriteKeyIsNeverStored(t *testing.T) {
	d := newDoor(t, nil)
	f := func(path, body, want string) {
		t.Helper()
		wantSuccess(t, body, d.do(ask{path: path, body: body}))
		if got := string(d.lastCall().JSON); got != want {
			t.Errorf("%s:\n got %s\nwant %s", body, got, want)
		}
	}
	f("/v1/p", `{"writeKey":"wk_web","userId":"u"}`, `{"userId":"u"}`)
	f("/v1/p", `{"userId":"u","writeKey":"wk_web"}`, `{"userId":"u"}`)
	f("/v1/p", `{"userId":"u" , "writeKey" : "wk_web" , "a":1}`, `{"userId":"u" , "a":1}`)
	f("/v1/p", "{\n\"writeKey\": \"wk_web\",\n\"userId\": \"u\"\n}", "{\n\"userId\": \"u\"\n}")
	f("/v1/p", `{"writeKey":"x","userId":"u","writeKey":"y","a":1,"writeKey":"wk_web"}`, `{"userId":"u","a":1}`)
	f("/v1/p", `{ "writeKey" : "x" , "userId":"u" , "writeKey" : "wk_web" }`, `{ "userId":"u"  }`)
	f("/v1/p", `{"userId":"u","properties":{"writeKey":"mine"},"writeKey":"wk_web"}`, `{"userId":"u","properties":{"writeKey":"mine"}}`)
	f("/v1/p", `{"\u0077riteKey":"wk_web","userId":"u"}`, `{"userId":"u"}`)
	f("/v1/b", `{"writeKey":"wk_web","batch":[{"writeKey":"wk_web","type":"page","userId":"u"}]}`, `{"type":"page","userId":"u"}`)
}

// countingSources counts look-ups, and can be told to fail.
type countingSources struct {
	lookups atomic.Int64
	fault   atomic.Pointer[error]
	known   atomic.Bool
}

func (s *countingSources) Lookup(string) (ingest.Source, error) {
	s.lookups.Add(1)
	if err := s.fault.Load(); err != nil {
		return ingest.Source{}, *err
	}
	if s.known.Load() {
		return ingest.Source{ID: "s", Workspace: "default", Enabled: true}, nil
	}
	return ingest.Source{}, ingest.ErrUnknownKey
}

// analytics-go sends a refused batch ten times.
func TestUnknownKeysAreRememberedForAMoment(t *testing.T) {
	sources := &countingSources{}
	var now atomic.Int64
	d := newDoor(t, func(c *Config) {
		c.Sources = sources
		c.Now = func() time.Time { return testTime.Add(time.Duration(now.Load())) }
	})
	send := func() reply { return d.do(ask{path: "/v1/t", headers: []string{basic("k:")}, body: track}) }
	for range 10 {
		wantFailure(t, "unknown", send(), 401, "invalid_write_key")
	}
	if n := sources.lookups.Load(); n != 1 {
		t.Errorf("%d look-ups for ten requests, want 1", n)
	}
	sources.known.Store(true)
	now.Store(int64(time.Minute))
	wantSuccess(t, "made since", send())
}

func TestFaultOfTheKeyTableIsRetried(t *testing.T) {
	sources := &countingSources{}
	sources.fault.Store(new(errors.New("disk on fire")))
	d := newDoor(t, func(c *Config) { c.Sources = sources })
	r := d.do(ask{path: "/v1/t", headers: []string{basic("k:")}, body: track})
	wantFailure(t, "fault", r, 429, "busy")
	if strings.Contains(r.body, "fire") {
		t.Errorf("the answer shows an inner error: %s", r.body)
	}
}
