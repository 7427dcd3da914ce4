// Package unity is the vocabulary of Unity's AI assistant: the analytics events of its editor package, in
// the spellings of its document and of its code, as the door for them takes them or as track calls. One
// table is both the mapping and its documentation; see [Vocabulary.Events]. Only package app imports it.
package unity

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps Unity's events. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "unity" }

// Claims implements [vocab.Vocabulary]: track calls with the name of one of Unity's events in any
// spelling. The names of its classes and headings are those of others as well ("Plugin Event"), so
// that elsewhere than at Unity's own door such a call must hold a SubType, a prompt or a sentiment too.
func (Vocabulary) Claims(c *vocab.Call) bool {
	if c.Type != "track" {
		return false
	}
	var buf [longest]byte
	name := appendFolded(buf[:0], c.Name)
	if table.groups[string(name)] == "" {
		return false
	}
	return c.Protocol == "unity" || strings.HasPrefix(string(name), prefix) || has(c, "SubType") || has(c, "userPrompt") || has(c, "sentiment")
}

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	name := table.groups[fold(c.Name)]
	dropBlank(c)
	entries := table.events[key{group: name}]
	if entries == nil {
		entries = bySubtype(c, name)
	}
	if entries == nil {
		c.Row.Kind, c.Row.Action, c.Row.ProductEvent = event.KindProduct, "tracked", c.Name
		c.TakeMessageID()
		c.TakeAgent()
		return
	}
	first := &entries[0]
	c.Row.Kind, c.Row.Action = first.kind, first.action
	if first.kind == event.KindMessage {
		c.TakeOwnMessageID()
	} else {
		c.TakeMessageID()
	}
	for _, need := range first.need {
		if !present(c, need) {
			c.Violation("missing_" + snake(need[0]))
		}
	}
	first.fillIn(c)
	i := choose(c, entries)
	if i > 0 {
		entries[i].fillIn(c)
	}
	entries[i].finish(c)
	c.TakeAgent()
}

// bySubtype takes the SubType and returns its entries, nil if it is missing or unknown.
func bySubtype(c *vocab.Call, name string) []mapping {
	sub := c.TakeText(spellings("SubType")...)
	c.Row.SourceSubtype = sub
	if sub == "" {
		c.Violation("missing_subtype")
		return nil
	}
	entries := table.events[key{name, fold(sub)}]
	if entries == nil {
		c.Violation("unknown_subtype")
		return nil
	}
	c.Row.SourceSubtype = entries[0].sub
	return entries
}

// choose returns the index of the entry that the values of an event decide for.
func choose(c *vocab.Call, entries []mapping) int {
	for i := range entries {
		if when := entries[i].when; when == nil || when(c) {
			return i
		}
	}
	return 0
}

// fillIn fills the fields of an entry.
func (m *mapping) fillIn(c *vocab.Call) {
	for _, f := range m.fill {
		f.fill(c)
	}
}

// finish sets kind, action and signal, and does what else the entry does.
func (m *mapping) finish(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action = m.kind, m.action
	if s := m.signal; s.dimension != "" {
		weight, ok := s.weight, true
		if s.weigh != nil {
			weight, ok = s.weigh(c)
		}
		if ok {
			e.SignalDimension, e.SignalWeight = s.dimension, &weight
		}
	}
	if m.then != nil {
		m.then(c)
	}
}

// dropBlank takes the properties that hold an empty string: Unity's serializer writes one for every field
// that is not set, of all fields of the event's class.
func dropBlank(c *vocab.Call) {
	c.Properties(func(key string, v vocab.Value) {
		if s, ok := v.Text(); ok && strings.TrimSpace(s) == "" {
			c.Take(key)
		}
	})
}

// has reports whether a property is there, in one of its spellings.
func has(c *vocab.Call, name string) bool {
	for _, key := range spellings(name) {
		if !c.Property(key).Absent() {
			return true
		}
	}
	return false
}

// present reports whether one of some properties is there. Ids have been taken by then.
func present(c *vocab.Call, names []string) bool {
	for _, name := range names {
		switch snake(name) {
		case "conversation_id":
			return c.Row.ConversationID != ""
		case "message_id":
			return c.Row.MessageID != ""
		}
		if has(c, name) {
			return true
		}
	}
	return false
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	codes := []vocab.Code{
		{Name: "missing_subtype", Violation: true, Meaning: "`SubType` is absent; stored as any other track call", When: "Unity's events that have one"},
		{Name: "unknown_subtype", Violation: true, Meaning: "`SubType` is not one of the event's; stored as any other track call", When: "Unity's events that have one"},
		{Name: "boolean_not_text", Violation: true, Meaning: "a boolean was sent as JSON's own; Unity writes them as text", When: "`IsFavorite`, `IsSuccessful`"},
		{Name: "invalid_boolean", Violation: true, Meaning: "the text is neither true nor false; left in properties", When: "`IsFavorite`, `IsSuccessful`"},
		{Name: "unknown_user_answer", Violation: true, Meaning: "`UserAnswer` is none of AllowOnce, AllowAlways, DenyOnce, DenyAlways; kept as sent", When: "permission_response"},
		{Name: "invalid_messages", Violation: true, Meaning: "`Messages` is not the JSON that the event should hold", When: "AIAssistantGatewayEvent"},
		{Name: "unknown_outcome", Violation: true, Meaning: "the outcome is none of completed, cancelled, error, session_ended", When: "TurnEnded"},
	}
	seen := map[string]bool{}
	for _, e := range table.entries {
		for _, need := range list(e.need) {
			name, _, _ := strings.Cut(need, ", ")
			code := "missing_" + snake(name)
			if code == "missing_conversation_id" || code == "missing_message_id" || seen[code] {
				continue // shared, or known
			}
			seen[code] = true
			codes = append(codes, vocab.Code{Name: code, Violation: true, Meaning: "`" + name + "` is absent", When: "Unity's events that need it"})
		}
	}
	return codes
}
