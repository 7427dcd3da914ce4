package amplitude

import (
	"encoding/json"
	"strconv"

	"github.com/debrief-dev/debrief/internal/destination"
)

// event is one element of a request; fields as in the HTTP V2 API.
type event struct {
	message int // the index of the message that it is of

	UserID          string                     `json:"user_id,omitempty"`
	DeviceID        string                     `json:"device_id,omitempty"`
	EventType       string                     `json:"event_type"`
	Time            int64                      `json:"time"`
	InsertID        string                     `json:"insert_id"`
	EventProperties map[string]json.RawMessage `json:"event_properties,omitempty"`
	UserProperties  map[string]any             `json:"user_properties,omitempty"`
	Groups          map[string]string          `json:"groups,omitempty"`
	SessionID       int64                      `json:"session_id,omitempty"` // start of the session, Unix milliseconds
	IP              string                     `json:"ip,omitempty"`
	OSName          string                     `json:"os_name,omitempty"`
	Language        string                     `json:"language,omitempty"`
	Platform        string                     `json:"platform,omitempty"`
	Library         string                     `json:"library"`
}

func (s *sender) event(message int, c *destination.Call) event {
	e := event{
		message: message, UserID: c.UserID, DeviceID: c.AnonymousID, EventType: c.Title(), Time: c.At.UnixMilli(), InsertID: c.MessageID,
		IP: c.ContextText("ip"), OSName: c.ContextText("os", "name"), Language: c.ContextText("locale"), Library: "debrief",
	}
	switch c.Type {
	case "identify":
		e.EventType = "$identify"
		e.UserProperties = map[string]any{"$set": c.Traits}
	case "group":
		e.EventType = "$identify"
		e.Groups = map[string]string{s.groupType: c.GroupID}
		e.UserProperties = map[string]any{"$set": map[string]string{s.groupType: c.GroupID}}
	case "page", "screen":
		e.EventProperties = c.Properties
		e.Platform = map[string]string{"page": "Web", "screen": "Mobile"}[c.Type]
	default:
		e.EventProperties = c.Properties
	}
	// Segment's SDKs and RudderStack's put the start of the session there, in milliseconds.
	for _, path := range [][]string{{"sessionId"}, {"session", "id"}} {
		if n, err := strconv.ParseInt(c.ContextText(path...), 10, 64); err == nil && n > 1e12 {
			e.SessionID = n
		}
	}
	return e
}
