// Package profileapi is Segment's Profile API: people and accounts, asked for by any of their identifiers, in the
// routes and answers that Segment's clients know (docs/profile-api.md). It is for servers: there are no CORS headers.
// What a profile is, is package profile's business; only app imports this package.
package profileapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/profile"
)

// Caller is who asks. The zero value is nobody.
type Caller struct {
	ID, Name  string
	MayChange bool // take ids off people
}

// Config says what the API stands on. Profiles, Space and Identify are required.
type Config struct {
	Profiles *profile.Profiles
	// Space is what routes call the workspace; others are not found.
	Space string
	// Identify returns who has an API token.
	Identify func(ctx context.Context, token string) (Caller, error)
	// PerSecond bounds the requests of a caller; 0 is 100, as Segment's.
	PerSecond int
	// Questions is how many requests ask the event store at once; 0 is 4. The others wait, for 10 s at most.
	Questions int

	Log *slog.Logger     // nil: slog.Default
	Now func() time.Time // nil: time.Now
}

// Handler answers the API.
type Handler struct {
	Config
	rate      *ingest.Rate
	questions chan struct{}
}

// New returns the handler of c, or what is wrong with it.
func New(c Config) (*Handler, error) {
	if c.Profiles == nil || c.Space == "" || c.Identify == nil {
		return nil, errors.New("the Profile API needs Profiles, Space and Identify")
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{Config: c, rate: ingest.NewRate(cmp.Or(c.PerSecond, 100)), questions: make(chan struct{}, cmp.Or(c.Questions, 4))}, nil
}

// prefix is below what all routes are.
const prefix = "v1/spaces/"

// Serves reports whether the path is this API's.
func (h *Handler) Serves(path string) bool {
	return strings.HasPrefix(strings.TrimLeft(path, "/"), prefix)
}

// route is a path taken apart.
type route struct {
	space, collection, id string
	what                  string // "traits", "external_ids/delete"; "" is the profile itself
}

// routeOf takes a path apart as it was sent: ids may hold anything, escaped.
func routeOf(path string) (route, bool) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimLeft(path, "/"), "/"), "/")
	if len(parts) < 7 || parts[0] != "v1" || parts[1] != "spaces" || parts[3] != "collections" || parts[5] != "profiles" {
		return route{}, false
	}
	r := route{what: strings.Join(parts[7:], "/")}
	for _, p := range []struct {
		at   *string
		text string
	}{{&r.space, parts[2]}, {&r.collection, parts[4]}, {&r.id, parts[6]}} {
		var err error
		if *p.at, err = url.PathUnescape(p.text); err != nil {
			return route{}, false
		}
	}
	return r, true
}

// call is one request on its way.
type call struct {
	*Handler
	w      http.ResponseWriter
	r      *http.Request
	route  route
	values url.Values
	caller Caller
	// profile is whom the request is about.
	profile *profile.Profile
}

// ServeHTTP answers.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Request-Id", rand.Text())
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	c := &call{Handler: h, w: w, r: r}
	if err := c.serve(); err != nil {
		c.fail(err)
	}
}

// endpoint is what a route has.
type endpoint struct {
	method string
	handle func(*call) error
	// asks says that the event store is asked, so that it is bounded in time and number.
	asks bool
}

var endpoints = map[string]endpoint{
	"":                    {http.MethodGet, (*call).getProfile, true},
	"traits":              {http.MethodGet, (*call).getTraits, false},
	"external_ids":        {http.MethodGet, (*call).getExternalIDs, false},
	"external_ids/delete": {http.MethodPost, (*call).deleteExternalID, true},
	"events":              {http.MethodGet, (*call).getEvents, true},
	"conversations":       {http.MethodGet, (*call).getConversations, true},
	"metadata":            {http.MethodGet, (*call).getMetadata, true},
	"links":               {http.MethodGet, (*call).getLinks, false},
}

func (c *call) serve() error {
	var ok bool
	if c.route, ok = routeOf(c.r.URL.EscapedPath()); !ok {
		return errNoRoute
	}
	e, ok := endpoints[c.route.what]
	if !ok {
		return errNoRoute
	}
	if c.r.Method != e.method && (c.r.Method != http.MethodHead || e.method != http.MethodGet) {
		c.w.Header().Set("Allow", e.method)
		return &failure{http.StatusMethodNotAllowed, "invalid_request_error", "use " + e.method}
	}
	if err := c.admit(); err != nil {
		return err
	}
	var err error
	if c.values, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return invalid("The query is not URL-encoded.")
	}
	if c.route.what == "traits" && c.values.Get("format") == "prompt" {
		e = endpoints[""]
	}
	if e.asks {
		ctx, cancel := context.WithTimeout(c.r.Context(), 10*time.Second)
		defer cancel()
		c.r = c.r.WithContext(ctx)
		select {
		case c.questions <- struct{}{}:
			defer func() { <-c.questions }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if c.profile, err = c.find(); err != nil {
		return err
	}
	return e.handle(c)
}

// admit lets those with a token through, as the username of Basic authentication or as a bearer, as often as the rate
// allows.
func (c *call) admit() error {
	token, _, ok := c.r.BasicAuth()
	if scheme, rest, _ := strings.Cut(c.r.Header.Get("Authorization"), " "); !ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	if token == "" {
		return c.stranger()
	}
	var err error
	if c.caller, err = c.Identify(c.r.Context(), token); err != nil {
		return fmt.Errorf("find who asks: %w", err)
	}
	if c.caller.ID == "" {
		return c.stranger()
	}
	if wait := c.rate.Take(c.caller.ID, c.Now()); wait > 0 {
		c.w.Header().Set("Retry-After", fmt.Sprint(int((wait+time.Second-1)/time.Second)))
		return &failure{http.StatusTooManyRequests, "rate_limit_error", "Too many requests; try again in a moment."}
	}
	return nil
}

func (c *call) stranger() error {
	c.w.Header().Set("WWW-Authenticate", `Basic realm="debrief"`)
	return &failure{http.StatusUnauthorized, c.deleting("authentication_error", "unauthorized"), "Send an API token as the username of Basic authentication, or as a bearer."}
}

// find returns whom the path names.
func (c *call) find() (*profile.Profile, error) {
	if c.route.space != c.Space {
		return nil, &failure{http.StatusNotFound, "not_found", "Space was not found; this one is \"" + c.Space + "\"."}
	}
	collection := profile.Collection(c.route.collection)
	if collection != profile.Users && collection != profile.Accounts {
		return nil, &failure{http.StatusNotFound, "not_found", "Collection was not found; there are users and accounts."}
	}
	id, ok := identity.ParseRef(c.route.id)
	if !ok {
		return nil, invalid("Name a profile as type:value, such as user_id:u1234.")
	}
	return c.Profiles.Find(c.r.Context(), collection, id)
}
