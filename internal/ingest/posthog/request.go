package posthog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// events takes events in. PostHog's libraries do not read which of a batch were refused, so that a bad
// one is seen in the view of refused events alone; the newest route excepted.
func (h *Handler) events(w http.ResponseWriter, r *http.Request, rt route) {
	query := r.URL.Query()
	if r.Header.Get("Content-Encoding") == "" && strings.HasPrefix(query.Get("compression"), "gzip") {
		r.Header.Set("Content-Encoding", "gzip") // posthog-js says it in the query, to avoid a preflight
	}
	if n := query.Get("retry_count"); n != "" {
		r.Header.Set("X-Retry-Count", n)
	}
	v, f := h.in.Visit(r)
	if f != nil {
		h.in.Fail(w, f)
		return
	}
	defer v.Close()
	text, f := v.Read()
	var b batch
	if f == nil {
		b, f = decode(text, r.Header.Get("Content-Type"), query)
	}
	if f == nil && b.isSegments() {
		f = &ingest.Failure{Status: http.StatusNotFound, Code: "not_found", Message: "these are calls in Segment's form, and this is a route of PostHog's; did you mean /v1" + path.Clean("/"+r.URL.Path) + "?"}
	}
	if f == nil {
		f = v.Authenticate(b.key)
	}
	var calls []event.Raw
	if f == nil {
		calls = h.calls(v, b, query.Get("ip") != "0")
		f = v.Store(calls)
	}
	if f != nil {
		v.NoteRefusal(f)
		h.in.Fail(w, f)
		return
	}
	switch rt {
	case routeEvents:
		h.in.Answer(w, http.StatusOK, []byte(`{"status":1}`))
	case routeBatch:
		h.in.Answer(w, http.StatusOK, []byte(`{"status":"Ok"}`))
	default:
		h.in.Answer(w, http.StatusOK, results(b, calls))
	}
}

// calls makes a call of every event.
func (h *Handler) calls(v *ingest.Visit, b batch, useIP bool) []event.Raw {
	calls := make([]event.Raw, len(b.events))
	for i, text := range b.events {
		var it item
		if json.Unmarshal(text, &it) != nil || it == nil {
			calls[i] = event.Raw{Reject: &event.Reject{Code: "invalid_event", Message: "the event is no object"}, JSON: text}
			continue
		}
		c, refused := it.call(v.ReceivedAt)
		if refused != nil {
			calls[i] = event.Raw{Reject: refused, JSON: it.withoutKey()}
			continue
		}
		if c.MessageID == "" {
			c.MessageID = h.in.NewID()
		}
		c.SentAt = b.sentAt
		calls[i] = v.Call(c)
		if useIP && it.onDevice() {
			v.Client(&calls[i])
		}
	}
	return calls
}

// results answers event by event, as the newest route does: what is not named was taken.
func results(b batch, calls []event.Raw) []byte {
	out := []byte(`{"results":{`)
	first := true
	for i := range calls {
		if calls[i].Reject == nil {
			continue
		}
		var sent struct {
			UUID string `json:"uuid"`
		}
		if json.Unmarshal(b.events[i], &sent) != nil || sent.UUID == "" {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(ingest.AppendJSONString(out, sent.UUID), `:{"result":"drop","details":`...)
		out = append(ingest.AppendJSONString(out, calls[i].Reject.Message), '}')
	}
	return append(out, "}}"...)
}

// batch is a request, decoded.
type batch struct {
	key    string
	sentAt time.Time
	events []json.RawMessage
}

// decode reads a body in any of the forms that libraries send: JSON; the same in base64, alone or in the
// field data of a form; or data in the query.
func decode(text []byte, contentType string, query url.Values) (batch, *ingest.Failure) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		text = []byte(query.Get("data"))
	}
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") || bytes.HasPrefix(text, []byte("data=")) {
		if form, err := url.ParseQuery(string(text)); err == nil && form.Get("data") != "" {
			text = []byte(form.Get("data"))
		}
	}
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] != '{' && text[0] != '[' {
		plain, err := fromBase64(string(text))
		if err != nil {
			return batch{}, badBody("the body is neither JSON nor base64")
		}
		text = bytes.TrimSpace(plain)
	}
	b, ok := read(text)
	if !ok {
		return batch{}, badBody("the body must be a JSON object with a batch, one event, or a list of events")
	}
	if b.key == "" {
		b.key = keyOf(b.events)
	}
	if b.key == "" {
		b.key = query.Get("token")
	}
	if ms, err := strconv.ParseInt(query.Get("_"), 10, 64); err == nil && b.sentAt.IsZero() && ms > 0 {
		b.sentAt = time.UnixMilli(ms)
	}
	return b, nil
}

// isSegments reports whether the events are calls of a Segment SDK whose base path is wrong: PostHog's
// have a distinct id and none of Segment's.
func (b batch) isSegments() bool {
	if len(b.events) == 0 {
		return false
	}
	var first item
	_ = json.Unmarshal(b.events[0], &first) // what cannot be read is nobody's
	if first["distinct_id"] != nil || first["$distinct_id"] != nil || first.object("properties")["distinct_id"] != nil {
		return false
	}
	return first["userId"] != nil || first["anonymousId"] != nil
}

func badBody(message string) *ingest.Failure {
	return &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: message}
}

// read reads the JSON of a request.
func read(text []byte) (batch, bool) {
	var b batch
	if len(text) > 0 && text[0] == '[' {
		return b, json.Unmarshal(text, &b.events) == nil
	}
	var envelope struct {
		APIKey string          `json:"api_key"`
		Token  string          `json:"token"`
		Batch  json.RawMessage `json:"batch"`
		SentAt string          `json:"sent_at"`
	}
	if len(text) == 0 || json.Unmarshal(text, &envelope) != nil {
		return b, false
	}
	if b.key = envelope.APIKey; b.key == "" {
		b.key = envelope.Token
	}
	b.sentAt, _ = time.Parse(time.RFC3339Nano, envelope.SentAt)
	if envelope.Batch == nil {
		b.events = []json.RawMessage{text}
		return b, true
	}
	return b, json.Unmarshal(envelope.Batch, &b.events) == nil
}

// keyOf finds the key in the first event, where libraries put it that send lists.
func keyOf(events []json.RawMessage) string {
	if len(events) == 0 {
		return ""
	}
	var first struct {
		APIKey     string `json:"api_key"`
		Token      string `json:"token"`
		EngageKey  string `json:"$token"`
		Properties struct {
			Token string `json:"token"`
		} `json:"properties"`
	}
	_ = json.Unmarshal(events[0], &first) // what cannot be read is no key
	for _, key := range []string{first.APIKey, first.Token, first.EngageKey, first.Properties.Token} {
		if key != "" {
			return key
		}
	}
	return ""
}

// fromBase64 decodes either alphabet, padded or not; a form turns + into a space.
func fromBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.ReplaceAll(s, " ", "+"), "=")
	s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	return base64.RawStdEncoding.DecodeString(s)
}
