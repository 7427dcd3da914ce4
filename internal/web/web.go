// Package web serves people's browsers: the pages that must work before any script runs (login, login
// link, account), the built web UI, and the addresses that machines look at (health, readiness, metrics).
//
// It shows no figures: that is the UI's business, which asks the API. Only app imports it.
package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/debrief-dev/debrief/internal/auth"
)

// Config is what the pages stand on. Auth is required.
type Config struct {
	Auth *auth.Auth
	// UI is the built web UI; nil or without index.html: a page says how to build it.
	UI fs.FS
	// Ready returns what keeps the server from working, nothing when it works.
	Ready func(ctx context.Context) []Problem
	// Metrics writes the metrics in the text format of Prometheus.
	Metrics func(w io.Writer)
	// HasPassword reports whether anybody can log in with a password.
	HasPassword func(ctx context.Context) (bool, error)
	// Shared returns the conversation behind a link, or ErrNotShared; nil: nothing is shared.
	Shared func(ctx context.Context, secret string) (*Shared, error)
	Log    *slog.Logger // nil: slog.Default
}

// Problem is something that somebody should look at.
type Problem struct {
	Part    string `json:"part"`
	Message string `json:"message"`
}

type site struct {
	Config
	pages *pages
	files *files
}

// New returns the handler of all that is neither the door nor the API.
func New(c Config) (http.Handler, error) {
	if c.Auth == nil {
		return nil, errors.New("the web pages need an Auth")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &site{Config: c}
	var err error
	if s.pages, err = loadPages(); err != nil {
		return nil, err
	}
	if s.files, err = loadFiles(c.UI); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /login/link", s.loginByLink)
	mux.HandleFunc("GET /login/style.css", s.style)
	mux.HandleFunc("GET /logout", s.showLogout)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("GET /account", s.showAccount)
	mux.HandleFunc("POST /account", s.setAccount)
	mux.HandleFunc("GET "+SharedPath+"{secret}", s.showShared)
	mux.HandleFunc("/", s.app)
	return c.Auth.Attach(s.sameSite(mux)), nil
}

// TakesForm reports whether a page posts a form to a path.
func TakesForm(path string) bool {
	return path == "/login" || path == "/logout" || path == "/account"
}

// sameSite refuses forms that pages of other sites send.
func (s *site) sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Auth.SameSite(r) {
			http.Error(w, "this form was sent by a page of another site; behind a proxy, set --public-url", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets pages load and talk to this server only, and be framed by nobody.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Headers sets the security headers on every answer of next: of pages and of the API.
func Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		next.ServeHTTP(w, r)
	})
}

// fail answers what nobody expected: it is logged, its text is not shown.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error("page failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	http.Error(w, "something went wrong; the server's log says what", http.StatusInternalServerError)
}
