package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/debrief-dev/debrief/internal/function"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// engineName is the directory where the compiled engine of functions is kept.
const engineName = "cache/functions"

// openFunctions opens what runs functions.
func (a *App) openFunctions(w metastore.Workspace) {
	engine := js.New(js.Config{Client: a.fetching(), CacheDir: filepath.Join(a.cfg.Data, engineName), Log: a.cfg.Log})
	a.parts.opened("functions", engine.Close)
	a.functions = function.New(function.Config{
		Workspace: w.ID, Meta: a.meta, Secrets: a.secrets, Engine: engine, Recent: func(ctx context.Context, n int, kind string) ([]json.RawMessage, error) {
			return a.deliver.Newest(ctx, n, kind)
		}, Logger: a.cfg.Log,
	})
}

// functionDoor takes requests of others' servers for source functions. What those make of a request goes through
// Segment's door, as calls of the function's source do that are sent there: so it is durable before the
// answer.
type functionDoor struct {
	functions *function.Functions
	meta      *metastore.Store
	segment   http.Handler
	url       string
	places    chan struct{} // of requests at once; more are told to come again
	log       *slog.Logger
}

// Bounds of the door: a body as at Segment, and the requests at once.
const (
	maxWebhook  = 512 << 10
	maxWebhooks = 64
)

// Serves reports whether the path is this door's.
func (d *functionDoor) Serves(path string) bool {
	id, ok := strings.CutPrefix(path, function.Path)
	return ok && id != "" && !strings.Contains(id, "/")
}

// ServeHTTP runs a source function.
func (d *functionDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		(&ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "functions take POST"}).Answer(w)
		return
	}
	select {
	case d.places <- struct{}{}:
		defer func() { <-d.places }()
	default:
		ingest.Busy().Answer(w)
		return
	}
	request, f := d.request(w, r)
	var got function.Received
	if f == nil {
		got, f = d.receive(r, request)
	}
	if f != nil {
		f.Answer(w)
		return
	}
	d.store(w, r, got)
}

// request reads what the function gets.
func (d *functionDoor) request(w http.ResponseWriter, r *http.Request) (js.Request, *ingest.Failure) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	if errors.As(err, new(*http.MaxBytesError)) {
		return js.Request{}, &ingest.Failure{Status: http.StatusRequestEntityTooLarge, Code: "payload_too_large", Message: fmt.Sprintf("functions take bodies of at most %d bytes", maxWebhook)}
	}
	if err != nil {
		return js.Request{}, &ingest.Failure{Status: http.StatusBadRequest, Code: "incomplete_body", Message: "the body did not come whole"}
	}
	out := js.Request{Method: r.Method, URL: d.url + r.URL.RequestURI(), Body: string(body)}
	for name, all := range r.Header {
		for _, v := range all {
			out.Headers = append(out.Headers, [2]string{name, strings.ToValidUTF8(v, "")})
		}
	}
	return out, nil
}

// receive runs the function. Whoever sends is told the class of a failure, never its message: that is for the
// function's log.
func (d *functionDoor) receive(r *http.Request, request js.Request) (function.Received, *ingest.Failure) {
	id := strings.TrimPrefix(r.URL.Path, function.Path)
	got, err := d.functions.Receive(r.Context(), id, request)
	var failed *js.Error
	switch {
	case err == nil:
		return got, nil
	case errors.Is(err, metastore.ErrNotFound):
		return got, &ingest.Failure{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such function"}
	case errors.Is(err, function.ErrNotDeployed):
		return got, &ingest.Failure{Status: http.StatusServiceUnavailable, Code: "not_deployed", Message: "the function is not deployed", RetryAfter: 60}
	case errors.As(err, &failed) && failed.Retry():
		return got, &ingest.Failure{Status: http.StatusServiceUnavailable, Code: "try_again", Message: "the function cannot take the request now", RetryAfter: 60}
	case errors.As(err, &failed):
		return got, &ingest.Failure{Status: http.StatusBadRequest, Code: "function_failed", Message: "the function does not take the request; its log says why"}
	}
	d.log.LogAttrs(r.Context(), slog.LevelError, "source function failed", slog.String("function", id), slog.Any("error", err))
	return got, &ingest.Failure{Status: http.StatusServiceUnavailable, Code: "unavailable", Message: "the function cannot be run now", RetryAfter: 60}
}

// store hands calls to Segment's door, whose answer is the answer.
func (d *functionDoor) store(w http.ResponseWriter, r *http.Request, got function.Received) {
	src, err := d.meta.Source(r.Context(), metastore.DefaultWorkspace, got.Source)
	if err != nil || !src.Enabled || len(src.Keys) == 0 {
		(&ingest.Failure{Status: http.StatusForbidden, Code: "source_disabled", Message: "the function's source is disabled"}).Answer(w)
		return
	}
	body, err := json.Marshal(map[string]any{"batch": append([]json.RawMessage{}, got.Calls...)})
	if err != nil {
		panic(fmt.Sprintf("BUG: encode the calls of a function: %v", err))
	}
	inner, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "/v1/batch", bytes.NewReader(body))
	if err != nil {
		panic(fmt.Sprintf("BUG: %v", err))
	}
	inner.RemoteAddr = r.RemoteAddr
	inner.SetBasicAuth(src.Keys[0].Key, "")
	d.segment.ServeHTTP(w, inner)
}
