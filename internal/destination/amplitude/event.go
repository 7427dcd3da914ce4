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
	GroupProperties map[string]any             `json:"group_properties,omitempty"`
	SessionID       int64                      `json:"session_id,omitempty"` // start of the session, Unix milliseconds
	IP              string                     `json:"ip,omitempty"`
	OSName          string                     `json:"os_name,omitempty"`
	Language        string                     `json:"language,omitempty"`
	Platform        string                     `json:"platform,omitempty"`
	Library         string                     `json:"library"`
}

// events are what a call becomes: one, or for a group that something is said of two, as Amplitude's SDKs send them.
func (s *sender) events(message int, c *destination.Call) []event {
	e := s.event(message, c)
	if c.Type != "group" || c.GroupID == "" || len(c.Traits) == 0 {
		return []event{e}
	}
	g := e
	g.EventType, g.InsertID, g.UserProperties, g.GroupProperties = "$groupidentify", e.InsertID+"-group", nil, operations(c.Traits)
	return []event{e, g}
}

func (s *sender) event(message int, c *destination.Call) event {
	e := event{
		message: message, UserID: c.UserID, DeviceID: c.AnonymousID, EventType: c.Title(), Time: c.At.UnixMilli(), InsertID: c.MessageID,
		IP: c.ContextText("ip"), OSName: c.ContextText("os", "name"), Language: c.ContextText("locale"), Library: "debrief",
	}
	switch c.Type {
	case "identify":
		e.EventType = "$identify"
		e.UserProperties = operations(c.Traits)
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

// operations set traits, and unset those that are null.
func operations(traits map[string]json.RawMessage) map[string]any {
	set, unset := map[string]json.RawMessage{}, map[string]string{}
	for name, value := range traits {
		if destination.IsNull(value) {
			unset[name] = "-" // any value
		} else {
			set[name] = value
		}
	}
	o := map[string]any{}
	if len(set) > 0 || len(unset) == 0 {
		o["$set"] = set
	}
	if len(unset) > 0 {
		o["$unset"] = unset
	}
	return o
}
