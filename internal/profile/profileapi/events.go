package profileapi

import (
	"encoding/json"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/query"
)

// eventID is an identifier that an event carries.
type eventID struct {
	Collection profile.Collection `json:"collection"`
	Type       identity.Type      `json:"type"`
	ID         string             `json:"id"`
	Encoding   string             `json:"encoding"`
}

// sent is an event in Segment's words.
type sent struct {
	ExternalIDs []eventID       `json:"external_ids"`
	Context     json.RawMessage `json:"context"`
	Type        string          `json:"type"`
	MessageID   string          `json:"message_id"`
	SourceID    string          `json:"source_id"`
	Timestamp   time.Time       `json:"timestamp"`
	Properties  json.RawMessage `json:"properties,omitempty"`
	Traits      json.RawMessage `json:"traits,omitempty"`
	Event       string          `json:"event,omitempty"` // of a track call
	Name        string          `json:"name,omitempty"`  // of a page or screen call
	Related     struct{}        `json:"related"`
}

// sentOf says what a row's call said.
func sentOf(e *event.Event) sent {
	var raw struct {
		Context    json.RawMessage `json:"context"`
		Properties json.RawMessage `json:"properties"`
		Traits     json.RawMessage `json:"traits"`
		Name       string          `json:"name"`
	}
	_ = json.Unmarshal(e.Raw, &raw) // of what is shaped otherwise the row tells
	s := sent{ExternalIDs: idsOf(e), Context: raw.Context, Type: typeOf(e), MessageID: e.ID, SourceID: e.Source, Timestamp: e.OccurredAt, Properties: raw.Properties, Traits: raw.Traits}
	if s.Context == nil {
		s.Context = json.RawMessage(`{}`)
	}
	switch s.Type {
	case "page", "screen":
		s.Name = raw.Name
	case "track":
		s.Event = e.SourceEvent
		if s.Properties == nil {
			s.Properties = e.Properties
		}
	}
	return s
}

func idsOf(e *event.Event) []eventID {
	out := []eventID{}
	add := func(c profile.Collection, t identity.Type, id string) {
		if id != "" {
			out = append(out, eventID{c, t, id, "none"})
		}
	}
	add(profile.Users, identity.User, e.UserID)
	add(profile.Users, identity.Anonymous, e.AnonymousID)
	add(profile.Accounts, profile.GroupID, e.GroupID)
	return out
}

// typeOf is the type of call that a row comes from, or would.
func typeOf(e *event.Event) string {
	switch {
	case e.Kind == event.KindIdentity && e.Action == "identified":
		return "identify"
	case e.Kind == event.KindIdentity && e.Action == "grouped":
		return "group"
	case e.Kind == event.KindIdentity && e.Action == "aliased":
		return "alias"
	case e.Kind == event.KindProduct && e.Action == "viewed" && e.SourceEvent == "screen":
		return "screen"
	case e.Kind == event.KindProduct && e.Action == "viewed":
		return "page"
	}
	return "track"
}

func (c *call) getEvents() error {
	limit, err := c.limit(20, profile.MaxEvents)
	if err != nil {
		return err
	}
	e := profile.Events{Include: c.names("include"), Exclude: c.names("exclude"), Limit: limit}
	if e.Range, err = c.span(); err != nil {
		return err
	}
	if e.Ascending, err = c.ascending(); err != nil {
		return err
	}
	if seen, err := c.next(query.EventCursorKeys); err != nil {
		return err
	} else if seen != nil {
		e.After = seen.String()
	}
	rows, next, err := c.profile.Events(c.r.Context(), e)
	if err != nil {
		return err
	}
	all := make([]sent, len(rows))
	for n, row := range rows {
		all[n] = sentOf(row)
	}
	return c.answer(struct {
		Data   []sent `json:"data"`
		Cursor cursor `json:"cursor"`
	}{all, c.cursor(next, limit)})
}
