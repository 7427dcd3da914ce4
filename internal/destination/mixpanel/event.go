package mixpanel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

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
func event(c *destination.Call) (json.RawMessage, error) {
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
	return record(map[string]any{"event": c.Title(), "properties": p})
}

// reserved is how many properties event sets itself at most.
const reserved = 15

// insertID is the key by which Mixpanel drops repetitions: at most 36 letters, digits and dashes, so a hash
// of the event id, whatever that is.
func insertID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}
