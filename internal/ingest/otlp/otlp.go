// Package otlp is the door for OpenTelemetry: OTLP over HTTP, in protobuf and in JSON. Each span and each
// log record becomes one call of type span or log; what they mean is the business of the vocabularies.
// Metrics are answered and not kept.
//
// docs/otlp.md states routes, answers and bounds. Package app mounts it.
package otlp

import (
	"net/http"
	"sync"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// Protocol is the [event.Request] Protocol of the calls that this door takes in.
const Protocol = "otlp"

// Config says how a [Handler] works. Its Protocol may be left empty.
type Config struct {
	ingest.IntakeConfig
}

// Handler is the door. It is an [http.Handler] for all its routes.
type Handler struct {
	in      *ingest.Intake
	points  *metrics.Counter // of metrics that were thrown away
	writers sync.Pool
}

// New returns a door, or all that is wrong with cfg.
func New(cfg Config) (*Handler, error) {
	cfg.IntakeConfig.Protocol = Protocol
	in, err := ingest.NewIntake(cfg.IntakeConfig)
	if err != nil {
		return nil, err
	}
	set := cfg.IntakeConfig.Metrics
	if set == nil {
		set = metrics.NewSet()
	}
	h := &Handler{in: in, points: set.GetOrCreateCounter("debrief_ingest_otlp_data_points_dropped_total")}
	h.writers.New = func() any { return new(writer) }
	return h, nil
}

// Serves reports whether a path is one of the door's.
func (h *Handler) Serves(path string) bool { return signalOf(path) != signalNone }

const methods = "POST,OPTIONS"

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, methods, true)
		h.in.Answered(http.StatusNoContent)
		return
	}
	ingest.AllowOrigin(w, r, true)
	enc, known := encodingOf(r.Header.Get("Content-Type"))
	s := signalOf(r.URL.Path)
	switch {
	case s == signalNone:
		h.fail(w, enc, &ingest.Failure{Status: http.StatusNotFound, Code: "not_found", Message: "no such path; OTLP goes to /v1/traces, /v1/logs and /v1/metrics"})
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", methods)
		h.fail(w, enc, &ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "OTLP is sent by POST"})
	case !known:
		h.fail(w, enc, &ingest.Failure{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
			Message: "the Content-Type is neither application/x-protobuf nor application/json; gRPC is not served"})
	default:
		h.export(w, r, s, enc)
	}
}

// export answers one export request. The key is in its headers, so that nobody else's body is read.
func (h *Handler) export(w http.ResponseWriter, r *http.Request, s signal, enc encoding) {
	v, f := h.in.Visit(r)
	if f != nil {
		h.fail(w, enc, f)
		return
	}
	defer v.Close()
	if f := v.Authenticate(v.Key(), headerKey(r)); f != nil {
		h.fail(w, enc, f)
		return
	}
	text, f := v.Read()
	var out result
	if f == nil {
		out, f = h.take(v, text, s, enc)
	}
	if f != nil {
		v.NoteRefusal(f)
		h.fail(w, enc, f)
		return
	}
	h.succeed(w, enc, s, out)
}

// headerKey is the write key where exporters of other products put it, if it is in none of the places of
// [ingest.Visit.Key].
func headerKey(r *http.Request) string {
	for _, name := range [...]string{"X-Api-Key", "Api-Key", "X-Write-Key"} {
		if key := r.Header.Get(name); key != "" {
			return key
		}
	}
	if r.URL.RawQuery == "" {
		return ""
	}
	q := r.URL.Query()
	for _, name := range [...]string{"api_key", "token", "writeKey"} {
		if key := q.Get(name); key != "" {
			return key
		}
	}
	return ""
}
