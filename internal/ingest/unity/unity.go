// Package unity is the door for the events of Unity's AI assistant as its analytics classes hold them: a
// name and a data object each, in a batch or alone. It makes a track call of each, and leaves to the
// vocabulary of the same name what they mean; docs/unity.md states route, bodies and answers.
//
// The same events may come as Segment track calls, through the door for those. Package app mounts this one.
package unity

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// Protocol is the [event.Request] Protocol of the calls that this door takes in.
const Protocol = "unity"

// path is the door's one route, without slashes around it.
const path = "v1/unity"

// Config says how a [Handler] works. Its Protocol is set by [New].
type Config struct{ ingest.IntakeConfig }

// Handler is the door. It is an [http.Handler] for its route.
type Handler struct{ intake *ingest.Intake }

// New returns a door, or all that is wrong with cfg.
func New(cfg Config) (*Handler, error) {
	cfg.Protocol = Protocol
	in, err := ingest.NewIntake(cfg.IntakeConfig)
	if err != nil {
		return nil, err
	}
	return &Handler{intake: in}, nil
}

// Serves reports whether a path is the door's. Slashes around it are served as they come.
func (h *Handler) Serves(p string) bool { return strings.Trim(p, "/") == path }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const methods = "POST, OPTIONS"
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, methods, true)
		h.intake.Answered(http.StatusNoContent)
		return
	}
	ingest.AllowOrigin(w, r, true)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", methods)
		h.intake.Fail(w, &ingest.Failure{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "events are sent by POST"})
		return
	}
	visit, f := h.intake.Visit(r)
	if f != nil {
		h.intake.Fail(w, f)
		return
	}
	defer visit.Close()
	calls, single, f := take(visit)
	switch {
	case f != nil:
		visit.NoteRefusal(f)
		h.intake.Fail(w, f)
	case single && calls[0].Reject != nil:
		h.intake.Fail(w, &ingest.Failure{Status: http.StatusBadRequest, Code: calls[0].Reject.Code, Message: calls[0].Reject.Message})
	default:
		h.intake.Answer(w, http.StatusOK, answer(calls))
	}
}

// take makes the events of a request durable, and reports whether it was one alone.
func take(v *ingest.Visit) (calls []event.Raw, single bool, f *ingest.Failure) {
	text, f := v.Read()
	if f != nil {
		return nil, false, f
	}
	var b batch
	if f := b.read(text); f != nil {
		return nil, false, f
	}
	if f := v.Authenticate(v.Key(), b.writeKey); f != nil {
		return nil, false, f
	}
	calls = make([]event.Raw, len(b.items))
	for i, item := range b.items {
		calls[i] = b.call(v, item)
	}
	return calls, b.single, v.Store(calls)
}

// answer says what became of a batch. It is a success whatever was refused: a client that took it for a
// failure would drop the good events, or send them for ever.
func answer(calls []event.Raw) []byte {
	type rejected struct {
		Index     int    `json:"index"`
		MessageID string `json:"messageId"`
		Code      string `json:"code"`
		Message   string `json:"message"`
	}
	out := []rejected{}
	for i, c := range calls {
		if c.Reject != nil {
			out = append(out, rejected{i, c.ID, c.Reject.Code, c.Reject.Message})
		}
	}
	list, _ := json.Marshal(out) // strings and numbers always encode
	text := append([]byte(`{"success":true,"accepted":`), strconv.Itoa(len(calls)-len(out))...)
	return append(append(append(text, `,"rejected":`...), list...), '}')
}
