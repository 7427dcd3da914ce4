package segment

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

const track = `{"type":"track","event":"Message Sent","userId":"u1","messageId":"m-0123456789abcdef"}`

func batchOf(calls ...string) string { return `{"batch":[` + strings.Join(calls, ",") + `]}` }

func TestEverySingleRouteTakesItsCall(t *testing.T) {
	d := newDoor(t, nil)
	body := map[string]string{
		"track":    `{"userId":"u","event":"E"}`,
		"identify": `{"userId":"u","traits":{}}`,
		"page":     `{"anonymousId":"a"}`,
		"screen":   `{"anonymousId":"a","name":"S"}`,
		"group":    `{"groupId":"g"}`,
		"alias":    `{"previousId":"a","userId":"a"}`, // the browser's alias to itself is no error
	}
	for short, long := range map[string]string{"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"} {
		for _, path := range []string{"/v1/" + short, "/v1/" + long, "/v1/" + long + "/", "//v1/" + short, "/v1//" + short + "//"} {
			wantSuccess(t, path, d.do(ask{path: path, headers: []string{basic("wk_web:")}, body: body[long]}))
			c := d.lastCall()
			if c.Type != long || c.Path != long || c.Reject != nil {
				t.Errorf("%s: stored type %q path %q reject %v, want %s", path, c.Type, c.Path, c.Reject, long)
			}
			sameJSON(t, path, string(c.JSON), body[long])
		}
	}
}

func TestEveryBatchRouteTakesABatch(t *testing.T) {
	d := newDoor(t, nil)
	f := func(method, path string) {
		t.Helper()
		wantSuccess(t, path, d.do(ask{method: method, path: path, headers: []string{basic("wk_web:")}, body: batchOf(track, track)}))
		all := d.stored()
		last := all[len(all)-1]
		if len(last.Calls) != 2 || last.Source != "src_web" || last.Workspace != "default" || last.Protocol != "segment" || !last.ReceivedAt.Equal(testTime) {
			t.Errorf("%s: stored %+v", path, last)
		}
		if c := last.Calls[0]; c.Type != "track" || c.Path != "" || c.ID != "m-0123456789abcdef" || string(c.JSON) != track {
			t.Errorf("%s: stored call %+v", path, c)
		}
	}
	f("POST", "/v1/b")
	f("PUT", "/v1/b")
	f("POST", "/v1/batch")
	f("POST", "/v1/batch/")
	f("POST", "//v1/batch")
	f("POST", "/v1/import")
	f("POST", "/v1/import/")
	f("POST", "/beacon/v1/batch?writeKey=wk_web")
}

// Go's client cleans no path, but a test should not depend on it: these bytes are what analytics-go and
// analytics-java put on the wire.
func TestOddPathsAreNeverRedirected(t *testing.T) {
	d := newDoor(t, nil)
	for _, path := range []string{"//v1/batch", "/v1/import/", "///v1///batch///"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := batchOf(track)
		req := "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic d2tfd2ViOg==\r\nContent-Length: "
		if _, err := conn.Write([]byte(req + itoa(len(body)) + "\r\n\r\n" + body)); err != nil {
			t.Fatal(err)
		}
		var answer [64]byte
		n, _ := conn.Read(answer[:])
		if got := string(answer[:n]); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("%s: got %q, want 200", path, got)
		}
		conn.Close()
	}
}

func TestOtherMethodsAreRefusedAsJSON(t *testing.T) {
	d := newDoor(t, nil)
	f := func(method, path string) {
		t.Helper()
		r := d.do(ask{method: method, path: path})
		wantFailure(t, method+" "+path, r, 405, "method_not_allowed")
		if r.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", method, path)
		}
	}
	f("GET", "/v1/batch")
	f("GET", "/v1/t")
	f("PUT", "/v1/t")
	f("PUT", "/v1/batch")
	f("DELETE", "/v1/b")
	f("POST", "/v1/projects/wk_web/settings")
	f("GET", "/v1/m")
}

func TestUnknownPathsAre404AsJSON(t *testing.T) {
	d := newDoor(t, nil)
	for _, path := range []string{"/", "/v1", "/v1/x", "/v2/batch", "/v1/projects/wk_web", "/v1/tt"} {
		wantFailure(t, path, d.do(ask{path: path, body: track}), 404, "not_found")
		if d.handler.Serves(path) {
			t.Errorf("Serves(%q) is true", path)
		}
	}
	for _, path := range []string{"/v1/t", "//v1/batch/", "/v1/pixel/nonsense", "/analytics.js/v1/k/analytics.min.js", "/sourceConfig/"} {
		if !d.handler.Serves(path) {
			t.Errorf("Serves(%q) is false", path)
		}
	}
}

// SDKs count their own work to /v1/m without a key.
func TestTelemetryIsAnsweredAndDropped(t *testing.T) {
	d := newDoor(t, nil)
	wantSuccess(t, "/v1/m", d.do(ask{path: "/v1/m", headers: []string{"Content-Type: text/plain"},
		body: `{"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1,"tags":{}}]}`}))
	if n := len(d.stored()); n != 0 {
		t.Errorf("%d requests are stored, want none", n)
	}
}

func TestEveryPathAnswersPreflights(t *testing.T) {
	d := newDoor(t, nil)
	paths := []string{"/v1/t", "/v1/b", "/v1/batch", "/v1/track", "/v1/m", "/v1/projects/wk_web/settings", "/sourceConfig/", "/beacon/v1/batch",
		"/v1/pixel/track", "/token", "/nowhere", "//v1/batch"}
	for _, path := range paths {
		for _, asked := range []string{"authorization", "authorization,x-retry-count", "anonymousid,authorization,content-type,sentat"} {
			r := d.do(ask{method: "OPTIONS", path: path, headers: []string{"Origin: https://shop.example", "Access-Control-Request-Method: POST",
				"Access-Control-Request-Headers: " + asked, "Access-Control-Request-Private-Network: true"}})
			want := map[string]string{
				"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Headers": asked, "Access-Control-Max-Age": "7200",
				"Vary": "Origin", "Access-Control-Allow-Private-Network": "true",
			}
			for name, v := range want {
				if got := r.header.Get(name); r.status != 204 || got != v {
					t.Errorf("OPTIONS %s asking %s: status %d, %s is %q, want 204 and %q", path, asked, r.status, name, got, v)
				}
			}
			for _, m := range []string{"GET", "POST", "OPTIONS"} {
				if got := r.header.Get("Access-Control-Allow-Methods"); !strings.Contains(got, m) {
					t.Errorf("OPTIONS %s: methods %q lack %s", path, got, m)
				}
			}
		}
	}
	if got := d.do(ask{method: "OPTIONS", path: "/v1/b", headers: []string{"Origin: null"}}).header; got.Get("Access-Control-Allow-Origin") != "null" || !strings.Contains(got.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Errorf("OPTIONS /v1/b: got %v", got)
	}
}

func TestEveryAnswerCanBeReadByPages(t *testing.T) {
	d := newDoor(t, nil)
	f := func(a ask, status int, credentials string) {
		t.Helper()
		a.headers = append(a.headers, "Origin: https://shop.example")
		r := d.do(a)
		want := http.Header{"Access-Control-Allow-Origin": {"https://shop.example"}, "Vary": {"Origin"},
			"Access-Control-Expose-Headers": {"Retry-After, X-RateLimit-Reset"}}
		for name := range want {
			if got := r.header.Get(name); r.status != status || got != want.Get(name) {
				t.Errorf("%s: status %d, %s is %q; want %d, %q", a.path, r.status, name, got, status, want.Get(name))
			}
		}
		if got := r.header.Get("Access-Control-Allow-Credentials"); got != credentials {
			t.Errorf("%s: credentials %q, want %q", a.path, got, credentials)
		}
		if r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", a.path)
		}
	}
	f(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track}, 200, "true")
	f(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: `{`}, 400, "true")
	f(ask{path: "/v1/t", body: track}, 401, "true")
	f(ask{path: "/v1/t", headers: []string{basic("wk_off:")}, body: track}, 403, "true")
	f(ask{method: "GET", path: "/v1/projects/wk_web/settings"}, 200, "")
	f(ask{method: "GET", path: "/v1/projects/none/settings"}, 404, "")
	f(ask{method: "GET", path: "/v1/pixel/track"}, 200, "true")
	f(ask{path: "/nowhere"}, 404, "")
	f(ask{method: "DELETE", path: "/v1/t"}, 405, "true")
}
