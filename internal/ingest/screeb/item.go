package screeb

import (
	"bytes"
	"encoding/json"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// item is one element of a request of the server API: its members by name.
type item map[string]json.RawMessage

// call says what an item is in the one shape that everything behind the doors reads, or why it cannot.
// id is its event id if it brings none, as Screeb's do not.
func (it item) call(id string) (*ingest.Call, *event.Reject) {
	c := &ingest.Call{MessageID: id}
	for _, m := range []struct {
		to   *string
		name string
	}{{&c.MessageID, "message_id"}, {&c.UserID, "user_alias"}, {&c.Timestamp, "timestamp"}} {
		if !it.takeText(m.to, m.name) {
			return nil, &event.Reject{Code: "invalid_" + m.name, Message: m.name + " must be a string or a number"}
		}
	}
	if c.UserID == "" {
		c.AnonymousID = c.MessageID // a person that nothing else is known of
	}
	var properties map[string]json.RawMessage
	if text := it.take("properties"); text != nil && json.Unmarshal(text, &properties) != nil {
		return nil, &event.Reject{Code: "invalid_properties", Message: "properties must be an object"}
	}
	if text := it.take("context"); len(text) > 0 && text[0] == '{' {
		c.Context = text
	}
	if properties == nil {
		properties = map[string]json.RawMessage{}
	}
	if refused := it.fill(c, properties); refused != nil {
		return nil, refused
	}
	c.Extra = it
	if len(properties) > 0 || c.Type == "identify" {
		text, err := json.Marshal(properties)
		if err != nil {
			return nil, &event.Reject{Code: "invalid_properties", Message: "properties cannot be written again"}
		}
		if c.Type == "identify" || c.Type == "group" {
			c.Traits = text
		} else {
			c.Properties = text
		}
	}
	return c, nil
}

// fill fills what the type of the item asks for.
func (it item) fill(c *ingest.Call, properties map[string]json.RawMessage) *event.Reject {
	var kind string
	if !it.takeText(&kind, "type") || kind == "" {
		return &event.Reject{Code: "missing_type", Message: "type is missing"}
	}
	switch kind {
	case "identify":
		c.Type = "identify"
	case "track":
		c.Type = "track"
		return it.need(&c.Event, "missing_event_name", "event_name")
	case "copilot":
		c.Type = "track"
		if refused := it.need(&c.Event, "missing_event_name", "event_name", "name"); refused != nil {
			return refused
		}
		for name, value := range it { // where the rest of such an item stands was never documented
			if _, ok := properties[name]; !ok {
				properties[name] = value
			}
			delete(it, name)
		}
	case "group.assign":
		c.Type = "group"
		if group := it.take("group_type"); group != nil {
			properties["group_type"] = group
		}
		return it.need(&c.GroupID, "missing_group_id", "group_name")
	case "group.unassign":
		c.Type, c.Event = "track", "Group Unassigned" // as the tag says it
		var group string
		if refused := it.need(&group, "missing_group_id", "group_name"); refused != nil {
			return refused
		}
		properties["groupId"] = ingest.AppendJSONString(nil, group)
		if kind := it.take("group_type"); kind != nil {
			properties["group_type"] = kind
		}
	case "page":
		c.Type = "page"
		if url := it.take("url"); url != nil {
			properties["url"] = url
		}
	case "screen":
		c.Type = "screen"
		return it.need(&c.Name, "missing_screen_name", "screen_name")
	default:
		return &event.Reject{Code: "unknown_type", Message: "type is none of identify, track, copilot, group.assign, group.unassign, page, screen"}
	}
	return nil
}

// need takes the first text that is there of some names.
func (it item) need(to *string, code string, names ...string) *event.Reject {
	for _, name := range names {
		if ok := it.takeText(to, name); !ok || *to != "" {
			if !ok {
				return &event.Reject{Code: "invalid_" + name, Message: name + " must be a string or a number"}
			}
			return nil
		}
	}
	return &event.Reject{Code: code, Message: names[0] + " is missing"}
}

// take takes a member; null is absence.
func (it item) take(name string) json.RawMessage {
	text := it[name]
	delete(it, name)
	if string(text) == "null" {
		return nil
	}
	return text
}

// takeText takes a member that is a string, or a number as its digits. An absent one leaves to as it is.
// It returns false for other values.
func (it item) takeText(to *string, name string) bool {
	text := it.take(name)
	if len(text) == 0 {
		return true
	}
	var number json.Number
	if text[0] != '"' && json.Unmarshal(text, &number) == nil {
		*to = number.String()
		return true
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return false
	}
	if s != "" {
		*to = s
	}
	return true
}

// items splits a body into the texts of its items: an array, or one object.
func items(body []byte) (texts []json.RawMessage, single, ok bool) {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	if len(body) > 0 && body[0] == '{' {
		return []json.RawMessage{body}, true, json.Valid(body)
	}
	err := json.Unmarshal(body, &texts)
	return texts, false, err == nil && texts != nil
}

// decode says what the text of an item is as a call.
func decode(text []byte, id string) (*ingest.Call, *event.Reject) {
	var it item
	if json.Unmarshal(text, &it) != nil || it == nil {
		return nil, &event.Reject{Code: "invalid_event", Message: "each element must be an object"}
	}
	return it.call(id)
}
