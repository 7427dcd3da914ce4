package segment

import "bytes"

// field is a top-level member of a call that the door reads.
type field uint8

const (
	fieldNone field = iota
	fieldType
	fieldAction
	fieldEvent
	fieldUserID
	fieldAnonymousID
	fieldMessageID
	fieldGroupID
	fieldPreviousID
	fieldSentAt
	fieldWriteKey
	fieldContext
	fieldIntegrations
	fieldProperties
	fieldTraits
	fieldChannel
	fields
)

// fieldOf names the field of a key.
func fieldOf(key []byte) field {
	switch string(key) {
	case "type":
		return fieldType
	case "action":
		return fieldAction
	case "event":
		return fieldEvent
	case "userId":
		return fieldUserID
	case "anonymousId":
		return fieldAnonymousID
	case "messageId":
		return fieldMessageID
	case "groupId":
		return fieldGroupID
	case "previousId":
		return fieldPreviousID
	case "sentAt":
		return fieldSentAt
	case "writeKey":
		return fieldWriteKey
	case "context":
		return fieldContext
	case "integrations":
		return fieldIntegrations
	case "properties":
		return fieldProperties
	case "traits":
		return fieldTraits
	case "channel":
		return fieldChannel
	}
	return fieldNone
}

// callTypes are the six calls of the protocol; the key is also how a single-event route names it.
var callTypes = map[string]string{
	"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias",
	"track": "track", "identify": "identify", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
}

// callType returns the call that a type member names, as a constant, or "". Case and space around it do
// not matter.
func callType(name []byte) string {
	if t := exactType(name); t != "" || len(name) > 64 {
		return t
	}
	return exactType(bytes.ToLower(bytes.TrimSpace(name)))
}

func exactType(name []byte) string {
	switch string(name) {
	case "track":
		return "track"
	case "identify":
		return "identify"
	case "page":
		return "page"
	case "screen":
		return "screen"
	case "group":
		return "group"
	case "alias":
		return "alias"
	}
	return ""
}
