package segment

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// scriptName is the file that the HTML snippet loads; scriptSource is its name in the npm package.
const (
	scriptName   = "analytics.min.js"
	scriptSource = "standalone.js"
)

// script serves analytics.min.js, and the chunks that it loads when it needs them.
func (h *Handler) script(w http.ResponseWriter, r *http.Request, name string) {
	text, f := h.readScript(name)
	if f != nil {
		h.fail(w, f)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/javascript; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "public, max-age=31536000, immutable") // chunks have a hash in their name
	if name == scriptName {
		head.Set("Cache-Control", "public, max-age=300")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
	h.metrics.Answered(http.StatusOK)
}

func (h *Handler) readScript(name string) ([]byte, *ingest.Failure) {
	missing := &ingest.Failure{Status: 404, Code: "not_found", Message: "no such script"}
	if path.Ext(name) != ".js" || strings.ContainsAny(name, `/\`) || !fs.ValidPath(name) {
		return nil, missing
	}
	names := []string{name}
	if name == scriptName {
		names = append(names, scriptSource)
		missing = &ingest.Failure{Status: 404, Code: "script_not_built",
			Message: `analytics.min.js is not part of this build; run "make build", which copies it from the npm package @segment/analytics-next`}
	}
	if h.cfg.Script == nil {
		return nil, missing
	}
	for _, n := range names {
		text, err := fs.ReadFile(h.cfg.Script, n)
		if err == nil {
			return text, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			h.cfg.Logger.Error("read script", "file", n, "error", err)
		}
	}
	return nil, missing
}
