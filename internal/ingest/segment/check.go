package segment

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Codes of calls refused alone; docs/ingest.md explains each.
const (
	rejectNotObject  = "invalid_event"
	rejectTooDeep    = "too_deep"
	rejectTooLarge   = "payload_too_large"
	rejectTooMany    = "too_many_events"
	rejectWrongKey   = "write_key_mismatch"
	rejectNoType     = "missing_type"
	rejectType       = "unknown_type"
	rejectNoName     = "missing_event_name"
	rejectName       = "invalid_event_name"
	rejectNoIdentity = "missing_identity"
	rejectNoGroup    = "missing_group_id"
	rejectProperties = "too_many_properties"
	// "invalid_" and "too_long_" go before the name of an id: user_id, anonymous_id, message_id, group_id,
	// previous_id.
	rejectInvalid = "invalid_"
	rejectTooLong = "too_long_"
)

// repairUTF8 is the one repair that must be made at the door: text that is not UTF-8 became U+FFFD. The
// others are noted behind the log, where the call is read whole.
const repairUTF8 = "invalid_utf8"

func reject(code, format string, args ...any) *event.Reject {
	return &event.Reject{Code: code, Message: fmt.Sprintf(format, args...)}
}

// alias returns the bytes as a string that shares them: it lives as long as the request's buffers.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// checker reads the members of calls and says whether a call can be taken in.
type checker struct {
	scan    *jsonscan.Scanner
	limits  *ingest.Limits
	strings []byte // values of strings with escapes
}

// text returns the value of a string member, "" if it is absent or no string.
func (k *checker) text(m member) []byte {
	if !m.present() || k.scan.Kind(int(m.start)) != '"' {
		return nil
	}
	quoted := k.scan.Text(int(m.start), int(m.end))
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	from := len(k.strings)
	k.strings = jsonscan.AppendUnquoted(k.strings, alias(quoted))
	return k.strings[from:]
}

// scalar returns the value of a string or a number, the digits as sent. Null and "" are absence. Anything
// else is not ok.
func (k *checker) scalar(m member) (value string, ok bool) {
	if !m.present() {
		return "", true
	}
	switch c := k.scan.Kind(int(m.start)); {
	case c == '"':
		return alias(k.text(m)), true
	case c == 'n':
		return "", true
	case c == '-' || c >= '0' && c <= '9':
		return alias(k.scan.Text(int(m.start), int(m.end))), true
	}
	return "", false
}

// id reads an id within its bound; code is its name in codes, name that of its member. What is only white
// space is absent.
func (k *checker) id(m member, code, name string, max int) (string, *event.Reject) {
	v, ok := k.scalar(m)
	switch {
	case !ok:
		return "", reject(rejectInvalid+code, "%s must be a string or a number", name)
	case len(v) > max && utf8.RuneCountInString(v) > max:
		return "", reject(rejectTooLong+code, "%s is longer than %d characters", name, max)
	case strings.TrimSpace(v) == "":
		return "", nil
	}
	return v, nil
}

// typeOf finds the type of a call: that of the route, else its type, else its action where that is one of
// the six, as in the examples of the AI Copilot spec.
func (k *checker) typeOf(c *call, path string) (string, *event.Reject) {
	if path != "" {
		return path, nil
	}
	m := c.fields[fieldType]
	if t := callType(k.text(m)); t != "" {
		return t, nil
	}
	if sent, ok := k.scalar(m); !ok || strings.TrimSpace(sent) != "" {
		return "", reject(rejectType, "type must be track, identify, page, screen, group or alias")
	}
	if t := callType(k.text(c.fields[fieldAction])); t != "" {
		return t, nil
	}
	return "", reject(rejectNoType, "type is missing; it must be track, identify, page, screen, group or alias")
}

// check says why a call of a type cannot be taken in, and returns its event id, which may be missing.
func (k *checker) check(c *call, typ string) (id string, r *event.Reject) {
	if id, r = k.id(c.fields[fieldMessageID], "message_id", "messageId", k.limits.MessageIDChars); r != nil {
		return "", r
	}
	if typ == "track" {
		if r := k.eventName(c.fields[fieldEvent]); r != nil {
			return id, r
		}
	}
	var ids [4]string
	for i, f := range [4]struct {
		field      field
		code, name string
	}{
		{fieldUserID, "user_id", "userId"}, {fieldAnonymousID, "anonymous_id", "anonymousId"},
		{fieldGroupID, "group_id", "groupId"}, {fieldPreviousID, "previous_id", "previousId"},
	} {
		// A group id on other calls is theirs to use; a bad one there refuses nothing.
		if f.field == fieldGroupID && typ != "group" || f.field == fieldPreviousID && typ != "alias" {
			continue
		}
		if ids[i], r = k.id(c.fields[f.field], f.code, f.name, k.limits.IDChars); r != nil {
			return id, r
		}
	}
	switch {
	case typ == "group" && ids[2] == "":
		return id, reject(rejectNoGroup, "a group call needs a groupId")
	case ids == [4]string{}:
		return id, reject(rejectNoIdentity, "a call needs a userId or an anonymousId")
	case k.limits.Properties > 0 && int(c.members) > k.limits.Properties:
		return id, reject(rejectProperties, "a call may have at most %d properties or traits", k.limits.Properties)
	}
	return id, nil
}

func (k *checker) eventName(m member) *event.Reject {
	if m.present() && k.scan.Kind(int(m.start)) != '"' && k.scan.Kind(int(m.start)) != 'n' {
		return reject(rejectName, "event must be a string: the name of the event")
	}
	name, r := k.id(m, "event_name", "event", k.limits.IDChars)
	if r == nil && name == "" {
		return reject(rejectNoName, `a track call needs a name in "event"`)
	}
	return r
}
