// Package posthog is the door for PostHog's libraries: the routes on which they send events, and harmless
// answers to what else they ask, so that a client pointed here works as before, without feature flags,
// surveys or recordings.
//
// Every event becomes a call in Segment's shape. What calls mean is the business of the vocabularies.
// Package app mounts the door.
package posthog

import (
	"net/http"
	"path"
	"strings"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// Protocol is the [event.Request] Protocol of the door's calls.
const Protocol = "posthog"

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

// route is what a path is for.
type route int

const (
	routeNone       route = iota
	routeEvents           // events, answered with a status that is a number
	routeBatch            // events, answered with a status that is a word
	routeResults          // events, answered one by one
	routeRecordings       // session recordings, thanked for and thrown away
	routeFlags            // feature flags of a person: none
	routeRules            // feature flags to be evaluated by the client: none
	routeConfig           // the project's settings
	routeScript           // the same as a script
)

// find returns the route of a path. Doubled and trailing slashes are looked over.
func find(p string) route {
	p = path.Clean("/" + p)
	switch p {
	case "/e", "/capture", "/track", "/engage":
		return routeEvents
	case "/batch", "/i/v0/e":
		return routeBatch
	case "/i/v1/analytics/events":
		return routeResults
	case "/s":
		return routeRecordings
	case "/flags", "/decide":
		return routeFlags
	case "/flags/definitions":
		return routeRules
	}
	switch parts := strings.Split(p, "/")[1:]; {
	case len(parts) == 3 && parts[0] == "array" && parts[2] == "config":
		return routeConfig
	case len(parts) == 3 && parts[0] == "array" && parts[2] == "config.js":
		return routeScript
	}
	return routeNone
}

// methods are those that the route takes.
func (rt route) methods() string {
	switch rt {
	case routeConfig, routeScript, routeRules:
		return "GET,HEAD,OPTIONS"
	}
	return "GET,POST,OPTIONS"
}

// Serves reports whether a path is one of the door's.
func (h *Handler) Serves(p string) bool { return find(p) != routeNone }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt := find(r.URL.Path)
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, rt.methods(), true)
		h.in.Answered(http.StatusNoContent)
		return
	}
	ingest.AllowOrigin(w, r, true)
	if !strings.Contains(rt.methods(), r.Method) {
		w.Header().Set("Allow", rt.methods())
		h.in.Fail(w, &ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "use " + rt.methods()})
		return
	}
	switch rt {
	case routeEvents, routeBatch, routeResults:
		h.events(w, r, rt)
	case routeRecordings:
		h.in.Answer(w, http.StatusOK, []byte(`{"status":1}`))
	case routeFlags:
		h.in.Answer(w, http.StatusOK, []byte(flags))
	case routeRules:
		h.in.Answer(w, http.StatusOK, []byte(`{"flags":[],"group_type_mapping":{},"cohorts":{}}`))
	case routeConfig:
		h.in.Answer(w, http.StatusOK, []byte(config))
	case routeScript:
		h.script(w, r)
	default:
		h.in.Fail(w, &ingest.Failure{Status: http.StatusNotFound, Code: "not_found", Message: "no route of PostHog's that is known here"})
	}
}

// What clients are told of the project: events alone are taken.
const (
	settings = `"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,"surveys":false,"heatmaps":false,` +
		`"capturePerformance":false,"autocaptureExceptions":false,"captureDeadClicks":false,"siteApps":[],"toolbarParams":{},"isAuthenticated":false`
	flags  = `{"flags":{},"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,` + settings + `}`
	config = `{"hasFeatureFlags":false,"defaultIdentifiedOnly":true,"elementsChainAsString":true,"analytics":{"endpoint":"/i/v0/e/"},` + settings + `}`
)

// script answers with the settings as posthog-js loads them beside itself.
func (h *Handler) script(w http.ResponseWriter, r *http.Request) {
	key := ingest.AppendJSONString(nil, strings.Split(path.Clean(r.URL.Path), "/")[2])
	const global = "window._POSTHOG_REMOTE_CONFIG"
	body := global + "=" + global + "||{};" + global + "[" + string(key) + "]={config:" + config + ",siteApps:[]};"
	w.Header().Set("Content-Type", "application/javascript; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(body)) // a client that has gone away is no fault of ours
	}
	h.in.Answered(http.StatusOK)
}
