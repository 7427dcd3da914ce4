package langfuse

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// item is one element of a batch.
type item struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"`
	Body      json.RawMessage `json:"body"`

	members map[string]json.RawMessage // of the body
	call    int                        // the index of its call; items of one thing share one
	refused *event.Reject              // why it is no call
}

// ingest takes a batch and answers item by item, as Langfuse does.
func (h *Handler) ingest(w http.ResponseWriter, r *http.Request) {
	v, f := h.in.Visit(r)
	if f != nil {
		h.in.Fail(w, f)
		return
	}
	defer v.Close()
	text, f := v.Open()
	var items []item
	var calls []event.Raw
	if f == nil {
		items, f = decode(text)
	}
	if f == nil {
		calls = h.calls(v, items)
		f = v.Store(calls)
	}
	if f != nil {
		v.NoteRefusal(f)
		h.in.Fail(w, f)
		return
	}
	for i := range items {
		items[i].ID = v.Stored(items[i].ID)
	}
	h.in.Answer(w, http.StatusMultiStatus, answer(items, calls))
}

// decode reads a batch. What is no item is one without a type.
func decode(text []byte) ([]item, *ingest.Failure) {
	var body struct {
		Batch []json.RawMessage `json:"batch"`
	}
	if json.Unmarshal(text, &body) != nil || body.Batch == nil {
		return nil, &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body must be a JSON object with a batch"}
	}
	items := make([]item, len(body.Batch))
	for i, text := range body.Batch {
		it := &items[i]
		_ = json.Unmarshal(text, it) // what it lacks then is told below
		if len(it.Body) > 0 && it.Body[0] == '{' {
			_ = json.Unmarshal(it.Body, &it.members)
		}
	}
	return items, nil
}

// calls makes calls of the items. What a batch says of one trace or observation in several items, as it is
// made and when it is done, is one call. Libraries send the update before what it updates at times.
func (h *Handler) calls(v *ingest.Visit, items []item) []event.Raw {
	var calls []event.Raw
	first := map[string]*item{}
	order := make([]*item, len(items))
	for i := range items {
		order[i] = &items[i]
	}
	slices.SortStableFunc(order, func(a, b *item) int { return cmp.Compare(a.isUpdate(), b.isUpdate()) })
	for _, it := range order {
		if it.refused = it.check(); it.refused != nil {
			it.call = len(calls)
			calls = append(calls, event.Raw{Reject: it.refused, JSON: it.Body})
			continue
		}
		if it.Type == "sdk-log" { // a client's report of itself
			it.call = -1
			continue
		}
		thing, id := it.thing()
		if old := first[thing]; id != "" && old != nil {
			for name, value := range it.members {
				if string(value) != "null" {
					old.members[name] = value
				}
			}
			it.call = old.call
			continue
		}
		it.call = len(calls)
		calls = append(calls, event.Raw{})
		first[thing] = it
	}
	for _, it := range order { // the first of a thing has what all of them say
		if it.refused == nil && it.call >= 0 && calls[it.call].JSON == nil && calls[it.call].Reject == nil {
			calls[it.call] = v.Call(it.toCall(h.in.NewID()))
		}
	}
	return calls
}

// isUpdate is 1 for an item that changes what another one made.
func (it *item) isUpdate() int {
	if strings.HasSuffix(it.Type, "-update") {
		return 1
	}
	return 0
}

// check says why an item can be no call.
func (it *item) check() *event.Reject {
	switch kind, what, ok := strings.Cut(it.Type, "-"); {
	case it.Type == "sdk-log":
		return nil
	case it.Type == "":
		return &event.Reject{Code: "missing_type", Message: "type is missing"}
	case it.Type != "score-create" && !(ok && (what == "create" || what == "update") && isThing(kind)):
		return &event.Reject{Code: "unknown_type", Message: "this type of item is not taken here; scores, traces and observations are"}
	case it.members == nil:
		return &event.Reject{Code: "invalid_event", Message: "body must be an object"}
	}
	return nil
}

// isThing reports whether items of a kind are a trace or an observation.
func isThing(kind string) bool {
	switch kind {
	case "trace", "observation", "span", "generation", "event", "agent", "tool", "chain", "retriever", "evaluator", "embedding", "guardrail":
		return true
	}
	return false
}

// thing returns what the item is about: the trace, observation or score, and its id.
func (it *item) thing() (name, id string) {
	id = it.text("id")
	kind, _, _ := strings.Cut(it.Type, "-")
	if kind != "trace" && kind != "score" {
		kind = "observation"
	}
	return kind + " " + id, id
}

func (it *item) text(name string) string {
	var s string
	_ = json.Unmarshal(it.members[name], &s) // anything but a string is none
	return s
}

// toCall makes the call of an item.
func (it *item) toCall(newID string) *ingest.Call {
	c := &ingest.Call{Type: "track", Event: it.Type, MessageID: it.eventID(newID), Timestamp: it.Timestamp, UserID: it.text("userId")}
	for _, name := range []string{"startTime", "timestamp"} { // when it began, not when it was told
		if s := it.text(name); s != "" && it.Type != "score-create" {
			c.Timestamp = s
			break
		}
	}
	if text, err := json.Marshal(it.members); err == nil {
		c.Properties = text
	}
	return c
}

// eventID is the id of the item's row. What begins a span has that of the span, as spans of OpenTelemetry
// have, so that an update, whose id is its own, is told from it. A trace has no updates but is sent again
// with what it ended in.
func (it *item) eventID(newID string) string {
	trace, span := it.text("traceId"), it.text("id")
	if it.Type == "trace-create" {
		trace = span
	}
	begins := strings.HasSuffix(it.Type, "-create") && it.Type != "score-create" && !(it.Type == "trace-create" && it.members["output"] != nil)
	switch {
	case begins && trace != "" && span != "":
		return trace + ":" + span
	case it.ID != "":
		return it.ID
	}
	return newID
}

// answer lists what became of each item.
func answer(items []item, calls []event.Raw) []byte {
	good, bad := []byte{}, []byte{}
	for i := range items {
		it := &items[i]
		var refused *event.Reject
		if it.call >= 0 {
			refused = calls[it.call].Reject
		}
		if refused == nil {
			good = append(ingest.AppendJSONString(append(good, `,{"id":`...), it.ID), `,"status":201}`...)
			continue
		}
		bad = ingest.AppendJSONString(append(bad, `,{"id":`...), it.ID)
		bad = strconv.AppendInt(append(bad, `,"status":`...), http.StatusBadRequest, 10)
		bad = ingest.AppendJSONString(append(bad, `,"message":`...), refused.Message)
		bad = append(ingest.AppendJSONString(append(bad, `,"error":`...), refused.Code), '}')
	}
	out := append([]byte(`{"successes":[`), trimComma(good)...)
	out = append(append(out, `],"errors":[`...), trimComma(bad)...)
	return append(out, "]}"...)
}

func trimComma(list []byte) []byte {
	if len(list) > 0 {
		return list[1:]
	}
	return list
}
