package mixpanel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/debrief-dev/debrief/internal/destination"
)

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1","anonymousId":"a-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME","conversationId":"c-1"}}`

var example = destination.Example{
	Call: json.RawMessage(exampleCall),
	Sent: "POST /import?strict=1\nAuthorization: Basic …\n\n" + `[{"event":"Stock Purchased","properties":{"$device_id":"a-1","$insert_id":"…","$user_id":"u-1",` +
		`"conversationId":"c-1","distinct_id":"u-1","mp_lib":"debrief","symbol":"ACME","time":1795255200000}}]`,
}

// event is a call as the import API takes it.
func (s *sender) event(c *destination.Call) (json.RawMessage, error) {
	p := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(c.Properties)) {
		if len(p) == maxProperties-reserved {
			break
		}
		p[name] = c.Properties[name]
	}
	p["time"] = c.At.UnixMilli()
	p["distinct_id"] = c.Person()
	p["$insert_id"] = insertID(c.MessageID)
	p["mp_lib"] = "debrief"
	set := func(name, value string) {
		if value != "" {
			p[name] = value
		}
	}
	set("$user_id", c.UserID)
	set("$device_id", c.AnonymousID)
	set("$current_url", c.ContextText("page", "url"))
	set("$referrer", c.ContextText("page", "referrer"))
	set("$os", c.ContextText("os", "name"))
	set("$locale", c.ContextText("locale"))
	for _, name := range []string{"source", "medium", "content", "term"} {
		set("utm_"+name, c.ContextText("campaign", name))
	}
	set("utm_campaign", c.ContextText("campaign", "name"))
	event, err := json.Marshal(map[string]any{"event": c.Title(), "properties": p})
	if err == nil && len(event) > maxEvent {
		err = &destination.Discarded{Code: "too_large", Reason: "the event has " + strconv.Itoa(len(event)) + " bytes; Mixpanel takes less than 1 MB"}
	}
	return event, err
}

// reserved is how many properties event sets itself at most.
const reserved = 15

// insertID is the key by which Mixpanel drops repetitions: at most 36 letters, digits and dashes, so a hash
// of the event id, whatever that is.
func insertID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}

// person sends an identify, group or alias call. Each of its requests may be repeated.
func (s *sender) person(ctx context.Context, c *destination.Call) destination.Result {
	switch c.Type {
	case "group":
		if c.GroupID == "" {
			return discard("the group call has no groupId")
		}
		return s.form(ctx, "/groups", map[string]any{"$token": s.token, "$group_key": s.groupKey, "$group_id": c.GroupID, "$set": profile(c.Traits)})
	case "alias":
		if c.PreviousID == "" || c.UserID == "" {
			return discard("the alias call lacks a userId or previousId")
		}
		return s.join(ctx, c, "$create_alias", map[string]any{"distinct_id": c.PreviousID, "alias": c.UserID})
	}
	if c.UserID != "" && c.AnonymousID != "" {
		r := s.join(ctx, c, "$identify", map[string]any{"$identified_id": c.UserID, "$anon_id": c.AnonymousID, "distinct_id": c.UserID})
		if r.Err != nil {
			return r
		}
	}
	if c.Person() == "" {
		return discard("the identify call has neither userId nor anonymousId")
	}
	return s.form(ctx, "/engage", map[string]any{"$token": s.token, "$distinct_id": c.Person(), "$time": c.At.UnixMilli(), "$set": profile(c.Traits)})
}

// join sends an event that joins two ids.
func (s *sender) join(ctx context.Context, c *destination.Call, event string, properties map[string]any) destination.Result {
	properties["token"] = s.token
	properties["time"] = c.At.UnixMilli()
	properties["$insert_id"] = insertID(c.MessageID)
	return s.form(ctx, "/track", map[string]any{"event": event, "properties": properties})
}

// known are Segment's traits that Mixpanel has names of its own for.
var known = map[string]string{
	"email": "$email", "firstName": "$first_name", "first_name": "$first_name", "lastName": "$last_name", "last_name": "$last_name",
	"name": "$name", "phone": "$phone", "createdAt": "$created", "created_at": "$created", "username": "$username", "avatar": "$avatar",
}

// profile are traits under Mixpanel's names.
func profile(traits map[string]json.RawMessage) map[string]json.RawMessage {
	set := map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		if theirs, ok := known[name]; ok {
			set[theirs] = traits[name]
		} else {
			set[name] = traits[name]
		}
	}
	return set
}

func discard(format string, args ...any) destination.Result {
	return destination.Result{Err: &destination.Discarded{Code: "invalid_call", Reason: fmt.Sprintf(format, args...)}}
}
