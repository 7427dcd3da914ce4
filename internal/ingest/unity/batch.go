package unity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// object is a JSON object decoded one level deep.
type object = map[string]json.RawMessage

// batch is what a body holds.
type batch struct {
	items    []json.RawMessage
	single   bool // the body is an event, no batch
	writeKey string
	sent     string // sentAt as it came
	sentAt   time.Time

	hashes map[string]int // how often an event without an id was met in this batch
}

// read decodes a body: a batch, or one event.
func (b *batch) read(text []byte) *ingest.Failure {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some .NET writers put it in front
	var body object
	if err := json.Unmarshal(text, &body); err != nil || body == nil {
		return &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body is no JSON object" + place(err)}
	}
	b.hashes = map[string]int{}
	b.writeKey, _ = scalar(body["writeKey"])
	b.sent, _ = scalar(body["sentAt"])
	b.sentAt = ingest.ParseTime(b.sent)
	list, isBatch := body["batch"]
	if !isBatch {
		b.single, b.items = true, []json.RawMessage{text}
		return nil
	}
	if err := json.Unmarshal(list, &b.items); err != nil {
		return &ingest.Failure{Status: http.StatusBadRequest, Code: "invalid_batch", Message: "batch is no array of events"}
	}
	return nil
}

// place says where a text is no JSON, and quotes nothing of it.
func place(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf(": not JSON from byte %d on", syntax.Offset)
	}
	return ""
}

// scalar returns a string, or a number as its digits; "" for null and what is absent. It returns false for
// anything else.
func scalar(v json.RawMessage) (string, bool) {
	v = bytes.TrimSpace(v)
	switch {
	case len(v) == 0 || v[0] == 'n':
		return "", true
	case v[0] == '"':
		var s string
		_ = json.Unmarshal(v, &s) // it is a part of what was decoded before
		return s, true
	case v[0] == '-' || v[0] >= '0' && v[0] <= '9':
		return string(v), true
	}
	return "", false
}

// call makes the track call of one event, with its Reject if it cannot be taken.
func (b *batch) call(v *ingest.Visit, text json.RawMessage) event.Raw {
	c, reject := b.decode(text)
	if reject != nil {
		return event.Raw{ID: c.MessageID, Type: "track", SentAt: b.sentAt, JSON: withoutKey(text), Reject: reject}
	}
	if strings.TrimSpace(c.MessageID) == "" {
		c.MessageID = b.id(&c)
	}
	return v.Call(&c)
}

// withoutKey returns what is kept of a refused event, for people to look at: the event without write key.
func withoutKey(text json.RawMessage) json.RawMessage {
	var item object
	if json.Unmarshal(text, &item) != nil || item == nil {
		return nil
	}
	delete(item, "writeKey")
	out, err := json.Marshal(item)
	if err != nil {
		return nil
	}
	return bytes.ToValidUTF8(out, []byte("\ufffd"))
}

func reject(code, message string) *event.Reject { return &event.Reject{Code: code, Message: message} }

// decode reads an event. Members that mean nothing here stay beside the properties.
func (b *batch) decode(text json.RawMessage) (ingest.Call, *event.Reject) {
	c := ingest.Call{Type: "track", SentAt: b.sentAt}
	var item object
	if err := json.Unmarshal(text, &item); err != nil || item == nil {
		return c, reject("invalid_event", "each event must be an object")
	}
	var session string
	for _, m := range [...]struct {
		key, code string
		to        *string
	}{
		{"messageId", "message_id", &c.MessageID}, {"name", "event_name", &c.Event}, {"userId", "user_id", &c.UserID},
		{"anonymousId", "anonymous_id", &c.AnonymousID}, {"sessionId", "session_id", &session}, {"timestamp", "timestamp", &c.Timestamp},
	} {
		var ok bool
		if *m.to, ok = scalar(item[m.key]); !ok {
			return c, reject("invalid_"+m.code, m.key+" must be a string")
		}
		delete(item, m.key)
	}
	if strings.TrimSpace(c.Event) == "" {
		return c, reject("missing_event_name", `name is absent; it is the event's name, such as "AIAssistantUITriggerLocalEvent"`)
	}
	var ok bool
	if c.Properties, ok = objectOrNone(item["data"]); !ok {
		return c, reject("invalid_data", "data must be an object")
	}
	if c.Properties == nil {
		c.Properties = json.RawMessage("{}")
	}
	if c.Context, ok = objectOrNone(item["context"]); !ok {
		return c, reject("invalid_context", "context must be an object")
	}
	c.Context = withSession(c.Context, session)
	for _, known := range [...]string{"data", "context", "sentAt", "writeKey"} {
		delete(item, known)
	}
	c.Extra = item
	return c, nil
}

// objectOrNone returns an object, nil for null and what is absent, and false for anything else.
func objectOrNone(v json.RawMessage) (json.RawMessage, bool) {
	v = bytes.TrimSpace(v)
	switch {
	case len(v) == 0 || v[0] == 'n':
		return nil, true
	case v[0] == '{':
		return v, true
	}
	return nil, false
}

// withSession puts the session where Segment's calls have it, unless the context says one.
func withSession(context json.RawMessage, session string) json.RawMessage {
	if session == "" {
		return context
	}
	members := object{}
	if len(context) > 0 && json.Unmarshal(context, &members) != nil {
		return context
	}
	if said, ok := scalar(members["sessionId"]); said != "" || !ok {
		return context
	}
	members["sessionId"] = ingest.AppendJSONString(nil, session)
	out, err := json.Marshal(members)
	if err != nil {
		return context
	}
	return out
}

// id makes the event id of an event that has none: a hash of what it says, so that a request that is sent
// again makes the same ids. Where the event says no time, that of the request tells it from a later one that
// says the same; equal ones of a batch are told apart by their order.
func (b *batch) id(c *ingest.Call) string {
	at := c.Timestamp
	if at == "" {
		at = b.sent
	}
	h := sha256.New()
	for _, part := range []string{c.Event, sorted(c.Properties), c.UserID, c.AnonymousID, at} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	sum := hex.EncodeToString(h.Sum(nil)[:16])
	n := b.hashes[sum]
	b.hashes[sum]++
	if n > 0 {
		return fmt.Sprintf("unity-%s-%d", sum, n)
	}
	return "unity-" + sum
}

// sorted returns JSON with the keys of its objects sorted and no space between tokens, numbers as sent.
func sorted(text json.RawMessage) string {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return string(text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(text)
	}
	return string(out)
}
