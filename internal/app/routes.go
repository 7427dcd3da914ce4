package app

import (
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/web"
)

// bodyTimeout is how long a client may take to send a request's body.
const bodyTimeout = 2 * time.Minute

// router hands each request to a door, the API or the pages. The doors come first and see the path as
// it was sent: SDKs send doubled slashes, which http.ServeMux would redirect.
type router struct {
	doors    []door // asked in order; the first answers what none serves
	api, web http.Handler
}

// door is a wire protocol's handler, which knows its paths.
type door interface {
	http.Handler
	Serves(path string) bool
}

func newRouter(doors []door, api, pages http.Handler) *router {
	return &router{doors: doors, api: web.Headers(api), web: web.Headers(pages)}
}

// ServeHTTP routes.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // every server of ours can
	}
	d := rt.door(r)
	switch {
	case d != nil:
		d.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		rt.api.ServeHTTP(w, r)
	default:
		rt.web.ServeHTTP(w, r)
	}
}

// door returns the door of a request that comes from a client that sends events, else nil. What such a
// client mistypes is told it by a door, in JSON that scripts of any origin may read: a page would be no
// answer to it.
func (rt *router) door(r *http.Request) door {
	path := r.URL.Path
	for _, d := range rt.doors {
		if d.Serves(path) {
			return d
		}
	}
	if strings.HasPrefix(strings.TrimLeft(path, "/")+"/", "v1/") {
		return rt.doors[0]
	}
	switch r.Method {
	case http.MethodOptions, http.MethodPost, http.MethodPut:
		if !strings.HasPrefix(path, "/api/") && !web.TakesForm(path) {
			return rt.doors[0]
		}
	}
	return nil
}
