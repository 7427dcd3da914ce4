package auth

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/metastore"
)

type fixture struct {
	*Auth
	store *metastore.Store
	now   time.Time
	api   http.Handler // answers the role of who asks
}

func newFixture(t *testing.T, c Config) *fixture {
	t.Helper()
	f := &fixture{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	store, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(t.TempDir(), "m.sqlite"), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c.Store, c.Now, f.store = store, clock, store
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	if f.Auth, err = New(c); err != nil {
		t.Fatal(err)
	}
	f.api = f.Guard(metastore.Viewer, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, string(From(r.Context()).Role))
	}))
	return f
}

// member makes one with a password and returns a session.
func (f *fixture) member(t *testing.T, email, password string, role metastore.Role) *http.Cookie {
	t.Helper()
	m, err := f.store.CreateMember(t.Context(), email, "Ada", role)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetPassword(t.Context(), m.ID, email, "Ada", hash, ""); err != nil {
		t.Fatal(err)
	}
	secret, err := f.store.CreateSession(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Cookie{Name: Cookie, Value: secret}
}

func TestPasswordsAreCheckedByTheirOwnParameters(t *testing.T) {
	hash, err := hashPassword("correct horse é")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", hash)
	}
	f := func(hash, password string, want bool) {
		t.Helper()
		if got := checkPassword(hash, password); got != want {
			t.Errorf("%q against %s: %t", password, hash, got)
		}
	}
	f(hash, "correct horse é", true)
	f(hash, "correct horse e\u0301", true) // the same text, typed on another keyboard
	f(hash, "correct horse e", false)
	f(hash, "", false)
	f(encodeHash("older settings", []byte("0123456789abcdef"), 8<<10, 1, 2), "older settings", true)
	f("", "", false)
	f("$argon2id$v=19$m=19456,t=0,p=0$AA$AA", "x", false)
	if again, _ := hashPassword("correct horse é"); again == hash {
		t.Error("two hashes share their salt")
	}
	for _, weak := range []string{"short", "", strings.Repeat("x", 501)} {
		if _, err := hashPassword(weak); err != ErrWeak {
			t.Errorf("%d characters: %v, want ErrWeak", len(weak), err)
		}
	}
}

func TestGuardLetsInWhoIsKnown(t *testing.T) {
	f := newFixture(t, Config{})
	cookie := f.member(t, "ada@example.com", "long enough pw", metastore.Editor)
	_, token, err := f.store.CreateToken(t.Context(), metastore.NewToken{Name: "ci", Role: metastore.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(want int, body, method string, header ...string) {
		t.Helper()
		r := httptest.NewRequest(method, "http://debrief.test/api/v1/me", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		f.api.ServeHTTP(w, r)
		if w.Code != want || !strings.Contains(w.Body.String(), body) {
			t.Errorf("%s %q: %d %s; want %d %s", method, header, w.Code, w.Body, want, body)
		}
	}
	in := cookie.String()
	ask(401, "unauthorized", "GET")
	ask(200, "editor", "GET", "Cookie", in)
	ask(401, "", "GET", "Cookie", Cookie+"=wrong")
	ask(200, "viewer", "GET", "Authorization", "Bearer "+token)
	ask(200, "viewer", "POST", "Authorization", "bearer "+token) // what a viewer may not do, the api says
	ask(401, "", "GET", "Authorization", "Bearer nonsense", "Cookie", in)
	ask(401, "", "GET", "Authorization", "Basic d2s6")

	ask(403, "csrf", "POST", "Cookie", in)
	ask(200, "", "POST", "Cookie", in, CSRFHeader, "1")
	ask(200, "", "POST", "Cookie", in, CSRFHeader, "1", "Sec-Fetch-Site", "same-origin")
	ask(403, "csrf", "POST", "Cookie", in, CSRFHeader, "1", "Sec-Fetch-Site", "cross-site")
	ask(403, "csrf", "DELETE", "Cookie", in, CSRFHeader, "1", "Origin", "https://evil.test")
	ask(200, "", "POST", "Cookie", in, CSRFHeader, "1", "Origin", "http://debrief.test")
}

func TestGuardAsksForTheRole(t *testing.T) {
	f := newFixture(t, Config{})
	ask := func(has, needs metastore.Role, want int) {
		t.Helper()
		_, token, err := f.store.CreateToken(t.Context(), metastore.NewToken{Name: "ci", Role: has})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("PUT", "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		f.Guard(needs, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s asks for what takes %s: %d, want %d", has, needs, w.Code, want)
		}
	}
	roles := []metastore.Role{metastore.Viewer, metastore.Editor, metastore.Owner}
	for i, has := range roles {
		for j, needs := range roles {
			want := 200
			if i < j {
				want = 403
			}
			ask(has, needs, want)
		}
	}
}

func TestLoginTellsNothingAndIsBounded(t *testing.T) {
	f := newFixture(t, Config{})
	f.member(t, "ada@example.com", "long enough pw", metastore.Owner)
	try := func(email, password string) (error, *http.Response) {
		w := httptest.NewRecorder()
		err := f.Login(w, httptest.NewRequest("POST", "http://debrief.test/login", nil), email, password)
		return err, w.Result()
	}
	if err, resp := try(" Ada@example.com", "long enough pw"); err != nil || len(resp.Cookies()) != 1 {
		t.Fatalf("login: %v, cookies %v", err, resp.Cookies())
	}
	for i := range addressBurst {
		email := []string{"ada@example.com", "nobody@example.com"}[i%2]
		if err, resp := try(email, "wrong password"); err != ErrWrong || len(resp.Cookies()) != 0 {
			t.Fatalf("attempt %d: %v; want ErrWrong", i, err)
		}
	}
	if err, _ := try("ada@example.com", "long enough pw"); err != ErrTooMany {
		t.Errorf("after many attempts: %v, want ErrTooMany", err)
	}
	f.now = f.now.Add(refill)
	if err, _ := try("ada@example.com", "long enough pw"); err != nil {
		t.Errorf("after a wait: %v", err)
	}
}

func TestSessionCookieIsProtected(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's client is 192.0.2.1
	check := func(c Config, header string, secure bool) {
		t.Helper()
		f := newFixture(t, c)
		link, err := f.store.CreateLoginLink(t.Context(), "", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "http://debrief.test/login/link", nil)
		r.Header.Set("X-Forwarded-Proto", header)
		w := httptest.NewRecorder()
		if err := f.LoginByLink(w, r, link); err != nil {
			t.Fatal(err)
		}
		if err := f.LoginByLink(httptest.NewRecorder(), r, link); err != ErrLink {
			t.Errorf("second use: %v, want ErrLink", err)
		}
		got := w.Result().Cookies()[0]
		if !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Secure != secure {
			t.Errorf("%+v %q: cookie %s; want secure %t", c, header, got, secure)
		}
	}
	check(Config{}, "", false)
	check(Config{}, "https", false) // anybody can say so
	check(Config{TrustedProxies: proxies}, "https", true)
	check(Config{PublicURL: "https://debrief.example.com"}, "", true)
}

func TestClientIPIsWhatTrustedProxiesSay(t *testing.T) {
	f := newFixture(t, Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	check := func(remote, forwarded, want string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		if got := f.ClientIP(r).String(); got != want {
			t.Errorf("%s via %q: %s, want %s", remote, forwarded, got, want)
		}
	}
	check("203.0.113.5:1", "", "203.0.113.5")
	check("203.0.113.5:1", "198.51.100.1", "203.0.113.5")
	check("10.1.1.1:1", "198.51.100.1", "198.51.100.1")
	check("10.1.1.1:1", "1.2.3.4, 198.51.100.1, 10.2.2.2", "198.51.100.1")
	check("10.1.1.1:1", "nonsense", "10.1.1.1")
	check("[::ffff:10.1.1.1]:1", "198.51.100.1", "198.51.100.1")
}

func TestSetPasswordNeedsTheOldOne(t *testing.T) {
	f := newFixture(t, Config{})
	cookie := f.member(t, "ada@example.com", "long enough pw", metastore.Viewer)
	set := func(old, password string) error {
		r := httptest.NewRequest("POST", "/account", nil)
		r.AddCookie(cookie)
		p, err := f.Identify(r)
		if err != nil || p == nil {
			t.Fatalf("identify: %v, %v", p, err)
		}
		return f.SetPassword(r.WithContext(with(r.Context(), p)), "Ada", "ada@example.com", old, password)
	}
	if err := set("wrong", "another long pw"); err != ErrWrong {
		t.Errorf("wrong old password: %v", err)
	}
	if err := set("long enough pw", "short"); err != ErrWeak {
		t.Errorf("weak password: %v", err)
	}
	if err := set("long enough pw", "another long pw"); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := f.Login(w, httptest.NewRequest("POST", "/login", nil), "ada@example.com", "another long pw"); err != nil {
		t.Errorf("login with the new password: %v", err)
	}
}

func TestLogoutEndsTheSession(t *testing.T) {
	f := newFixture(t, Config{})
	cookie := f.member(t, "ada@example.com", "long enough pw", metastore.Viewer)
	r := httptest.NewRequest("POST", "/logout", nil)
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	if err := f.Logout(w, r); err != nil {
		t.Fatal(err)
	}
	if got := w.Result().Cookies(); len(got) != 1 || got[0].MaxAge >= 0 {
		t.Errorf("cookies %v; want it taken away", got)
	}
	if p, err := f.Identify(r); p != nil || err != nil {
		t.Errorf("after logout: %v, %v", p, err)
	}
}

func TestLimiterForgetsRatherThanGrow(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(func() time.Time { return now })
	for i := range maxTracked {
		l.allow(time.Duration(i).String(), 1)
	}
	l.allow("one more", 1)
	if n := len(l.buckets); n != 1 {
		t.Errorf("%d buckets; want the newest alone, as none of the others was empty", n)
	}
	now = now.Add(refill + 1)
	if !l.allow("one more", 1) || l.allow("one more", 1) {
		t.Error("a bucket of one takes one attempt a refill")
	}
}

// Who is gone before it is known who asks leaves no line in the log; a store that fails does.
func TestWhoAsksCannotBeTold(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	ask := func(ctx context.Context) {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/me", nil)
		r.Header.Set("Authorization", "Bearer dbt_unknown")
		w := httptest.NewRecorder()
		if f.api.ServeHTTP(w, r); w.Code != http.StatusInternalServerError {
			t.Errorf("got %d", w.Code)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if ask(gone); log.Len() > 0 {
		t.Errorf("logged %s", log.String())
	}
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	if ask(t.Context()); log.Len() == 0 {
		t.Error("nothing is logged of a store that fails")
	}
}
