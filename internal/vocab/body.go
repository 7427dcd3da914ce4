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
		c.SetBody(body)
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

// SetBody keeps the text of the row's message, and its length and hash as they were before redaction.
func (c *Call) SetBody(body string) {
	c.SetBodyOf(c.Row, body)
	if c.raw.BodyChars != 0 || c.raw.BodyHash != "" {
		c.Row.BodyChars, c.Row.BodyHash = new(c.raw.BodyChars), c.raw.BodyHash
	}
}

// SetBodyOf keeps the text of a message that is a further row of the call ([Call.Also]).
func (c *Call) SetBodyOf(e *event.Event, body string) {
	e.Body, e.BodyChars = &body, new(event.BodyChars(body))
	if c.hash != nil {
		e.BodyHash = c.hash(body)
	}
}
