package destination

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Call is a message's call, read for a place that has a shape of its own. Values keep their JSON.
type Call struct {
	Type, MessageID, UserID, AnonymousID, GroupID, PreviousID string
	Event, Name, Category                                     string
	Properties, Traits, Context                               map[string]json.RawMessage
	// At is when it happened, corrected for the client's clock; whole milliseconds in UTC.
	At time.Time
}

// text is a string; any other JSON that clients put in its place is none.
type text string

// UnmarshalJSON implements json.Unmarshaler. A number is its digits.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(b)
	}
	return nil
}

// ReadCall reads the message's call. What clients sent in another type than Segment's is empty. The error is
// a [Discarded], for a call that is no object, which no door accepts.
func (m *Message) ReadCall() (*Call, error) {
	var c struct {
		Type                                                            string
		UserID, AnonymousID, GroupID, PreviousID, Event, Name, Category text
		Properties, Traits, Context                                     json.RawMessage
	}
	if err := json.Unmarshal(m.Call, &c); err != nil {
		return nil, &Discarded{Code: "invalid_call", Reason: fmt.Sprintf("the call of %d bytes is no call", len(m.Call))}
	}
	return &Call{
		Type: c.Type, MessageID: m.ID, UserID: string(c.UserID), AnonymousID: string(c.AnonymousID), GroupID: string(c.GroupID),
		PreviousID: string(c.PreviousID), Event: string(c.Event), Name: string(c.Name), Category: string(c.Category),
		Properties: object(c.Properties), Traits: object(c.Traits), Context: object(c.Context),
		At: m.Event.OccurredAt.UTC().Truncate(time.Millisecond),
	}, nil
}

// object reads an object; anything else is nil.
func object(raw json.RawMessage) map[string]json.RawMessage {
	var o map[string]json.RawMessage
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// IsNull tells whether a value is JSON's null: a trait that is taken away.
func IsNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

// Person is the user id, else the anonymous id.
func (c *Call) Person() string {
	if c.UserID != "" {
		return c.UserID
	}
	return c.AnonymousID
}

// Title is the name of what happened as people read it: of a track call its event, of pages and screens
// "Viewed" and their name, else the type.
func (c *Call) Title() string {
	switch {
	case c.Type == "track" && c.Event != "":
		return c.Event
	case (c.Type == "page" || c.Type == "screen") && c.Name != "":
		return "Viewed " + c.Name
	case c.Type == "page" || c.Type == "screen":
		return "Viewed a " + c.Type
	}
	return c.Type
}

// ContextText is a string within the context, by its path; "" where there is none.
func (c *Call) ContextText(path ...string) string {
	at := c.Context
	for _, key := range path[:len(path)-1] {
		at = object(at[key])
	}
	var t text
	if raw := at[path[len(path)-1]]; len(raw) > 0 {
		_ = t.UnmarshalJSON(raw)
	}
	return string(t)
}
