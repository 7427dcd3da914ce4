package vocab

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Call is one call while it is mapped: its members decoded one level deep, and the row that it
// becomes. It belongs to its [Mapper] and is good until the vocabulary's Map returns.
type Call struct {
	// Type is track, identify, page, screen, group or alias; of OpenTelemetry, span or log.
	Type string
	// Name is the event name of a track call, the name of a page, screen, span or log, else empty.
	Name string
	// Protocol is how the call came: "segment" …
	Protocol string
	// Source holds the settings of the call's source.
	Source Source
	// Row is the row to fill.
	Row *event.Event

	raw            *event.Raw
	scan           jsonscan.Scanner
	top            object
	props, ctx     object // properties or traits of the call; context
	traits         object
	timestamp      string // the original time as sent
	clock          clocks // what is known of the client's clock; without original
	conversationID string // without the namespace
	wantsMessageID bool
	wantsSpanID    bool
	eventID        string // set instead of the envelope's
	hash           func(body string) string
	also           []also
}

// also is a further row of a call, and the rule that makes it.
type also struct {
	rule string
	row  *event.Event
}

// Also adds a row that follows from the call beside [Call.Row], and returns it for the vocabulary to set
// kind and action and what else it knows. Its id is the call's with "#" and the rule, which is
// distinct among the rows of a call. Where it comes from, its times, and whatever it leaves empty of
// person, session, conversation, turn, agent and trace are those of the call's row. Such a row is
// derived: it is counted by its kind, never as a call.
func (c *Call) Also(rule string) *event.Event {
	e := new(event.Event)
	c.also = append(c.also, also{rule, e})
	return e
}

// Repair notes that something odd was understood. From and to are shortened and must not be message
// text. Noting the same thing again changes nothing.
func (c *Call) Repair(code, from, to string) {
	r := event.Repair{Code: code, From: shorten(from), To: shorten(to)}
	for _, old := range c.Row.Repairs {
		if old == r {
			return
		}
	}
	c.Row.Repairs = append(c.Row.Repairs, r)
}

// Violation notes that something is missing or unusable, once for each code.
func (c *Call) Violation(code string) {
	for _, old := range c.Row.Violations {
		if old == code {
			return
		}
	}
	c.Row.Violations = append(c.Row.Violations, code)
}

// shorten cuts what a repair quotes to 80 code points.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// Member returns a member of the call beside its properties, without taking it.
func (c *Call) Member(key string) Value {
	if m := c.top.find(key); m != nil {
		return m.value
	}
	return Value{}
}

// TakeMember returns a member of the call beside its properties, and keeps it out of the row's extra
// properties.
func (c *Call) TakeMember(key string) Value {
	if m := c.top.find(key); m != nil {
		m.taken = true
		return m.value
	}
	return Value{}
}

// Context returns a member of the call's context.
func (c *Call) Context(key string) Value {
	if m := c.ctx.find(key); m != nil {
		return m.value
	}
	return Value{}
}

// Properties calls f with each property that was not taken yet, in the order sent.
func (c *Call) Properties(f func(key string, v Value)) {
	for i := range c.props.members {
		if m := &c.props.members[i]; !m.taken {
			f(m.key, m.value)
		}
	}
}

// Property returns a property that was not taken yet, without taking it.
func (c *Call) Property(key string) Value {
	if m := c.props.find(key); m != nil && !m.taken {
		return m.value
	}
	return Value{}
}

// Take returns a property and takes it out of those that stay free. A null stays absent and is taken.
func (c *Call) Take(key string) Value {
	if m := c.props.find(key); m != nil && !m.taken {
		m.taken = true
		return m.value
	}
	return Value{}
}

// TakeText takes the first of the properties that holds a scalar that is not empty, as text: aliases of
// one thing in order of preference. Objects and arrays are left where they are and noted.
func (c *Call) TakeText(keys ...string) string {
	for _, key := range keys {
		m := c.props.find(key)
		if m == nil || m.taken || m.value.Absent() {
			continue
		}
		s, ok := m.value.Text()
		if !ok {
			c.Violation("invalid_text")
			continue
		}
		if s == "" {
			continue
		}
		if !m.value.IsString() {
			c.Repair("text_from_scalar", key, s)
		}
		m.taken = true
		return s
	}
	return ""
}

// RequireText is TakeText that notes a missing property as violation.
func (c *Call) RequireText(violation string, keys ...string) string {
	s := c.TakeText(keys...)
	if s == "" {
		c.Violation(violation)
	}
	return s
}

// TakeAgent takes what copilot events may say about where they happened: agent, turn, trace, mode,
// channel and locale, in snake or camel case, and of conversation events the title. The row has its
// kind by then.
func (c *Call) TakeAgent() {
	e := c.Row
	for i := range c.props.members {
		m := &c.props.members[i]
		dst := c.placeOf(m.key)
		if dst == nil || m.taken {
			continue
		}
		if s, ok := m.value.Text(); ok && s != "" {
			*dst, m.taken = s, true
		}
	}
	if e.Channel == "" {
		if m := c.top.find("channel"); m != nil {
			e.Channel, _ = m.value.Text()
		}
	}
}

func (c *Call) placeOf(key string) *string {
	e := c.Row
	switch key {
	case "agent_id", "agentId":
		return &e.AgentID
	case "agent_name", "agentName":
		return &e.AgentName
	case "agent_version", "agentVersion":
		return &e.AgentVersion
	case "turn_id", "turnId":
		return &e.TurnID
	case "trace_id", "traceId":
		if e.TraceID == "" { // else the vocabulary knows better
			return &e.TraceID
		}
	case "mode":
		return &e.Mode
	case "channel":
		return &e.Channel
	case "locale":
		return &e.Locale
	case "title":
		if e.Kind == event.KindConversation { // elsewhere it is the title of something else
			return &e.Title
		}
	}
	return nil
}
