package ingest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Failure is a request that is refused as a whole. Its answer is a JSON object with success, code and
// message: Python's SDK retries a refusal without a code.
type Failure struct {
	Status  int
	Code    string // stable, snake_case
	Message string // for the developer who sends; quotes nothing of the request
	// RetryAfter is in whole seconds, the one form that the SDKs read; 0 for none.
	RetryAfter int
}

// Error implements error.
func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// The headers of every JSON answer, shared by all of them: net/http does not change them.
var jsonType = []string{"application/json"}

// AnswerJSON writes a whole JSON body with its length.
func AnswerJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is no fault of ours
}

// Answer writes the failure.
func (f *Failure) Answer(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.Header().Set("Cache-Control", "no-store")
	AnswerJSON(w, f.Status, f.body())
}

func (f *Failure) body() []byte {
	b := append(make([]byte, 0, 64+len(f.Message)), `{"success":false,"code":`...)
	b = AppendJSONString(b, f.Code)
	b = append(b, `,"message":`...)
	b = AppendJSONString(b, f.Message)
	return append(b, '}')
}

// AppendJSONString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD, and what a page could take
// for markup is escaped: an answer may quote an id that a client sent.
func AppendJSONString(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, "<>&") {
		return jsonscan.AppendQuoted(dst, s)
	}
	b := bytes.NewBuffer(dst)
	json.HTMLEscape(b, jsonscan.AppendQuoted(nil, s))
	return b.Bytes()
}
