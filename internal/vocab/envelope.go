package vocab

// fillEnvelope fills what calls of any vocabulary have, and decides which members of the call are
// known: all others are kept as extra.
func (c *Call) fillEnvelope() {
	e := c.Row
	var env struct{ typ, action, event, name, timestamp, original Value }
	for i := range c.top.members {
		m := &c.top.members[i]
		m.taken = true
		switch m.key {
		case "type":
			env.typ = m.value
		case "action":
			env.action = m.value
			m.taken = typeWord(m.value) != ""
		case "event":
			env.event = m.value
			m.taken = c.Type == "track"
		case "userId":
			e.UserID = c.envelopeID(m.key, m.value)
		case "anonymousId":
			e.AnonymousID = c.envelopeID(m.key, m.value)
		case "groupId":
			if m.taken = c.Type == "group"; m.taken {
				e.GroupID = c.envelopeID(m.key, m.value)
			}
		case "timestamp":
			env.timestamp = m.value
		case "originalTimestamp":
			env.original = m.value
		case "name":
			env.name = m.value
			m.taken = c.isView() || c.isTrace()
		case "category":
			if m.taken = c.isView(); m.taken {
				e.Category, _ = m.value.Text()
			}
		case "properties", "traits", "context":
			m.taken = m.value.Absent() || m.value.IsObject()
		case "messageId", "sentAt", "receivedAt", "integrations", "version", "channel", "writeKey", "_metadata":
		default:
			m.taken = false
		}
	}
	c.fillName(env.event, env.name)
	c.noteType(env.typ, env.action)
	c.chooseProperties()
	c.fillTimes(env.timestamp, env.original)
	c.fillContext()
	switch c.Type {
	case "track":
		c.lift()
		c.takeConversationID()
	case "alias":
		c.keepPreviousID()
	}
}

func (c *Call) isView() bool { return c.Type == "page" || c.Type == "screen" }

func (c *Call) isTrace() bool { return c.Type == "span" || c.Type == "log" }

func (c *Call) fillName(event, name Value) {
	c.Row.SourceEvent = c.Type
	switch {
	case c.Type == "track":
		if s, _ := event.Text(); s != "" {
			c.Name, c.Row.SourceEvent = s, s
		}
	case c.isView(), c.isTrace():
		c.Name, _ = name.Text()
	}
}

// noteType notes how the door came to the call type, unless it did so itself.
func (c *Call) noteType(typ, action Value) {
	said, asAction := typeWord(typ), typeWord(action)
	switch {
	case said == "" && c.raw.Path == "" && asAction != "":
		c.repairOnce("action_as_type", "action", asAction)
	case said != "" && c.raw.Path != "" && said != c.Type:
		c.repairOnce("path_over_type", said, c.Type)
	case said != "" && asAction != "" && said != asAction:
		c.repairOnce("type_over_action", asAction, said)
	}
}

// repairOnce is Repair that does nothing if the code is noted already, whatever from and to.
func (c *Call) repairOnce(code, from, to string) {
	for _, r := range c.Row.Repairs {
		if r.Code == code {
			return
		}
	}
	c.Repair(code, from, to)
}

// chooseProperties decides which object is the call's properties: for identify and group calls, the
// traits, wherever they are.
func (c *Call) chooseProperties() {
	props, traits := c.top.find("properties"), c.top.find("traits")
	if props != nil && !props.taken {
		c.Violation("invalid_properties")
	}
	if props == nil || !props.value.IsObject() {
		c.props.reset()
	}
	if traits == nil || !traits.value.IsObject() {
		c.traits.reset()
	}
	if context := c.top.find("context"); context == nil || !context.value.IsObject() {
		c.ctx.reset()
	}
	if c.Type != "identify" && c.Type != "group" {
		if traits != nil && !traits.value.Absent() {
			traits.taken = false
		}
		return
	}
	if traits != nil && !traits.taken {
		c.Violation("invalid_properties")
	}
	switch {
	case len(c.traits.members) > 0:
		if len(c.props.members) > 0 {
			props.taken = false // both: properties are extra
		}
		c.props, c.traits = c.traits, c.props
	case len(c.props.members) > 0:
		c.repairOnce("properties_as_traits", "properties", "traits")
	case c.Type == "identify":
		if m := c.ctx.find("traits"); m != nil && m.value.IsObject() && c.traits.parse(&c.scan, m.value.text) == nil {
			c.props, c.traits = c.traits, c.props
		}
	}
}

// fillContext reads session, group and locale: properties win over the context.
func (c *Call) fillContext() {
	e := c.Row
	if c.Type == "track" {
		e.SessionID = c.TakeText("session_id", "sessionId")
	}
	for i := range c.ctx.members {
		m := &c.ctx.members[i]
		switch m.key {
		case "locale":
			e.Locale, _ = m.value.Text()
		case "groupId":
			if e.GroupID == "" {
				e.GroupID, _, _ = idText(m.value)
			}
		case "sessionId":
			if e.SessionID == "" {
				e.SessionID, _, _ = idText(m.value)
			}
		}
	}
}

// keepPreviousID puts what an alias call joins to the user id among the properties: it has no column,
// as it may be an anonymous id or a user id.
func (c *Call) keepPreviousID() {
	const key = "previousId"
	if m := c.top.find(key); m != nil && c.props.find(key) == nil {
		m.taken = true
		c.props.members = append(c.props.members, member{key: key, value: m.value})
	}
}

// liftable reports whether a key beside the properties is one that belongs inside. The envelope's
// messageId, type and action are not: they have a meaning of their own there.
func liftable(key string) bool {
	switch key {
	case "role", "message_body", "message_id", "rating", "rating_scale", "ratingScale", "message_count", "sub_type", "comment",
		"conversationId", "conversation_id", "ConversationId":
		return true
	}
	return false
}

// lift moves known copilot properties that stand beside the properties into them, if absent there.
func (c *Call) lift() {
	for i := range c.top.members {
		m := &c.top.members[i]
		if m.taken || !liftable(m.key) || c.props.find(m.key) != nil {
			continue
		}
		m.taken = true
		c.props.members = append(c.props.members, member{key: m.key, value: m.value})
		c.Repair("lifted_to_properties", m.key, "properties."+m.key)
	}
}
