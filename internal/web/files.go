package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/auth"
)

// files are those of the built UI, read once: they are few, small and do not change.
type files struct {
	byPath map[string]*file
}

type file struct {
	contentType string
	etag        string
	immutable   bool
	plain       []byte
	gzip, brotl []byte // nil when there is none
}

// hashed are the names that the build makes of the content.
var hashed = regexp.MustCompile(`^assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

func loadFiles(ui fs.FS) (*files, error) {
	f := &files{byPath: map[string]*file{}}
	if ui == nil {
		return f, nil
	}
	err := fs.WalkDir(ui, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".br") {
			return err
		}
		one, err := loadFile(ui, name)
		if err != nil {
			return err
		}
		f.byPath[name] = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the web UI: %w", err)
	}
	return f, nil
}

func loadFile(ui fs.FS, name string) (*file, error) {
	optional := func(name string) ([]byte, error) {
		b, err := fs.ReadFile(ui, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return b, err
	}
	plain, err1 := fs.ReadFile(ui, name)
	gz, err2 := optional(name + ".gz")
	br, err3 := optional(name + ".br")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{
		contentType: contentType(name), immutable: hashed.MatchString(name), plain: plain, gzip: gz, brotl: br,
		etag: base64.RawURLEncoding.EncodeToString(sum[:12]),
	}
	return f, nil
}

// contentType does not trust the machine's table for what pages are made of.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	case ".txt", "":
		return "text/plain; charset=utf-8"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
	}
	return "application/octet-stream"
}

// app serves a file of the UI, or its page for addresses that the UI understands.
func (s *site) app(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if f := s.files.byPath[name]; f != nil && name != "index.html" {
		f.serve(w, r)
		return
	}
	if path.Ext(name) != "" && name != "index.html" && !inPage(name) {
		http.NotFound(w, r)
		return
	}
	if auth.From(r.Context()) == nil {
		login := "/login"
		if next := r.URL.RequestURI(); next != "/" {
			login += "?next=" + url.QueryEscape(next)
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, login, http.StatusSeeOther)
		return
	}
	if index := s.files.byPath["index.html"]; index != nil {
		index.serve(w, r)
		return
	}
	s.show(w, r, http.StatusOK, "unbuilt", nil)
}

// inPage reports whether a name lies below a page of the UI: there it ends in an id, which may hold a dot.
func inPage(name string) bool {
	first, _, below := strings.Cut(name, "/")
	return below && first != "assets"
}

// serve answers with the smallest form that the client takes.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := f.plain, f.etag
	switch {
	case f.brotl != nil && accepts(r, "br"):
		body, etag = f.brotl, etag+"-br"
		h.Set("Content-Encoding", "br")
	case f.gzip != nil && accepts(r, "gzip"):
		body, etag = f.gzip, etag+"-gz"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", strconv.Quote(etag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// accepts reads Accept-Encoding: a coding that is named, and not with q=0.
func accepts(r *http.Request, coding string) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			_, q, weighted := strings.Cut(strings.ReplaceAll(params, " ", ""), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return !weighted || (err == nil && weight > 0)
		}
	}
	return false
}
