package screeb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// tag is the built browser tag; plain is nil in a build without it.
type tag struct {
	plain, gzip []byte
	etag        string // without quotes
}

func readTag(files fs.FS) (tag, error) {
	var t tag
	var err error
	if t.plain, err = fs.ReadFile(files, "tag.js"); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return tag{}, nil
		}
		return tag{}, err
	}
	sum := sha256.Sum256(t.plain)
	t.etag = hex.EncodeToString(sum[:8])
	if t.gzip, err = fs.ReadFile(files, "tag.js.gz"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tag{}, err
	}
	return t, nil
}

// serveTag answers with the tag. Pages keep it for five minutes, and ask after that whether it changed.
func (h *Handler) serveTag(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Access-Control-Allow-Origin", "*") // scripts need none, but integrity attributes do
	if h.tag.plain == nil {
		h.in.Fail(w, &ingest.Failure{Status: http.StatusNotFound, Code: "script_not_built",
			Message: `tag.js is not part of this build; run "make build", which builds it in sdk/browser`})
		return
	}
	text, etag := h.tag.plain, h.tag.etag
	if h.tag.gzip != nil && acceptsGzip(r) {
		text, etag = h.tag.gzip, etag+"-gz"
		head.Set("Content-Encoding", "gzip")
	}
	head.Set("Content-Type", "text/javascript; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	head.Set("Cache-Control", "public, max-age=300")
	head.Set("Vary", "Accept-Encoding")
	head.Set("ETag", strconv.Quote(etag))
	http.ServeContent(w, r, "tag.js", time.Time{}, bytes.NewReader(text))
	h.in.Answered(http.StatusOK)
}

// acceptsGzip reads Accept-Encoding: gzip by name, and not with q=0.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

// settings answers what the tag asks before it sends anything of a person without a user id. Browsers
// keep it for five minutes.
func (h *Handler) settings(w http.ResponseWriter, r *http.Request, key string) {
	ingest.AllowOrigin(w, r, false)
	src, f := h.in.Source(key)
	if f != nil && f.Status != http.StatusForbidden { // a disabled source is refused with its first call
		if f.Status == http.StatusUnauthorized {
			f.Status = http.StatusNotFound
		}
		h.in.Fail(w, f)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	h.in.Answer(w, http.StatusOK, []byte(`{"ignoreAnonymous":`+strconv.FormatBool(src.IgnoreAnonymous)+`}`))
}
