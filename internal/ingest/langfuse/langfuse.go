// Package langfuse is the door for clients of Langfuse's public API that send: batches for ingestion and
// single scores. The write key is the public key of Basic authentication; the secret key is not looked at.
//
// Every item becomes a call in Segment's shape. What calls mean is the business of the vocabularies; spans
// that come by OpenTelemetry are that of package otlp. Package app mounts the door.
package langfuse

import (
	"net/http"
	"path"
	"strings"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// Protocol is the [event.Request] Protocol of the door's calls.
const Protocol = "langfuse"

// Config says how a [Handler] works. Its Protocol is set by [New].
type Config struct {
	ingest.IntakeConfig
}

// Handler is the door. It is an [http.Handler] for the paths that it [Handler.Serves].
type Handler struct {
	in *ingest.Intake
}

// New returns a door, or all that is wrong with cfg.
func New(cfg Config) (*Handler, error) {
	cfg.Protocol = Protocol
	in, err := ingest.NewIntake(cfg.IntakeConfig)
	if err != nil {
		return nil, err
	}
	return &Handler{in: in}, nil
}

// The paths of the door, behind [prefix].
const (
	prefix    = "/api/public/"
	ingestion = "ingestion"
	scores    = "scores"
	health    = "health"
	projects  = "projects"
)

// methodsOf returns the methods of a path of the door, "" if it is none.
func methodsOf(p string) string {
	name, ok := strings.CutPrefix(path.Clean("/"+p), prefix)
	if !ok {
		return ""
	}
	switch name {
	case ingestion, scores:
		return "POST,OPTIONS"
	case health, projects:
		return "GET,HEAD,OPTIONS"
	}
	return ""
}

// Serves reports whether a path is one of the door's. Doubled and trailing slashes are looked over.
func (h *Handler) Serves(p string) bool { return methodsOf(p) != "" }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	methods := methodsOf(r.URL.Path)
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, methods, false)
		h.in.Answered(http.StatusNoContent)
		return
	}
	ingest.AllowOrigin(w, r, false)
	if !strings.Contains(methods, r.Method) {
		w.Header().Set("Allow", methods)
		h.in.Fail(w, &ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "use " + methods})
		return
	}
	switch path.Base(path.Clean(r.URL.Path)) {
	case ingestion:
		h.ingest(w, r)
	case scores:
		h.scores(w, r)
	case projects:
		h.projects(w, r)
	default:
		h.in.Answer(w, http.StatusOK, []byte(`{"status":"OK","version":"3"}`))
	}
}

// projects tells a client that asks whether its key is good which source the key is of.
func (h *Handler) projects(w http.ResponseWriter, r *http.Request) {
	v, f := h.in.Visit(r)
	if f != nil {
		h.in.Fail(w, f)
		return
	}
	defer v.Close()
	if f := v.Authenticate(); f != nil {
		h.in.Fail(w, f)
		return
	}
	body := ingest.AppendJSONString([]byte(`{"data":[{"id":`), v.Source.ID)
	body = ingest.AppendJSONString(append(body, `,"name":`...), v.Source.Name)
	h.in.Answer(w, http.StatusOK, append(body, `,"metadata":{}}]}`...))
}
