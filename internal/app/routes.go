package app

import (
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/web"
)

// bodyTimeout is how long a client may take to send a request's body.
const bodyTimeout = 2 * time.Minute

// router hands each request to the door, the API or the pages. The door comes first and sees the path as
// it was sent: SDKs send doubled slashes, which http.ServeMux would redirect.
type router struct {
	door     door
	api, web http.Handler
}

// door is a wire protocol's handler, which knows its paths.
type door interface {
	http.Handler
	Serves(path string) bool
}

func newRouter(door door, api, pages http.Handler) *router {
	return &router{door: door, api: web.Headers(api), web: web.Headers(pages)}
}

// ServeHTTP routes.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // every server of ours can
	}
	switch {
	case rt.isDoor(r):
		rt.door.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		rt.api.ServeHTTP(w, r)
	default:
		rt.web.ServeHTTP(w, r)
	}
}

// isDoor reports whether a request comes from a client that sends events. What it mistypes is told it by
// the door, in JSON that scripts of any origin may read: a page would be no answer to it.
func (rt *router) isDoor(r *http.Request) bool {
	path := r.URL.Path
	switch {
	case rt.door.Serves(path), strings.HasPrefix(strings.TrimLeft(path, "/")+"/", "v1/"):
		return true
	case r.Method == http.MethodOptions, r.Method == http.MethodPost, r.Method == http.MethodPut:
		return !strings.HasPrefix(path, "/api/") && !web.TakesForm(path)
	}
	return false
}
