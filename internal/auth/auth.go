// Package auth decides who asks: members by password or one-time link, whose browsers hold a session,
// and programs by token. It guards handlers and owns what that takes: password hashing, cookies,
// protection from other sites' pages, and limits on guessing.
//
// What is stored is package metastore's business, pages are package web's. Write keys are not here: they
// only write, and the door checks them.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/metastore"
)

var (
	// ErrWrong is returned for a login with the wrong email or password: which of them is not said.
	ErrWrong = errors.New("email or password is wrong")
	// ErrTooMany is returned while somebody guesses.
	ErrTooMany = errors.New("too many attempts; wait a minute")
	// ErrWeak is returned for a password that is too short or too long.
	ErrWeak = fmt.Errorf("a password has %d to %d characters", minPassword, maxPassword)
	// ErrBadAccount is returned for a name or email that cannot be used.
	ErrBadAccount = errors.New("name or email cannot be used")
	// ErrLink is returned for a login link that was used, has expired or never was.
	ErrLink = errors.New("this login link was used or has expired")
)

// Cookie is the name of the session cookie.
const Cookie = "debrief_session"

// CSRFHeader must be on every request of a session that changes something through the API: pages of
// other sites cannot set it.
const CSRFHeader = "X-Debrief-CSRF"

// Config says what an Auth works with. Store is required.
type Config struct {
	Store *metastore.Store
	// PublicURL is the address of people's browsers, if it is not the one that requests name; requests
	// from its pages are trusted, and cookies are for https if it is.
	PublicURL string
	// TrustedProxies are networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	Log            *slog.Logger     // nil: slog.Default
	Now            func() time.Time // nil: time.Now
}

// Auth answers who asks. All methods may be called at once from any number of goroutines.
type Auth struct {
	store   *metastore.Store
	log     *slog.Logger
	proxies []netip.Prefix
	https   bool
	origin  *http.CrossOriginProtection
	limit   *limiter
	hashing chan struct{} // bounds the memory of password hashing
}

// New returns an Auth, or what is wrong with c.
func New(c Config) (*Auth, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	a := &Auth{store: c.Store, log: c.Log, proxies: c.TrustedProxies, origin: http.NewCrossOriginProtection(), limit: newLimiter(c.Now), hashing: make(chan struct{}, 2)}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil {
			return nil, fmt.Errorf("read public url: %w", err)
		}
		a.https = u.Scheme == "https"
		if err := a.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("trust public url: %w", err)
		}
	}
	return a, nil
}

// Principal is who asks.
type Principal struct {
	Kind  string // "member" or "token"
	ID    string
	Name  string
	Email string // of members
	Role  metastore.Role
	// NoPassword says that a member can log in by link only.
	NoPassword bool
}

// May reports whether the principal's role includes r.
func (p *Principal) May(r metastore.Role) bool { return rank(p.Role) >= rank(r) }

func rank(r metastore.Role) int {
	switch r {
	case metastore.Owner:
		return 3
	case metastore.Editor:
		return 2
	case metastore.Viewer:
		return 1
	}
	return 0
}

func (p *Principal) actor() string { return p.Kind + ":" + p.ID }

type principalKey struct{}

// From returns who asks, nil if nobody was let in with ctx.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}

func with(ctx context.Context, p *Principal) context.Context {
	return metastore.WithActor(context.WithValue(ctx, principalKey{}, p), p.actor())
}

// Identify returns who sent a request, nil for nobody: a token that is not known is nobody, and a
// request with a token is not also asked for a session.
func (a *Auth) Identify(r *http.Request) (*Principal, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, nil
		}
		return a.Token(r.Context(), strings.TrimSpace(secret))
	}
	secret := session(r)
	if secret == "" {
		return nil, nil
	}
	m, err := a.store.SessionMember(r.Context(), secret)
	if errors.Is(err, metastore.ErrNotFound) {
		return nil, nil
	}
	return &Principal{Kind: "member", ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role, NoPassword: m.PasswordHash == ""}, err
}

// Token returns who has an API token, nil for nobody.
func (a *Auth) Token(ctx context.Context, secret string) (*Principal, error) {
	t, err := a.store.UseToken(ctx, secret)
	if errors.Is(err, metastore.ErrNotFound) {
		return nil, nil
	}
	return &Principal{Kind: "token", ID: t.ID, Name: t.Name, Role: t.Role}, err
}

// session returns the secret of the request's cookie, "" without one.
func session(r *http.Request) string {
	c, err := r.Cookie(Cookie)
	if err != nil {
		return ""
	}
	return c.Value
}
