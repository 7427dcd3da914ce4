package web

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/debrief-dev/debrief/internal/auth"
)

// healthz says that the process is alive: it answers.
func (s *site) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

// readyz says whether calls can be stored and figures asked; else 503 with the reasons.
func (s *site) readyz(w http.ResponseWriter, r *http.Request) {
	problems := []Problem{}
	if s.Ready != nil {
		problems = append(problems, s.Ready(r.Context())...)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if len(problems) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(struct {
		Ready    bool      `json:"ready"`
		Problems []Problem `json:"problems"`
	}{len(problems) == 0, problems}) // the client is gone if it fails
}

// metrics are open to this machine; from elsewhere they take a token or a session.
func (s *site) metrics(w http.ResponseWriter, r *http.Request) {
	if auth.From(r.Context()) == nil && !auth.Local(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="debrief"`)
		http.Error(w, `metrics take an API token from other machines: "Authorization: Bearer TOKEN"`, http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	if s.Metrics != nil {
		s.Metrics(w)
	}
}
