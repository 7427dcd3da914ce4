package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/insight"
)

var (
	errBusy  = errors.New("too many questions at once; try again in a moment")
	errNoUse = errors.New("this server does not offer that")
)

// unknownParameterError names a parameter that the endpoint does not have.
type unknownParameterError struct{ name, known string }

func (e *unknownParameterError) Error() string {
	if e.known == "" {
		return "unknown parameter " + quoted(e.name) + "; this endpoint takes none"
	}
	return "unknown parameter " + quoted(e.name) + "; this endpoint takes " + e.known
}

// bodyError is a request body that is not understood.
type bodyError struct{ reason string }

func (e *bodyError) Error() string { return e.reason }

// ErrorBody is the JSON of every error.
type ErrorBody struct {
	Error ErrorDetail `json:"error"`
}

// ErrorDetail is what went wrong: a stable code, and a message for a person.
type ErrorDetail struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Parameter string `json:"parameter,omitempty"` // the query parameter at fault
}

// WriteError answers an error in the API's shape.
func WriteError(w http.ResponseWriter, status int, code, message string) {
	writeError(w, status, ErrorDetail{Code: code, Message: message})
}

func writeError(w http.ResponseWriter, status int, d ErrorDetail) {
	w.Header().Set("Cache-Control", "no-store")
	if err := writeJSON(w, nil, status, ErrorBody{Error: d}); err != nil {
		panic("BUG: " + err.Error())
	}
}

// fail answers an error. What the sender cannot mend is logged here, once, and its text is not shown.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, d := explain(err)
	switch {
	case r.Context().Err() != nil:
		return // nobody is there to read it
	case status == http.StatusServiceUnavailable && errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "1")
	case status == http.StatusInternalServerError:
		s.Log.LogAttrs(r.Context(), slog.LevelError, "api request failed",
			slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Any("error", err))
	}
	writeError(w, status, d)
}

// explain translates an error to a status and what the sender is told.
func explain(err error) (int, ErrorDetail) {
	var unknown *unknownParameterError
	var parameter *insight.ParameterError
	var body *bodyError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &unknown):
		return http.StatusBadRequest, ErrorDetail{Code: "unknown_parameter", Message: err.Error(), Parameter: unknown.name}
	case errors.As(err, &parameter):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_parameter", Message: err.Error(), Parameter: parameter.Parameter}
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, ErrorDetail{Code: "too_large", Message: "the body is too large"}
	case errors.As(err, &body):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_body", Message: err.Error()}
	case errors.As(err, new(*headerError)):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_parameter", Message: err.Error(), Parameter: "Last-Event-ID"}
	case errors.As(err, new(*eventstore.SQLError)):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_sql", Message: err.Error()}
	case errors.Is(err, eventstore.ErrSQLMemory):
		return http.StatusBadRequest, ErrorDetail{Code: "too_expensive", Message: err.Error()}
	case errors.Is(err, eventstore.ErrSQLTime):
		return http.StatusGatewayTimeout, ErrorDetail{Code: "timeout", Message: err.Error()}
	case errors.Is(err, eventstore.ErrInvalid):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_parameter", Message: strings.TrimPrefix(err.Error(), eventstore.ErrInvalid.Error()+": ")}
	case errors.Is(err, ErrInvalid):
		return http.StatusBadRequest, ErrorDetail{Code: "invalid_body", Message: err.Error()}
	case errors.Is(err, ErrNotFound), errors.Is(err, insight.ErrNotFound):
		return http.StatusNotFound, ErrorDetail{Code: "not_found", Message: err.Error()}
	case errors.Is(err, ErrConflict):
		return http.StatusConflict, ErrorDetail{Code: "conflict", Message: err.Error()}
	case errors.Is(err, errBusy):
		return http.StatusServiceUnavailable, ErrorDetail{Code: "busy", Message: err.Error()}
	case errors.Is(err, errNoUse):
		return http.StatusServiceUnavailable, ErrorDetail{Code: "unavailable", Message: err.Error()}
	case errors.Is(err, eventstore.ErrClosed):
		return http.StatusServiceUnavailable, ErrorDetail{Code: "unavailable", Message: "the server is stopping"}
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, ErrorDetail{Code: "timeout", Message: "the question took too long; narrow the range or the filters"}
	}
	return http.StatusInternalServerError, ErrorDetail{Code: "internal", Message: "something went wrong; the server's log says what"}
}

// noRoute answers paths that are none, and methods that a path does not have.
func (s *server) noRoute(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != root {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		WriteError(w, http.StatusNotFound, "not_found", "no such endpoint; "+root+"openapi.yaml describes all")
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	WriteError(w, http.StatusMethodNotAllowed, "method_not_allowed", r.Method+" is not for this path; use "+strings.Join(allowed, " or "))
}
