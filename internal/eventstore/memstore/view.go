package memstore

import (
	"context"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// view is all that a question can look at, made anew for each: the rows, and what follows from all of
// them whatever the question's range and filter.
type view struct {
	zone *time.Location
	contents
	// conversations by id.
	conversations map[string]*conversation
	// users that each anonymous id was seen with.
	users map[string]map[string]bool
	// responses is response_ms of the rows that have it.
	responses map[*event.Event]float64
	// firstSeen is the time of the first tracked event, by user id and by person.
	firstSeen map[query.Grain]map[string]time.Time
	// reached is who reaches the steps that the question's filters name.
	reached map[*query.Reached]map[string]bool
}

type conversation struct {
	event.Conversation
	tracked []*event.Event // in conversation order
	beside

	// Of the question's conversion.
	converted   bool
	convertedAt time.Time
	inferred    bool // converted by an event that does not say the conversation
}

// newView derives what can be asked of what the store holds.
func newView(held contents, zone *time.Location) *view {
	v := &view{
		zone:          zone,
		contents:      held,
		conversations: map[string]*conversation{},
		users:         map[string]map[string]bool{},
		responses:     map[*event.Event]float64{},
		firstSeen:     map[query.Grain]map[string]time.Time{query.Users: {}, query.People: {}},
	}
	for _, e := range v.events {
		v.link(e)
	}
	for _, e := range v.events {
		if !e.Tracked() {
			continue
		}
		for grain, firstSeen := range v.firstSeen {
			id := v.identity(grain, e)
			if _, seen := firstSeen[id]; !seen {
				firstSeen[id] = e.OccurredAt
			}
		}
		if e.ConversationID != "" {
			c := v.conversations[e.ConversationID]
			if c == nil {
				c = &conversation{beside: v.known[e.ConversationID]}
				v.conversations[e.ConversationID] = c
			}
			c.tracked = append(c.tracked, e)
		}
	}
	for _, c := range v.conversations {
		c.Conversation = event.Roll(c.tracked)
		v.respond(c)
	}
	return v
}

// respond finds the response times of a conversation: of each answer directly after a user's message.
func (v *view) respond(c *conversation) {
	var before *event.Event
	for _, e := range c.tracked {
		if e.Kind != event.KindMessage {
			continue
		}
		answer := e.Role == event.RoleAgent || e.Role == event.RoleHumanAgent
		if answer && before != nil && before.Role == event.RoleUser {
			v.responses[e] = float64(e.OccurredAt.Sub(before.OccurredAt).Microseconds()) / 1e3
		}
		before = e
	}
}

// open makes the view of a question.
func (s *Store) open(ctx context.Context, zone string, c *query.Conversion) (*view, error) {
	loc, err := query.LoadZone(zone)
	if err != nil {
		return nil, err
	}
	held, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	v := newView(held, loc)
	v.convert(c)
	return v, nil
}

// cut makes the bounds of a range as precise as the store.
func cut(r query.Range) query.Range {
	return query.Range{From: r.From.Truncate(time.Microsecond), Until: r.Until.Truncate(time.Microsecond)}
}
