package memstore

import (
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// person is a row of users or people: what somebody did in a bucket.
type person struct {
	grain query.Grain
	id    string
	start time.Time // of the bucket

	events, messages, userMessages, feedback int
	conversations, sessions                  map[string]bool
	activeFrom, activeUntil, firstSeen       time.Time
	isNew                                    bool
}

// people makes the rows of users or people of the events that pass range and filter.
func (v *view) people(q query.Query, bucket func(time.Time) time.Time) []row {
	type key struct {
		id    string
		start time.Time
	}
	rows := map[key]*person{}
	var out []row
	for _, e := range v.events {
		id := v.identity(q.Grain, e)
		if id == "" || !e.Tracked() || !q.Range.Contains(e.OccurredAt) || !v.passes(q.Filter, row{event: e}) {
			continue
		}
		k := key{id, bucket(e.OccurredAt)}
		p := rows[k]
		if p == nil {
			p = &person{
				grain: q.Grain, id: id, start: k.start, activeFrom: e.OccurredAt, firstSeen: v.firstSeen[q.Grain][id],
				conversations: map[string]bool{}, sessions: map[string]bool{},
			}
			if q.Period == query.All {
				p.isNew = q.Range.Contains(p.firstSeen)
			} else {
				p.isNew = bucket(p.firstSeen).Equal(p.start)
			}
			rows[k] = p
			out = append(out, row{person: p})
		}
		p.add(e)
	}
	return out
}

// add counts an event; events come in order.
func (p *person) add(e *event.Event) {
	p.events++
	p.activeUntil = e.OccurredAt
	if e.Kind == event.KindMessage {
		p.messages++
		if e.Role == event.RoleUser {
			p.userMessages++
		}
	}
	if e.Kind == event.KindFeedback {
		p.feedback++
	}
	if e.ConversationID != "" {
		p.conversations[e.ConversationID] = true
	}
	if e.SessionID != "" {
		p.sessions[e.SessionID] = true
	}
}

func (p *person) field(name string) []value {
	count := func(n int) []value { return number(float64(n)) }
	switch name {
	case "person":
		return text(p.id)
	case "events":
		return count(p.events)
	case "messages":
		return count(p.messages)
	case "user_messages":
		return count(p.userMessages)
	case "conversations":
		return count(len(p.conversations))
	case "sessions":
		return count(len(p.sessions))
	case "feedback":
		return count(p.feedback)
	case "active_from":
		return instant(p.activeFrom)
	case "active_until":
		return instant(p.activeUntil)
	case "first_seen_at":
		return instant(p.firstSeen)
	case "new":
		return boolean(p.isNew)
	}
	panic(fmt.Sprintf("BUG: %s have no field %s", p.grain, name))
}
