package vocab

import (
	"fmt"
	"strings"
	"time"
	"unsafe"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Mapper turns calls into rows by a list of vocabularies. It reuses its memory from call to call and
// is for one goroutine.
type Mapper struct {
	vocabularies []Vocabulary
	hash         func(body string) string
	call         Call
}

// NewMapper returns a mapper that asks the vocabularies in order. The last one must claim every call.
// hash makes the keyed hash of a message text that the door left alone ([event.BodyHash]); nil leaves
// body_hash empty then.
func NewMapper(hash func(body string) string, vocabularies ...Vocabulary) *Mapper {
	m := &Mapper{vocabularies: vocabularies, hash: hash}
	m.call.top.inner = []inner{{"properties", &m.call.props}, {"context", &m.call.ctx}, {"traits", &m.call.traits}}
	return m
}

// Also returns the rows that the call mapped last made beside its own, each with its id. They share
// memory as that row does, and belong to the caller.
func (m *Mapper) Also() []*event.Event {
	if len(m.call.also) == 0 {
		return nil
	}
	rows := make([]*event.Event, len(m.call.also))
	for i, a := range m.call.also {
		rows[i] = a.row
	}
	return rows
}

// Map writes the row of a call over e, whatever e held. The row shares memory with in.Raw, which must
// not change while the row is in use, and never with the mapper. The same input gives the same row. An error means that the call is no JSON object, or
// that no vocabulary claims it: a fault on our side of the door, as it refuses such calls.
func (m *Mapper) Map(in Input, e *event.Event) error {
	c := &m.call
	c.reset(in, e, m.hash)
	if err := c.read(in.Raw); err != nil {
		return err
	}
	c.addClient()
	c.fillEnvelope()
	for _, v := range m.vocabularies {
		if v.Claims(c) {
			e.Vocabulary = v.Name()
			v.Map(c)
			c.finish()
			return nil
		}
	}
	return fmt.Errorf("no vocabulary claims %s call %q", c.Type, c.Name)
}

func (c *Call) reset(in Input, e *event.Event, hash func(string) string) {
	*e = event.Event{} // alone: clearing is cheaper than copying a large literal
	e.Workspace, e.Source = in.Request.Workspace, in.Request.Source
	e.RequestSeq, e.BatchIndex = in.Seq, in.Index
	e.ReceivedAt = in.Request.ReceivedAt.UTC().Truncate(time.Microsecond)
	e.Raw = in.Raw.JSON
	if !in.Raw.SentAt.IsZero() {
		e.SentAt = in.Raw.SentAt.UTC().Truncate(time.Microsecond)
	}
	if n := len(in.Raw.Repairs); n > 0 {
		e.Repairs = append(make([]event.Repair, 0, n+2), in.Raw.Repairs...)
	}
	c.Type, c.Name, c.Protocol = in.Raw.Type, "", in.Request.Protocol
	c.Source, c.Row, c.raw, c.hash = in.Source, e, in.Raw, hash
	c.timestamp, c.conversationID, c.wantsMessageID = "", "", false
	c.wantsSpanID, c.eventID = false, ""
	clear(c.also)
	c.also = c.also[:0]
}

// read decodes the call: its members, and those of its properties, traits and context.
func (c *Call) read(raw *event.Raw) error {
	// Every string of the row is a part of the call, which nobody changes: see Map.
	text := unsafe.String(unsafe.SliceData(raw.JSON), len(raw.JSON))
	if err := c.top.parse(&c.scan, text); err != nil {
		return err
	}
	if c.scan.Unpaired {
		text = string(jsonscan.AppendPaired(make([]byte, 0, len(text)), text))
		if err := c.top.parse(&c.scan, text); err != nil {
			return err
		}
		c.Row.Raw = []byte(text)
		c.Repair("unpaired_surrogate", "", "")
	}
	if c.top.repeated || c.props.repeated || c.traits.repeated || c.ctx.repeated {
		c.Repair("repeated_key", "", "")
	}
	return nil
}

// finish sets what depends on the whole mapping: the event id, an id for a message that has none, and
// the properties that stay free.
func (c *Call) finish() {
	e := c.Row
	sent := c.raw.ID
	if c.eventID != "" {
		sent = c.eventID
	}
	e.ID = EventID(sent, e.SourceEvent, c.conversationID, c.timestamp)
	if e.ID != sent {
		c.Repair("short_message_id", sent, e.ID)
	}
	if c.wantsSpanID {
		e.SpanID = e.ID
	}
	if c.wantsMessageID {
		e.MessageID = "env:" + e.ID
		c.Repair("missing_message_id", "", e.MessageID)
	}
	e.Properties = c.freeProperties()
	for _, a := range c.also {
		inherit(a.row, e, a.rule)
	}
}

// inherit fills what a further row has in common with the row of its call.
func inherit(e, call *event.Event, rule string) {
	e.ID, e.DerivedFrom = call.ID+"#"+rule, call.ID
	if e.Kind == event.KindMessage && e.MessageID == "" {
		e.MessageID = "env:" + e.ID
	}
	e.Workspace, e.Source, e.Vocabulary = call.Workspace, call.Source, call.Vocabulary
	e.SourceEvent, e.SourceSubtype = call.SourceEvent, call.SourceSubtype
	e.OriginalAt, e.SentAt, e.ReceivedAt = call.OriginalAt, call.SentAt, call.ReceivedAt
	e.RequestSeq, e.BatchIndex = call.RequestSeq, call.BatchIndex
	if e.OccurredAt.IsZero() {
		e.OccurredAt = call.OccurredAt
	}
	for _, f := range [...]struct {
		own    *string
		common string
	}{
		{&e.UserID, call.UserID}, {&e.AnonymousID, call.AnonymousID}, {&e.GroupID, call.GroupID}, {&e.SessionID, call.SessionID},
		{&e.ConversationID, call.ConversationID}, {&e.TurnID, call.TurnID}, {&e.TraceID, call.TraceID},
		{&e.AgentID, call.AgentID}, {&e.AgentName, call.AgentName}, {&e.AgentVersion, call.AgentVersion},
		{&e.Mode, call.Mode}, {&e.Channel, call.Channel}, {&e.Locale, call.Locale},
	} {
		if *f.own == "" {
			*f.own = f.common
		}
	}
}

// extraKey is the property under which members beside the properties are kept.
const extraKey = "extra"

// freeProperties writes the properties that were not mapped as one compact object, and the unknown
// members of the call below "extra"; nil if there are none.
func (c *Call) freeProperties() []byte {
	size, extra := 0, 0
	for i := range c.props.members {
		if m := &c.props.members[i]; !m.taken {
			size += len(m.key) + len(m.value.text) + 4
		}
	}
	for i := range c.top.members {
		if m := &c.top.members[i]; !m.taken {
			extra += len(m.key) + len(m.value.text) + 4
		}
	}
	if size+extra == 0 {
		return nil
	}
	out := append(make([]byte, 0, size+extra+len(extraKey)+8), '{')
	out = appendFree(out, c.props.members)
	if extra > 0 {
		if len(out) > 1 {
			out = append(out, ',')
		}
		key := extraKey
		for m := c.props.find(key); m != nil && !m.taken; m = c.props.find(key) {
			key = "_" + key
		}
		out = append(appendKey(out, key), '{')
		out = append(appendFree(out, c.top.members), '}')
	}
	return append(out, '}')
}

// appendFree appends the members that were not taken, with commas between them.
func appendFree(out []byte, members []member) []byte {
	first := true
	for i := range members {
		m := &members[i]
		if m.taken {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = appendKey(out, m.key)
		if m.value.spaced {
			out = jsonscan.AppendCompact(out, m.value.text)
		} else {
			out = append(out, m.value.text...)
		}
	}
	return out
}

// appendKey appends a key as a JSON string and the colon after it.
func appendKey(dst []byte, key string) []byte {
	return append(jsonscan.AppendQuoted(dst, key), ':')
}

// callTypes are the words that can stand for a call type.
func isCallType(s string) bool {
	switch s {
	case "track", "identify", "page", "screen", "group", "alias":
		return true
	}
	return false
}

// typeWord reads a member that may name a call type.
func typeWord(v Value) string {
	s, _ := v.Text()
	if s = strings.ToLower(strings.TrimSpace(s)); isCallType(s) {
		return s
	}
	return ""
}
