package screeb

import (
	"net/http"
	"strconv"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// events answers a request of the server API. One bad item never refuses the others.
func (h *Handler) events(w http.ResponseWriter, r *http.Request) {
	ingest.AllowOrigin(w, r, false)
	v, f := h.in.Visit(r)
	if f != nil {
		h.in.Fail(w, f)
		return
	}
	defer v.Close()
	body, f := v.Open()
	var calls []event.Raw
	single := false
	if f == nil {
		calls, single, f = h.calls(v, body)
	}
	if f == nil {
		f = v.Store(calls)
	}
	switch {
	case f != nil:
		v.NoteRefusal(f)
		h.in.Fail(w, f)
	case single && calls[0].Reject != nil:
		h.in.Fail(w, &ingest.Failure{Status: http.StatusBadRequest, Code: calls[0].Reject.Code, Message: calls[0].Reject.Message})
	default:
		h.in.Answer(w, http.StatusOK, answer(calls))
	}
}

// calls decodes a body.
func (h *Handler) calls(v *ingest.Visit, body []byte) ([]event.Raw, bool, *ingest.Failure) {
	texts, single, ok := items(body)
	if !ok {
		return nil, false, &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body must be a JSON array of events, or one event"}
	}
	calls := make([]event.Raw, len(texts))
	for i, text := range texts {
		if c, refused := decode(text, h.in.NewID()); refused != nil {
			calls[i].Reject = refused
		} else {
			calls[i] = v.Call(c)
		}
		if calls[i].Reject != nil {
			calls[i].JSON = text // as it came, for the view of refused events
		}
	}
	return calls, single, nil
}

// answer says how many calls were taken, and lists the others.
func answer(calls []event.Raw) []byte {
	rejects, list := 0, []byte{}
	for i := range calls {
		refused := calls[i].Reject
		if refused == nil {
			continue
		}
		if rejects++; rejects > 1 {
			list = append(list, ',')
		}
		list = append(list, `{"index":`...)
		list = strconv.AppendInt(list, int64(i), 10)
		list = ingest.AppendJSONString(append(list, `,"code":`...), refused.Code)
		list = ingest.AppendJSONString(append(list, `,"message":`...), refused.Message)
		list = append(list, '}')
	}
	out := strconv.AppendInt([]byte(`{"success":true,"accepted":`), int64(len(calls)-rejects), 10)
	if rejects > 0 {
		out = append(append(append(out, `,"rejected":[`...), list...), ']')
	}
	return append(out, '}')
}
