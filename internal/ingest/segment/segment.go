// Package segment is the door for the Segment Tracking API and its relatives (RudderStack's SDKs): it
// authenticates, bounds and decodes requests, appends them to the event log, and only then answers.
//
// docs/ingest.md states the routes, answers and rules. What a call means is the business of the
// vocabularies; the door checks only what it must, to tell the sender at once. Package app mounts it.
package segment

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/redact"
)

// Protocol is the [event.Request] Protocol of the calls that this door takes in.
const Protocol = "segment"

// Config says how a [Handler] works. Sources and Log are required.
type Config struct {
	Sources ingest.Sources
	Log     ingest.Log

	// Redact is applied to every call before the log. Nil leaves calls alone.
	Redact redact.Func

	// Limits bound requests. Zero fields are defaults; see [ingest.SegmentStrict].
	Limits ingest.Limits

	// PublicURL is how the outside world reaches this server ("https://events.example.com", a path prefix
	// may follow). If set, the settings document tells clients to send there; if empty, they keep the
	// host they were given.
	PublicURL string

	// TrustedProxies are the peers whose X-Forwarded-For header is believed. None by default.
	TrustedProxies []netip.Prefix

	// Script holds analytics.min.js (or standalone.js, its name in the npm package) and its lazy chunks,
	// all at the root. Nil or without the file: 404 with how to build it.
	Script fs.FS

	// Metrics is the set that counters are registered in. Nil keeps them unseen.
	Metrics *metrics.Set

	// Logger receives faults of the server, never of senders. Nil discards.
	Logger *slog.Logger

	// Now is the clock, NewID makes event ids for calls without one. Nil: time.Now and UUIDv7.
	Now   func() time.Time
	NewID func() string
}

// Handler is the door. It is an [http.Handler] for all its routes; whatever else reaches it is answered 404.
type Handler struct {
	cfg     Config
	limits  ingest.Limits
	routes  map[string]route
	keys    *ingest.Keys
	gate    *ingest.Gate
	rate    *ingest.Rate
	metrics *ingest.Metrics
	proxies ingest.Proxies
	jobs    sync.Pool
	log     *ingest.Appender
}

// New returns a door, or all that is wrong with cfg.
func New(cfg Config) (*Handler, error) {
	var faults []error
	if cfg.Sources == nil {
		faults = append(faults, errors.New("segment door needs Sources"))
	}
	if cfg.Log == nil {
		faults = append(faults, errors.New("segment door needs a Log"))
	}
	if _, _, err := settingsHost(cfg.PublicURL); err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(append(faults, cfg.Limits.Validate())...); err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		cfg.NewID = ingest.NewID
	}
	h := &Handler{cfg: cfg, limits: cfg.Limits.WithDefaults(), routes: fixedRoutes(), proxies: cfg.TrustedProxies}
	h.log = ingest.NewAppender(cfg.Log, cfg.Logger, cfg.Now)
	h.keys = ingest.NewKeys(cfg.Sources, cfg.Now)
	h.gate = ingest.NewGate(h.limits)
	h.rate = ingest.NewRate(h.limits.RequestsPerSecond)
	h.metrics = ingest.NewMetrics(cfg.Metrics, Protocol, h.gate)
	h.jobs.New = func() any { return newJob(h) }
	return h, nil
}

// Serves reports whether a path is one of the door's. Whoever mounts the door asks before any router that
// redirects: "//v1/batch" and "/v1/batch/" are served as they come.
func (h *Handler) Serves(path string) bool { return h.find(path).kind != kindNone }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt := h.find(r.URL.Path)
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, rt.methods, rt.isIngest())
		h.metrics.Answered(http.StatusNoContent)
		return
	}
	ingest.AllowOrigin(w, r, rt.isIngest())
	if rt.kind != kindNone && !rt.serves(r.Method) {
		w.Header().Set("Allow", rt.methods)
		h.fail(w, &ingest.Failure{Status: 405, Code: "method_not_allowed", Message: "this path does not take " + knownMethod(r.Method)})
		return
	}
	switch rt.kind {
	case kindSingle, kindBatch, kindMerge:
		h.ingest(w, r, rt)
	case kindPixel:
		h.pixel(w, r, rt)
	case kindDrop:
		h.succeed(w)
	case kindSettings:
		h.settings(w, rt.param)
	case kindConfig:
		h.sourceConfig(w, r)
	case kindScript:
		h.script(w, r, rt.param)
	case kindToken:
		h.token(w, r)
	default:
		h.fail(w, &ingest.Failure{Status: 404, Code: "not_found", Message: h.missing(r.URL.Path)})
	}
}

// missing says what may be wrong with a path: mostly the base that the client was given lacks its "/v1".
func (h *Handler) missing(path string) string {
	if len(path) < 100 && h.Serves("/v1"+path) {
		return "no such path; did you mean /v1" + normalise(path) + "?"
	}
	return "no such path; calls go to /v1/batch, /v1/track and others"
}

func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE":
		return m
	}
	return "this method"
}

// fail answers a failure and counts it.
func (h *Handler) fail(w http.ResponseWriter, f *ingest.Failure) {
	f.Answer(w)
	h.metrics.Refused(f.Code)
	h.metrics.Answered(f.Status)
}

// success is the one answer that every SDK takes for success: 200 and a JSON object.
var (
	success  = []byte(`{"success":true}`)
	jsonType = []string{"application/json"}
)

func (h *Handler) succeed(w http.ResponseWriter) {
	w.Header()["Content-Type"] = jsonType // net/http adds the length itself, more cheaply
	_, _ = w.Write(success)               // a client that has gone away sends again
	h.metrics.Answered(http.StatusOK)
}
