package screeb

import (
	"bytes"
	"encoding/json"
	"maps"

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
	sent := it.take("properties")
	var properties map[string]json.RawMessage
	if sent != nil && json.Unmarshal(sent, &properties) != nil {
		return nil, &event.Reject{Code: "invalid_properties", Message: "properties must be an object"}
	}
	if text := it.take("context"); len(text) > 0 && text[0] == '{' {
		c.Context = text
	}
	more := map[string]json.RawMessage{}
	if refused := it.fill(c, properties, more); refused != nil {
		return nil, refused
	}
	if len(more) > 0 {
		maps.Copy(more, remaining(properties, more))
		var err error
		if sent, err = json.Marshal(more); err != nil {
			return nil, &event.Reject{Code: "invalid_properties", Message: "properties cannot be written again"}
		}
	}
	if c.Type == "identify" || c.Type == "group" {
		c.Traits = sent
	} else {
		c.Properties = sent
	}
	c.Extra = it
	return c, nil
}

// remaining returns the members of all that are not among others.
func remaining(all, others map[string]json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, value := range all {
		if _, ok := others[name]; !ok {
			out[name] = value
		}
	}
	return out
}

// fill fills what the type of the item asks for, and puts into more what joins its properties.
func (it item) fill(c *ingest.Call, properties, more map[string]json.RawMessage) *event.Reject {
	var kind string
	if !it.takeText(&kind, "type") || kind == "" {
		return &event.Reject{Code: "missing_type", Message: "type is missing"}
	}
	move := func(name string) {
		if value := it.take(name); value != nil {
			more[name] = value
		}
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
		for name := range remaining(it, properties) { // where the rest of such an item stands was never documented
			move(name)
		}
	case "group.assign":
		c.Type = "group"
		move("group_type")
		return it.need(&c.GroupID, "missing_group_id", "group_name")
	case "group.unassign":
		c.Type, c.Event = "track", "Group Unassigned" // as the tag says it
		move("group_type")
		var group string
		if refused := it.need(&group, "missing_group_id", "group_name"); refused != nil {
			return refused
		}
		more["groupId"] = ingest.AppendJSONString(nil, group)
	case "page":
		c.Type = "page"
		move("url")
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
