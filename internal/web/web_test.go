package web

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/debrief-dev/debrief/internal/auth"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// browser is a client of a real server, with a cookie jar, that follows no redirects.
type browser struct {
	t     *testing.T
	url   string
	store *metastore.Store
	http.Client
	problems []Problem
}

func newBrowser(t *testing.T, ui fs.FS) *browser {
	t.Helper()
	store, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(t.TempDir(), "m.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	log := slog.New(slog.DiscardHandler)
	guard, err := auth.New(auth.Config{Store: store, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, store: store}
	h, err := New(Config{
		Auth: guard, UI: ui, HasPassword: store.HasPassword, Log: log,
		Ready:   func(context.Context) []Problem { return b.problems },
		Metrics: func(w io.Writer) { _, _ = io.WriteString(w, "debrief_up 1\n") },
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(Headers(h))
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.url, b.Jar = srv.URL, jar
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// do sends a request and returns status, Location and body in one line.
func (b *browser) do(method, path string, form url.Values, header ...string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Location"), body)
}

// want sends a request and checks status, Location and text.
func (b *browser) want(want, method, path string, form url.Values, header ...string) *http.Response {
	b.t.Helper()
	resp, got := b.do(method, path, form, header...)
	for part := range strings.SplitSeq(want, "…") {
		if !strings.Contains(got, part) {
			b.t.Errorf("%s %s: %q is not in\n%s", method, path, part, got)
		}
	}
	return resp
}

func (b *browser) link() string {
	b.t.Helper()
	secret, err := b.store.CreateLoginLink(b.t.Context(), "", time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return "/login/link?token=" + secret
}

var builtUI = fstest.MapFS{
	"index.html":                 {Data: []byte("<!doctype html><title>the app</title>")},
	"icon.svg":                   {Data: []byte("<svg/>")},
	"assets/main-Ab12_x-9.js":    {Data: []byte("plain")},
	"assets/main-Ab12_x-9.js.gz": {Data: []byte("gz")},
	"assets/main-Ab12_x-9.js.br": {Data: []byte("br")},
	".keep":                      {},
}

func TestFirstRunLeadsFromLinkToPassword(t *testing.T) {
	b := newBrowser(t, builtUI)
	b.want("303 /login?next=%2Fconversations%3Fa%3D1 ", "GET", "/conversations?a=1", nil)
	b.want("200 …Nobody has set a password yet", "GET", "/login", nil)
	link := b.link()
	for _, header := range []string{"Sec-Purpose", "Purpose"} {
		b.want("503", "GET", link, nil, header, "prefetch") // does not use it up
	}
	b.want("303 / ", "GET", link, nil)
	b.want("200 …the app", "GET", "/", nil)
	b.want("200 …the app", "GET", "/conversations/abc", nil)
	b.want("303 / ", "GET", link, nil) // again, by the same browser

	b.want("200 …With a password you can log in", "GET", "/account", nil)
	account := url.Values{"name": {"Ada <b>"}, "email": {"ada@example.com"}, "password": {"short"}}
	b.want("400 …10 to 500 characters…Ada &lt;b&gt;", "POST", "/account", account)
	account.Set("password", "long enough pw")
	b.want("303 /account?saved ", "POST", "/account", account)
	b.want("200 …Saved…Ada &lt;b&gt;", "GET", "/account?saved", nil)

	b.want("303 /login ", "POST", "/logout", url.Values{})
	b.want("303 /login ", "GET", "/", nil)
	b.want("403 …was used or has expired", "GET", link, nil)
	login := url.Values{"email": {"ada@example.com"}, "password": {"wrong password"}, "next": {"/people?x=1"}}
	b.want("401 …email or password is wrong…/people?x=1", "POST", "/login", login)
	login.Set("password", "long enough pw")
	b.want("303 /people?x=1 ", "POST", "/login", login)
	b.want("200 …the app", "GET", "/people?x=1", nil)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	b := newBrowser(t, builtUI)
	for _, path := range []string{"/login", "/logout", "/account"} {
		b.want("403 ", "POST", path, url.Values{}, "Origin", "https://evil.test")
		b.want("403 ", "POST", path, url.Values{}, "Sec-Fetch-Site", "cross-site")
	}
}

func TestNextStaysOnThisSite(t *testing.T) {
	f := func(next, want string) {
		t.Helper()
		if got := local(next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
	f("/a?b=c", "/a?b=c")
	for _, bad := range []string{"", "a", "//evil.test", "https://evil.test/", `/\evil.test`, "/\t/evil.test", "/login", "javascript:alert(1)", "/%zz"} {
		f(bad, "/")
	}
}

func TestFilesAreServedForCachesAndClients(t *testing.T) {
	b := newBrowser(t, builtUI)
	js := "/assets/main-Ab12_x-9.js"
	f := func(accept, body, coding string) *http.Response {
		t.Helper()
		resp := b.want("200 …"+body, "GET", js, nil, "Accept-Encoding", accept)
		if got := resp.Header.Get("Content-Encoding"); got != coding {
			t.Errorf("%q: coded %q, want %q", accept, got, coding)
		}
		return resp
	}
	f("identity", "plain", "")
	f("gzip;q=1.0, br;q=0", "gz", "gzip")
	resp := f("gzip, deflate, br", "br", "br")
	if got := resp.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a hashed name is cached %q", got)
	}
	b.want("304 ", "GET", js, nil, "Accept-Encoding", "br", "If-None-Match", resp.Header.Get("ETag"))
	b.want("200 ", "GET", js, nil, "Accept-Encoding", "gzip", "If-None-Match", resp.Header.Get("ETag"))
	if got := b.want("200 ", "GET", "/icon.svg", nil).Header; got.Get("Cache-Control") != "no-cache" || got.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon: %v", got)
	}
	b.want("404 ", "GET", "/assets/missing.js", nil)
	b.want("404 ", "GET", "/assets/main-Ab12_x-9.js.gz", nil)
	b.want("303 ", "GET", "/conversations/conv.1", nil) // an id may hold a dot: a page, for those who are logged in
	b.want("405 ", "POST", "/", url.Values{})
}

func TestAnswersCarrySecurityHeaders(t *testing.T) {
	b := newBrowser(t, builtUI)
	for _, path := range []string{"/login", "/icon.svg", "/missing.js", "/"} {
		h := b.want("", "GET", path, nil).Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: content policy %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestServerWithoutUISaysHowToBuildIt(t *testing.T) {
	b := newBrowser(t, fstest.MapFS{".keep": {}})
	b.want("303 / ", "GET", b.link(), nil)
	b.want("200 …make build", "GET", "/", nil)
}

func TestHealthAndMetrics(t *testing.T) {
	b := newBrowser(t, nil)
	b.want("200 …ok", "GET", "/healthz", nil)
	b.want(`200 …{"ready":true,"problems":[]}`, "GET", "/readyz", nil)
	b.problems = []Problem{{Part: "log", Message: "disk full"}}
	b.want(`503 …{"ready":false,"problems":[{"part":"log","message":"disk full"}]}`, "GET", "/readyz", nil)
	b.want("200 …debrief_up 1", "GET", "/metrics", nil)
	b.want("401 ", "GET", "/metrics", nil, "X-Forwarded-For", "203.0.113.1")
	_, token, err := b.store.CreateToken(t.Context(), metastore.NewToken{Name: "prometheus", Role: metastore.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	b.want("200 …debrief_up 1", "GET", "/metrics", nil, "X-Forwarded-For", "203.0.113.1", "Authorization", "Bearer "+token)
}
