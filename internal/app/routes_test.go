package app

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestMistypedClientPaths: a client whose base URL is wrong gets an answer that its developer can read,
// in the browser too; pages and the API stay closed to other origins.
func TestMistypedClientPaths(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	f := func(method, path string, status int, origin, want string) {
		t.Helper()
		req, err := http.NewRequest(method, s.LocalURL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "https://shop.example")
		if method == http.MethodOptions {
			req.Header.Set("Access-Control-Request-Method", http.MethodPost)
			req.Header.Set("Access-Control-Request-Headers", "authorization")
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); resp.StatusCode != status || got != origin || !strings.Contains(string(body), want) {
			t.Errorf("%s %s: %d, allows %q, %s; want %d, %q, %s", method, path, resp.StatusCode, got, body, status, origin, want)
		}
	}
	const shop = "https://shop.example" // the origin that asks
	for _, path := range []string{"/t", "/", "/nope", "/v1", "/v1/nope", "/batch/", "/healthz"} {
		f("OPTIONS", path, 204, shop, "")
	}
	f("POST", "/t", 404, shop, `did you mean /v1/t?`)
	f("POST", "//batch/", 400, shop, `invalid_json`) // PostHog's
	f("PUT", "/b", 404, shop, `did you mean /v1/b?`)
	f("POST", "/v1", 404, shop, `"code":"not_found"`)
	f("POST", "/v2/track", 404, shop, `"code":"not_found"`)
	f("GET", "/v1", 404, shop, `"code":"not_found"`)
	// No client's.
	f("GET", "/t", 303, "", "/login")
	for _, path := range []string{"/login", "/logout", "/account"} {
		f("POST", path, 403, "", "another site")
		f("OPTIONS", path, 405, "", "")
	}
	f("OPTIONS", "/api/v1/metrics", 405, "", `method_not_allowed`)
	f("POST", "/api/v1/tokens", 401, "", `unauthorized`)
}
