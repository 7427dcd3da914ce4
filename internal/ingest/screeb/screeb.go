// Package screeb is the door for clients of Screeb: it serves the browser tag that takes the place of
// Screeb's own, answers what the tag asks, and takes events of Screeb's server API.
//
// The tag itself is in sdk/browser; what it sends goes to the Segment door. What calls mean is the
// business of the vocabularies. Package app mounts the door.
package screeb

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// Protocol is the [event.Request] Protocol of the calls that come through the server API.
const Protocol = "screeb"

// Config says how a [Handler] works. Its Protocol is set by [New].
type Config struct {
	ingest.IntakeConfig

	// Tag holds tag.js and perhaps tag.js.gz at the root. Without tag.js: 404 with how to build it.
	Tag fs.FS
}

// Handler is the door. It is an [http.Handler] for the paths that it [Handler.Serves].
type Handler struct {
	in  *ingest.Intake
	tag tag
}

// New returns a door, or all that is wrong with cfg.
func New(cfg Config) (*Handler, error) {
	cfg.Protocol = Protocol
	in, err := ingest.NewIntake(cfg.IntakeConfig)
	if err != nil {
		return nil, err
	}
	h := &Handler{in: in}
	if cfg.Tag != nil {
		if h.tag, err = readTag(cfg.Tag); err != nil {
			return nil, fmt.Errorf("read the browser tag: %w", err)
		}
	}
	return h, nil
}

const (
	eventPath    = "/1.0/event"
	settingsPath = "/screeb/settings/" // and a write key
)

// Serves reports whether a path is one of the door's. Doubled and trailing slashes are looked over.
func (h *Handler) Serves(p string) bool {
	p = path.Clean("/" + p)
	return p == eventPath || isTag(p) || strings.HasPrefix(p, settingsPath)
}

// isTag reports whether a path is that of the tag. The second is the one that Screeb's own tag has, for
// pages where the host alone can be changed.
func isTag(p string) bool { return p == "/screeb/tag.js" || p == "/tag.js" }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := path.Clean("/" + r.URL.Path)
	methods, takes := "GET,HEAD,OPTIONS", r.Method == http.MethodGet || r.Method == http.MethodHead
	if p == eventPath {
		methods, takes = "POST,OPTIONS", r.Method == http.MethodPost
	}
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, methods, false)
		h.in.Answered(http.StatusNoContent)
		return
	}
	if !takes {
		ingest.AllowOrigin(w, r, false)
		w.Header().Set("Allow", methods)
		h.in.Fail(w, &ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "this path takes " + methods})
		return
	}
	switch {
	case isTag(p):
		h.serveTag(w, r)
	case p == eventPath:
		h.events(w, r)
	default:
		h.settings(w, r, strings.TrimPrefix(p, settingsPath))
	}
}
