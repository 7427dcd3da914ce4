package langfuse

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// scores takes one score, or a list of them, as libraries from version 5 for Python send.
func (h *Handler) scores(w http.ResponseWriter, r *http.Request) {
	v, f := h.in.Visit(r)
	if f != nil {
		h.in.Fail(w, f)
		return
	}
	defer v.Close()
	text, f := v.Open()
	var items []item
	var calls []event.Raw
	isList := bytes.HasPrefix(bytes.TrimSpace(text), []byte("["))
	if f == nil {
		items, f = decodeScores(text, isList)
	}
	if f == nil {
		for i := range items {
			if items[i].ID = items[i].text("id"); items[i].ID == "" {
				items[i].ID = h.in.NewID()
			}
		}
		calls = h.calls(v, items)
		f = v.Store(calls)
	}
	if f == nil && !isList && calls[0].Reject != nil {
		f = &ingest.Failure{Status: http.StatusBadRequest, Code: calls[0].Reject.Code, Message: calls[0].Reject.Message}
		h.in.Fail(w, f)
		return
	}
	if f != nil {
		v.NoteRefusal(f)
		h.in.Fail(w, f)
		return
	}
	if isList {
		status, body := answerScores(calls)
		h.in.Answer(w, status, body)
		return
	}
	h.in.Answer(w, http.StatusOK, append(ingest.AppendJSONString([]byte(`{"id":`), v.Stored(items[0].ID)), '}'))
}

// decodeScores reads a score or a list. What of a list is no object is an item without members.
func decodeScores(text []byte, isList bool) ([]item, *ingest.Failure) {
	if !isList {
		it := item{Type: "score-create"}
		if json.Unmarshal(text, &it.members) != nil || it.members == nil {
			return nil, &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body must be a score, a JSON object, or a list of them"}
		}
		return []item{it}, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		return nil, &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body must be a score, a JSON object, or a list of them"}
	}
	items := make([]item, len(list))
	for i, text := range list {
		items[i] = item{Type: "score-create", Body: text}
		_ = json.Unmarshal(text, &items[i].members) // what is no object is refused below
	}
	return items, nil
}

// answerScores says of a list that it was accepted, or how much of it.
func answerScores(calls []event.Raw) (status int, body []byte) {
	rejected, errors := 0, []byte{}
	for i := range calls {
		if refused := calls[i].Reject; refused != nil {
			rejected++
			errors = append(ingest.AppendJSONString(append(errors, `,{"message":`...), refused.Code+": "+refused.Message), '}')
		}
	}
	if rejected == 0 {
		return http.StatusAccepted, []byte(`{"message":"Accepted"}`)
	}
	body = strconv.AppendInt([]byte(`{"accepted":`), int64(len(calls)-rejected), 10)
	body = strconv.AppendInt(append(body, `,"rejected":`...), int64(rejected), 10)
	return http.StatusMultiStatus, append(append(append(body, `,"errors":[`...), trimComma(errors)...), "]}"...)
}
