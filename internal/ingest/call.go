package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/debrief-dev/debrief/internal/event"
)

// NewID makes an event id: a UUIDv7, so that ids sort by time and compress.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Call is a call in the one shape that everything behind the doors reads, which is Segment's. A door of
// another protocol builds it of what it got; what has no place in it goes to Extra as it came.
type Call struct {
	Type        string // track, identify, page, screen, group, alias; span, log
	Event       string // of a track call
	Name        string // of a page, screen, span or log
	MessageID   string // the event id; empty: one is made
	UserID      string
	AnonymousID string
	GroupID     string
	PreviousID  string
	Timestamp   string // as the client sent it
	Properties  json.RawMessage
	Traits      json.RawMessage
	Context     json.RawMessage
	// Extra are further members. Those with a name of the above are left out.
	Extra map[string]json.RawMessage
	// SentAt is the client's clock when it sent the request; zero when unknown.
	SentAt time.Time
}

// Raw encodes the call. It returns an error when a part of it is no JSON.
func (c *Call) Raw() (event.Raw, error) {
	type pair struct {
		key   string
		value any
	}
	all := []pair{{"type", c.Type}}
	text := func(key, s string) {
		if s != "" {
			all = append(all, pair{key, s})
		}
	}
	object := func(key string, v json.RawMessage) {
		if len(v) > 0 {
			all = append(all, pair{key, v})
		}
	}
	text("event", c.Event)
	text("name", c.Name)
	text("messageId", c.MessageID)
	text("userId", c.UserID)
	text("anonymousId", c.AnonymousID)
	text("groupId", c.GroupID)
	text("previousId", c.PreviousID)
	text("timestamp", c.Timestamp)
	object("properties", c.Properties)
	object("traits", c.Traits)
	object("context", c.Context)
	named := len(all)
	for _, key := range slices.Sorted(maps.Keys(c.Extra)) {
		if !slices.ContainsFunc(all[:named], func(p pair) bool { return p.key == key }) {
			object(key, c.Extra[key])
		}
	}
	out := []byte{'{'}
	for i, p := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendJSONString(out, p.key), ':')
		switch v := p.value.(type) {
		case string:
			out = AppendJSONString(out, v)
		case json.RawMessage:
			if !json.Valid(v) {
				return event.Raw{}, fmt.Errorf("encode call: %s is no JSON", p.key)
			}
			out = append(out, v...)
		}
	}
	return event.Raw{ID: c.MessageID, Type: c.Type, SentAt: c.SentAt, JSON: append(out, '}')}, nil
}

// Call encodes a call for [Visit.Store], with its Reject where it breaks a bound of the door.
func (v *Visit) Call(c *Call) event.Raw {
	limits := v.in.limits
	for _, id := range [...]struct {
		name, value string
		most        int
	}{
		{"user_id", c.UserID, limits.IDChars}, {"anonymous_id", c.AnonymousID, limits.IDChars}, {"group_id", c.GroupID, limits.IDChars},
		{"previous_id", c.PreviousID, limits.IDChars}, {"event_name", c.Event, limits.IDChars}, {"message_id", c.MessageID, limits.MessageIDChars},
	} {
		if n := utf8.RuneCountInString(id.value); n > id.most {
			return event.Raw{Type: c.Type, SentAt: c.SentAt, Reject: &event.Reject{Code: "too_long_" + id.name,
				Message: fmt.Sprintf("%s has %d characters; at most %d are taken", id.name, n, id.most)}}
		}
	}
	raw, err := c.Raw()
	if err != nil {
		return event.Raw{ID: c.MessageID, Type: c.Type, SentAt: c.SentAt, Reject: &event.Reject{Code: "invalid_event", Message: err.Error()}}
	}
	return raw
}
