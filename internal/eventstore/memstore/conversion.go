package memstore

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// convert marks the conversations that a conversion's events belong to. It comes before all other
// questions to the view: a conversion cannot ask for conversions.
func (v *view) convert(def *query.Conversion) {
	if def == nil {
		return
	}
	for _, e := range v.events {
		if !e.Tracked() || !v.passes(def.Match, row{event: e}) {
			continue
		}
		c := v.conversations[e.ConversationID]
		if e.ConversationID == "" && !def.Explicit {
			c = v.lastActive(e)
		}
		if c == nil {
			continue
		}
		inferred := e.ConversationID == ""
		switch {
		case !c.converted || e.OccurredAt.Before(c.convertedAt):
			c.converted, c.convertedAt, c.inferred = true, e.OccurredAt, inferred
		case e.OccurredAt.Equal(c.convertedAt):
			c.inferred = c.inferred && inferred
		}
	}
}

// lastActive finds the conversation that a conversion without one belongs to, or nil.
func (v *view) lastActive(conversion *event.Event) *conversation {
	person := v.person(conversion.UserID, conversion.AnonymousID)
	if person == "" {
		return nil
	}
	var last *event.Event
	for _, e := range v.events { // in order, so that the last one wins
		before := conversion.OccurredAt.Sub(e.OccurredAt)
		if before >= 0 && before <= query.ConversionWindow && e.Tracked() && e.ConversationID != "" &&
			v.person(e.UserID, e.AnonymousID) == person {
			last = e
		}
	}
	if last == nil {
		return nil
	}
	return v.conversations[last.ConversationID]
}

// messagesToConversion counts the user's messages up to the conversion.
func (c *conversation) messagesToConversion() int64 {
	var n int64
	for _, e := range c.tracked {
		if e.Kind == event.KindMessage && e.Role == event.RoleUser && !e.OccurredAt.After(c.convertedAt) {
			n++
		}
	}
	return n
}
