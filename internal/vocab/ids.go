package vocab

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// shortID is the length in characters below which a client's event id is not trusted to be its own:
// "msg123" is used again.
const shortID = 16

// EventID returns the event id of a call whose client sent id: id itself, or if that is shorter than
// 16 characters, id combined with a hash of what tells the call from others with the same id.
func EventID(id, name, conversationID, timestamp string) string {
	if len(id) >= shortID*utf8.UTFMax || utf8.RuneCountInString(id) >= shortID {
		return id
	}
	h := sha256.New()
	for _, part := range []string{id, name, conversationID, timestamp} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return id + "~" + hex.EncodeToString(h.Sum(nil)[:8])
}

// idText reads an id: a string, or a number as its text. Null and blank strings are absent. It returns
// false for what can be no id.
func idText(v Value) (id string, numeric, ok bool) {
	if v.Absent() {
		return "", false, true
	}
	if !v.IsString() && !v.IsNumber() {
		return "", false, false
	}
	s, _ := v.Text()
	if strings.TrimSpace(s) == "" {
		return "", false, true
	}
	return s, v.IsNumber(), true
}

// envelopeID reads an id beside the properties, where the door has refused what can be none.
func (c *Call) envelopeID(key string, v Value) string {
	id, numeric, _ := idText(v)
	if numeric {
		c.Repair("numeric_id", key, id)
	}
	return id
}

// takeConversationID finds the conversation id of a track call: under the names of the specs, else
// under one that differs from them in case and underscores only, else of a thread or chat.
func (c *Call) takeConversationID() {
	m, alias := c.findID("conversationid", "conversationId", "conversation_id", "ConversationId")
	if m == nil {
		if m, _ = c.findID("threadid"); m == nil {
			m, _ = c.findID("chatid")
		}
		alias = true
	}
	if m == nil {
		return
	}
	if id := c.takeID(m, "invalid_conversation_id"); id != "" {
		if alias {
			c.Repair("conversation_id_alias", m.key, "conversationId")
		}
		c.SetConversation(id)
	}
}

// SetConversation sets the conversation, by the id that the client has for it.
func (c *Call) SetConversation(id string) {
	c.conversationID = id
	c.Row.ConversationID = c.Source.IDNamespace + id
}

// NeedConversation notes an event without conversation id.
func (c *Call) NeedConversation() {
	if c.Row.ConversationID == "" {
		c.Violation("missing_conversation_id")
	}
}

// TakeMessageID takes the id of the chat message that an event is, or belongs to, if it has one.
func (c *Call) TakeMessageID() {
	m, alias := c.findID("messageid", "messageId", "message_id", "MessageId")
	if m == nil {
		return
	}
	if id := c.takeID(m, "invalid_message_id"); id != "" {
		if alias {
			c.Repair("message_id_alias", m.key, "messageId")
		}
		c.Row.MessageID = id
	}
}

// TakeOwnMessageID takes the id of the chat message that the event is. Without one, the row gets an
// id made from its event id; the envelope's id itself is never taken for it.
func (c *Call) TakeOwnMessageID() {
	c.TakeMessageID()
	c.wantsMessageID = c.Row.MessageID == ""
}

// NewMessageID gives a message without an id of its own one made from the event id.
func (c *Call) NewMessageID() { c.wantsMessageID = true }

// findID finds the property with an id that is not absent: under one of the names, else, as an
// alias, under a key that is folded once case and underscores are left out.
func (c *Call) findID(folded string, names ...string) (m *member, alias bool) {
	for _, name := range names {
		if m := c.props.find(name); m != nil && !m.taken && hasID(m.value) {
			return m, false
		}
	}
	for i := range c.props.members {
		if m := &c.props.members[i]; !m.taken && hasID(m.value) && foldsTo(m.key, folded) {
			return m, true
		}
	}
	return nil, false
}

func hasID(v Value) bool {
	id, _, ok := idText(v)
	return !ok || id != ""
}

// takeID reads and takes an id; what can be none is noted and stays.
func (c *Call) takeID(m *member, invalid string) string {
	id, numeric, ok := idText(m.value)
	if !ok {
		c.Violation(invalid)
		return ""
	}
	m.taken = true
	if numeric {
		c.Repair("numeric_id", m.key, id)
	}
	return id
}

// foldsTo reports whether key, in lower case and without underscores, is folded.
func foldsTo(key, folded string) bool {
	if len(key) < len(folded) {
		return false
	}
	n := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == '_' {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if n >= len(folded) || folded[n] != c {
			return false
		}
		n++
	}
	return n == len(folded)
}
