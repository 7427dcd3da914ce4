package vocab

import "github.com/debrief-dev/debrief/internal/event"

// TakeBody takes the text of a message from the first of the properties that has one, and fills body,
// body_chars and body_hash. The first key is the vocabulary's own; the others are aliases. An empty
// string is a text. Without any, missing is noted as violation; "" notes none.
func (c *Call) TakeBody(missing string, keys ...string) {
	var parts *member
	for i, key := range keys {
		m := c.props.find(key)
		if m == nil || m.taken || m.value.Absent() {
			continue
		}
		body, ok := m.value.Text()
		if !ok {
			if parts == nil {
				parts = m
			}
			continue
		}
		m.taken = true
		if i > 0 {
			c.Repair("body_alias", key, keys[0])
		}
		if !m.value.IsString() {
			c.Repair("text_from_scalar", key, "")
		}
		c.setBody(body)
		return
	}
	switch {
	case parts != nil:
		parts.taken = true
		c.Row.Parts = []byte(parts.value.JSON())
		c.Violation("invalid_message_body")
	case missing != "":
		c.Violation(missing)
	}
}

// setBody keeps the text, and its length and hash as they were before redaction.
func (c *Call) setBody(body string) {
	c.Row.Body = &body
	chars := c.raw.BodyChars
	c.Row.BodyHash = c.raw.BodyHash
	if chars == 0 && c.raw.BodyHash == "" {
		chars = event.BodyChars(body)
		if c.hash != nil {
			c.Row.BodyHash = c.hash(body)
		}
	}
	c.Row.BodyChars = &chars
}
