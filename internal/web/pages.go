package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/debrief-dev/debrief/internal/auth"
)

//go:embed pages
var pageFiles embed.FS

// pages are the templates, each with the layout around it.
type pages struct {
	byName map[string]*template.Template
	css    []byte
}

func loadPages() (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}}
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	for _, name := range names {
		t, err := template.ParseFS(pageFiles, "pages/layout.html", name)
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", name, err)
		}
		p.byName[strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".html")] = t
	}
	p.css, err = pageFiles.ReadFile("pages/style.css")
	if err != nil {
		return nil, fmt.Errorf("read style: %w", err)
	}
	return p, nil
}

// form is what pages show: what went wrong, and what was entered.
type form struct {
	Fault       string
	Next        string
	Name, Email string
	NoPassword  bool // the member has none, or nobody has one
	Saved       bool
}

func (s *site) show(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	var b bytes.Buffer
	if err := s.pages.byName[page].ExecuteTemplate(&b, "layout", data); err != nil {
		s.fail(w, r, fmt.Errorf("show page %s: %w", page, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone if it fails
}

func (s *site) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(s.pages.css)
}

// maxForm bounds the bodies of forms.
const maxForm = 64 << 10

func (s *site) showLogin(w http.ResponseWriter, r *http.Request) {
	if auth.From(r.Context()) != nil {
		http.Redirect(w, r, local(r.URL.Query().Get("next")), http.StatusSeeOther)
		return
	}
	has, err := s.HasPassword(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "login", form{Next: r.URL.Query().Get("next"), NoPassword: !has})
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	f := form{Next: r.FormValue("next"), Email: r.FormValue("email")}
	err := s.Auth.Login(w, r, f.Email, r.FormValue("password"))
	switch {
	case err == nil:
		http.Redirect(w, r, local(f.Next), http.StatusSeeOther)
	case errors.Is(err, auth.ErrWrong):
		f.Fault = err.Error()
		s.show(w, r, http.StatusUnauthorized, "login", f)
	case errors.Is(err, auth.ErrTooMany):
		f.Fault = err.Error()
		w.Header().Set("Retry-After", "60")
		s.show(w, r, http.StatusTooManyRequests, "login", f)
	default:
		s.fail(w, r, err)
	}
}

// loginByLink uses the link up. It is a GET, because people follow links; browsers that only look ahead
// are told to come back.
func (s *site) loginByLink(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the secret
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") == "prefetch" {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	err := s.Auth.LoginByLink(w, r, r.URL.Query().Get("token"))
	switch {
	case err == nil:
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, local(r.URL.Query().Get("next")), http.StatusSeeOther)
	case errors.Is(err, auth.ErrLink) && auth.From(r.Context()) != nil:
		http.Redirect(w, r, "/", http.StatusSeeOther) // followed twice by the same browser
	case errors.Is(err, auth.ErrLink):
		s.show(w, r, http.StatusForbidden, "link", form{Fault: err.Error()})
	case errors.Is(err, auth.ErrTooMany):
		w.Header().Set("Retry-After", "60")
		s.show(w, r, http.StatusTooManyRequests, "link", form{Fault: err.Error()})
	default:
		s.fail(w, r, err)
	}
}

func (s *site) showLogout(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "logout", nil)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.Auth.Logout(w, r); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *site) showAccount(w http.ResponseWriter, r *http.Request) {
	p := auth.From(r.Context())
	if p == nil || p.Kind != "member" {
		http.Redirect(w, r, "/login?next=/account", http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, "account", form{Name: p.Name, Email: p.Email, NoPassword: p.NoPassword, Saved: r.URL.Query().Has("saved")})
}

func (s *site) setAccount(w http.ResponseWriter, r *http.Request) {
	p := auth.From(r.Context())
	if p == nil || p.Kind != "member" {
		http.Redirect(w, r, "/login?next=/account", http.StatusSeeOther)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	f := form{Name: r.FormValue("name"), Email: r.FormValue("email"), NoPassword: p.NoPassword}
	err := s.Auth.SetPassword(r, f.Name, f.Email, r.FormValue("old"), r.FormValue("password"))
	status := http.StatusBadRequest
	switch {
	case err == nil:
		http.Redirect(w, r, "/account?saved", http.StatusSeeOther)
		return
	case errors.Is(err, auth.ErrWrong):
		f.Fault = "the old password is wrong"
	case errors.Is(err, auth.ErrTooMany):
		f.Fault, status = err.Error(), http.StatusTooManyRequests
	case errors.Is(err, auth.ErrWeak):
		f.Fault = err.Error()
	case errors.Is(err, auth.ErrBadAccount):
		f.Fault = "enter a name and an email that nobody else uses here"
	default:
		s.fail(w, r, err)
		return
	}
	s.show(w, r, status, "account", f)
}

// local returns an address of this site to go to next; anything else becomes the first page, so that
// a link cannot send people elsewhere after they log in.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return next
}
