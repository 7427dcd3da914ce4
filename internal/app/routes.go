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
	door, api, web http.Handler
}

func newRouter(door, api, pages http.Handler) *router {
	return &router{door: door, api: web.Headers(api), web: web.Headers(pages)}
}

// ServeHTTP routes.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // every server of ours can
	}
	switch {
	case isDoor(r.URL.Path):
		rt.door.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		rt.api.ServeHTTP(w, r)
	default:
		rt.web.ServeHTTP(w, r)
	}
}

// isDoor reports whether a path belongs to clients that send events.
func isDoor(path string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	switch first {
	case "v1", "analytics.js", "analytics-next", "next-integrations", "beacon", "pixel", "sourceConfig", "token":
		return true
	}
	return false
}
