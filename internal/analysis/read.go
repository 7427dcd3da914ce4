package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

const (
	// maxEvents bounds the events that are in memory: of more, conversations are read in several portions.
	maxEvents = 20_000
	// maxOfOne bounds what is read of one conversation: what comes after is not judged.
	maxOfOne = 20_000
	// maxNeighbours bounds the conversations of the same people that are looked at for a portion.
	maxNeighbours = 50_000
)

// conversation is one that was read.
type conversation struct {
	row    eventstore.ConversationRow
	events []*event.Event
	others []signal.Visit
	// converted are the events that count as conversions by the workspace's definitions.
	converted map[string]bool
}

// read reads conversations with their events and hands them over in portions, with the ids of those that there
// are none of.
func (a *Analysis) read(ctx context.Context, ids []string, take func(some []*conversation, gone []string) error) error {
	for some := range slices.Chunk(ids, maxMarks) {
		rows, err := a.rows(ctx, some)
		if err != nil {
			return err
		}
		here := make(map[string]bool, len(rows))
		for _, r := range rows {
			here[r.ID] = true
		}
		gone := slices.DeleteFunc(slices.Clone(some), func(id string) bool { return here[id] })
		for len(rows) > 0 || len(gone) > 0 {
			n, events := 0, int64(0)
			for n < len(rows) && (n == 0 || events+rows[n].Events <= maxEvents) {
				events += rows[n].Events
				n++
			}
			portion, err := a.portion(ctx, rows[:n])
			if err != nil {
				return err
			}
			if err := take(portion, gone); err != nil {
				return err
			}
			rows, gone = rows[n:], nil
		}
	}
	return nil
}

// rows returns the roll-ups of conversations, in order of time.
func (a *Analysis) rows(ctx context.Context, ids []string) ([]eventstore.ConversationRow, error) {
	page, err := a.config.Store.Conversations(ctx, query.List{Grain: query.Conversations, Filter: query.Is("conversation_id", query.Eq, ids...), Limit: len(ids)})
	if err != nil {
		return nil, fmt.Errorf("read conversations to analyse: %w", err)
	}
	return page.Conversations, nil
}

// portion reads what belongs to some conversations.
func (a *Analysis) portion(ctx context.Context, rows []eventstore.ConversationRow) ([]*conversation, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	all := make([]*conversation, len(rows))
	byID := make(map[string]*conversation, len(rows))
	ids := make([]string, len(rows))
	from, until := rows[0].FirstEventAt, rows[0].LastEventAt
	for i, r := range rows {
		all[i] = &conversation{row: r}
		byID[r.ID], ids[i] = all[i], r.ID
		if r.FirstEventAt.Before(from) {
			from = r.FirstEventAt
		}
		if r.LastEventAt.After(until) {
			until = r.LastEventAt
		}
	}
	during := query.Range{From: from, Until: until.Add(time.Microsecond)}
	ofThese := query.Is("conversation_id", query.Eq, ids...)
	for e, err := range a.config.Store.Events(ctx, query.List{Grain: query.Events, Range: during, Filter: ofThese, Limit: maxEvents + maxOfOne}) {
		if err != nil {
			return nil, fmt.Errorf("read events to analyse: %w", err)
		}
		if c := byID[e.ConversationID]; c != nil && e.Tracked() {
			c.events = append(c.events, e)
		}
	}
	if err := a.addConverted(ctx, byID, query.List{Grain: query.Events, Range: during, Filter: ofThese}); err != nil {
		return nil, err
	}
	return all, a.addVisits(ctx, all, from, until)
}

// addConverted notes which events count as conversions by the definitions of the workspace.
func (a *Analysis) addConverted(ctx context.Context, of map[string]*conversation, l query.List) error {
	matches, err := a.config.Conversions(ctx)
	if err != nil {
		return fmt.Errorf("read definitions of conversions: %w", err)
	}
	if len(matches) == 0 {
		return nil
	}
	l.Filter = query.AllOf(l.Filter, &query.Filter{Or: matches})
	for e, err := range a.config.Store.Events(ctx, l) {
		if err != nil {
			return fmt.Errorf("read conversions to analyse: %w", err)
		}
		if c := of[e.ConversationID]; c != nil {
			if c.converted == nil {
				c.converted = map[string]bool{}
			}
			c.converted[e.ID] = true
		}
	}
	return nil
}

// addVisits tells conversations of the others of the same person, within a day before and after.
func (a *Analysis) addVisits(ctx context.Context, all []*conversation, from, until time.Time) error {
	ofPerson := map[string][]*conversation{}
	var people []string
	for _, c := range all {
		if p := c.row.Person; p != "" {
			if ofPerson[p] == nil {
				people = append(people, p)
			}
			ofPerson[p] = append(ofPerson[p], c)
		}
	}
	if len(people) == 0 {
		return nil
	}
	l := query.List{Grain: query.Conversations, Filter: query.Is("person", query.Eq, people...), Limit: query.MaxPage,
		Range: query.Range{From: from.Add(-signal.Return), Until: until.Add(signal.Return + time.Microsecond)}}
	for read := 0; read < maxNeighbours; {
		page, err := a.config.Store.Conversations(ctx, l)
		if err != nil {
			return fmt.Errorf("read conversations of the same people: %w", err)
		}
		for i := range page.Conversations {
			v := &page.Conversations[i]
			for _, c := range ofPerson[v.Person] {
				if c.row.ID != v.ID && near(&c.row, v) {
					c.others = append(c.others, signal.Visit{ConversationID: v.ID, From: v.FirstEventAt, Until: v.LastEventAt})
				}
			}
		}
		if read += len(page.Conversations); page.Next == "" {
			break
		}
		l.After = page.Next
	}
	return nil
}

// near reports whether a visit begins or ends within a day of a conversation.
func near(c, v *eventstore.ConversationRow) bool {
	return !v.FirstEventAt.After(c.LastEventAt.Add(signal.Return)) && !v.LastEventAt.Before(c.FirstEventAt.Add(-signal.Return))
}
