package posthog

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// item is an object of a request: its members by name.
type item map[string]json.RawMessage

// text returns a member that is a string, or a number or boolean as it was sent; "" for anything else.
func (it item) text(name string) string {
	v := bytes.TrimSpace(it[name])
	if len(v) == 0 || v[0] == '{' || v[0] == '[' || string(v) == "null" {
		return ""
	}
	if v[0] != '"' {
		return string(v)
	}
	var s string
	_ = json.Unmarshal(v, &s) // is valid: it was read before
	return s
}

// take is text that takes the member out.
func (it item) take(name string) string {
	s := it.text(name)
	delete(it, name)
	return s
}

// object returns a member that is an object, else nil.
func (it item) object(name string) item {
	var inner item
	if v := bytes.TrimSpace(it[name]); len(v) == 0 || v[0] != '{' || json.Unmarshal(v, &inner) != nil {
		return nil
	}
	return inner
}

// json writes the object; nil if it is empty.
func (it item) json() json.RawMessage {
	if len(it) == 0 {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(it) != nil {
		return nil // not reached: every member was read as JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// withoutKey is the event as it may be kept.
func (it item) withoutKey() json.RawMessage {
	for _, name := range []string{"api_key", "token", "$token", "batch"} {
		delete(it, name)
	}
	if p := it.object("properties"); p["token"] != nil {
		delete(p, "token")
		it["properties"] = p.json()
	}
	return it.json()
}

// onDevice reports whether the event comes straight from a person's device.
func (it item) onDevice() bool {
	switch it.object("properties").text("$lib") {
	case "web", "posthog-ios", "posthog-android", "posthog-flutter", "posthog-react-native":
		return true
	}
	return false
}

// call makes a call of an event that was received at a time, or says why it cannot be one.
func (it item) call(received time.Time) (*ingest.Call, *event.Reject) {
	props := it.object("properties")
	if props == nil {
		props = item{}
	}
	delete(props, "token")
	name := it.text("event")
	if name == "" && (it["$set"] != nil || it["$set_once"] != nil) {
		name = "$identify" // as /engage has it
	}
	if name == "" {
		return nil, &event.Reject{Code: "missing_event_name", Message: "event is missing"}
	}
	c := &ingest.Call{MessageID: it.text("uuid"), Timestamp: timestamp(it, received), Context: contextOf(it, props)}
	if !fillPerson(c, it, props, name) {
		return nil, &event.Reject{Code: "missing_identity", Message: "distinct_id is missing"}
	}
	if props.text("distinct_id") != "" && name != "$create_alias" {
		delete(props, "distinct_id")
	}
	if refused := fillType(c, it, props, name); refused != nil {
		return nil, refused
	}
	c.Properties = props.json()
	c.Extra = extra(it)
	return c, nil
}

// extra returns the members of an event that no call has a place for.
func extra(it item) map[string]json.RawMessage {
	out := maps.Clone(it)
	for _, name := range []string{"event", "properties", "uuid", "timestamp", "offset", "distinct_id", "$distinct_id", "api_key", "token", "$token",
		"batch", "sent_at", "session_id", "$set", "$set_once", "type"} {
		delete(out, name)
	}
	return out
}

// fillType says what kind of call the event is.
func fillType(c *ingest.Call, it, props item, name string) *event.Reject {
	switch name {
	case "$identify", "$set":
		c.Type = "identify"
		c.Traits = traits(it, props)
	case "$create_alias", "$merge_dangerously":
		c.Type, c.PreviousID = "alias", props.take("alias")
		delete(props, "distinct_id")
		if c.PreviousID == "" {
			return &event.Reject{Code: "missing_previous_id", Message: "properties.alias is missing"}
		}
	case "$groupidentify":
		c.Type, c.GroupID = "group", props.take("$group_key")
		if c.GroupID == "" {
			return &event.Reject{Code: "missing_group_id", Message: "properties.$group_key is missing"}
		}
		group := props.object("$group_set")
		if group == nil {
			group = item{}
		}
		delete(props, "$group_set")
		if kind, ok := props["$group_type"]; ok {
			group["group_type"] = kind
			delete(props, "$group_type")
		}
		c.Traits = group.json()
	case "$pageview":
		c.Type, c.Name = "page", props.text("title")
		if c.Name == "" {
			c.Name = props.text("$pathname")
		}
	case "$screen":
		c.Type, c.Name = "screen", props.take("$screen_name")
	default:
		c.Type, c.Event = "track", name
		for _, key := range []string{"$set", "$set_once"} { // what an event says of its person stays with it
			if v, ok := it[key]; ok && props[key] == nil {
				props[key] = v
			}
		}
	}
	return nil
}

// traits joins what is set of a person, beside the properties or in them. What is set once goes first.
func traits(it, props item) json.RawMessage {
	all := item{}
	for _, key := range []string{"$set_once", "$set"} {
		for _, from := range []item{props, it} {
			maps.Copy(all, from.object(key))
		}
		delete(props, key)
	}
	return all.json()
}

// timestamp returns the time of the event. Some libraries say how long before sending it was instead.
func timestamp(it item, received time.Time) string {
	if s := it.text("timestamp"); s != "" {
		return s
	}
	var offset float64
	const longest = 365 * 24 * time.Hour
	if json.Unmarshal(it["offset"], &offset) == nil && offset > 0 && offset < float64(longest.Milliseconds()) {
		return received.Add(-time.Duration(offset * float64(time.Millisecond))).Format(time.RFC3339Nano)
	}
	return ""
}

// contextOf makes the context of a call of what PostHog keeps among the properties, which stay there.
func contextOf(it, props item) json.RawMessage {
	out := item{}
	set := func(to item, key string, names ...string) {
		for _, name := range names {
			if s := props.text(name); s != "" && to[key] == nil {
				to[key] = ingest.AppendJSONString(nil, s)
			}
		}
	}
	set(out, "sessionId", "$session_id")
	if id := it.text("session_id"); id != "" {
		out["sessionId"] = ingest.AppendJSONString(nil, id)
	}
	set(out, "locale", "$locale", "$browser_language")
	set(out, "userAgent", "$raw_user_agent", "$user_agent")
	set(out, "ip", "$ip")
	library, page := item{}, item{}
	set(library, "name", "$lib")
	set(library, "version", "$lib_version")
	set(page, "url", "$current_url")
	set(page, "path", "$pathname")
	set(page, "referrer", "$referrer")
	set(page, "title", "title")
	for name, inner := range map[string]item{"library": library, "page": page} {
		if len(inner) > 0 {
			out[name] = inner.json()
		}
	}
	if groups := props.object("$groups"); len(groups) == 1 {
		for kind := range groups {
			if id := groups.text(kind); id != "" {
				out["groupId"] = ingest.AppendJSONString(nil, id)
			}
		}
	}
	return out.json()
}

// fillPerson says who did it, and reports whether anybody is named. PostHog has one id where we have two:
//
//   - $identify joins the anonymous id ($anon_distinct_id) to the user's;
//   - where the library says whether the person is identified, that decides;
//   - an event that makes no person profile, or whose id is the device's, is of somebody anonymous;
//   - an event whose id is that of its own trace, or the mark of a browser without cookies, is of nobody;
//   - any other id is a user's.
func fillPerson(c *ingest.Call, it, props item, name string) bool {
	id := it.text("distinct_id")
	for _, other := range []string{it.text("$distinct_id"), props.text("distinct_id")} {
		if id == "" {
			id = other
		}
	}
	device := props.text("$device_id")
	switch {
	case name == "$groupidentify" && strings.HasPrefix(id, "$"): // made of the group's own id
	case id == "":
		c.AnonymousID = device
		return device != "" || name == "$groupidentify"
	case id == "$posthog_cookieless" || id == props.text("$ai_trace_id"):
	case name == "$identify" || name == "$create_alias" || name == "$merge_dangerously":
		c.UserID, c.AnonymousID = id, props.take("$anon_distinct_id")
	case props.text("$is_identified") == "true":
		c.UserID = id
	case props.text("$is_identified") == "false", profileless(it, props), id == device:
		c.AnonymousID = id
	default:
		c.UserID = id
	}
	return true
}

// profileless reports whether the event says that it makes no person profile.
func profileless(it, props item) bool {
	return props.text("$process_person_profile") == "false" || it.object("options").text("process_person_profile") == "false"
}
