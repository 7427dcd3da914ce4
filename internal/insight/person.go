package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Person is all that is known of one person.
type Person struct {
	ID                 string                       `json:"id"`
	UserIDs            []string                     `json:"user_ids"` // these are the person's, whatever else their rows carry
	AnonymousIDs       []string                     `json:"anonymous_ids"`
	Traits             map[string]json.RawMessage   `json:"traits"`
	FirstSeenAt        time.Time                    `json:"first_seen_at"`
	LastSeenAt         time.Time                    `json:"last_seen_at"`
	Conversations      []eventstore.ConversationRow `json:"conversations"` // the latest
	ConversationsTotal int64                        `json:"conversations_total"`
	Events             []*event.Event               `json:"events"` // the latest, newest first
}

// MaxIDs bounds the user ids and the anonymous ids that Person answers, each.
const MaxIDs = 1000

// maxIdentifies bounds the identify calls that traits are merged from: the newest ones.
const maxIdentifies = 1000

// Person answers the person that a user id or an anonymous id belongs to, with their latest
// conversations and events, at most limit of each.
func (in *Insight) Person(ctx context.Context, id string, s Scope, limit int) (*Person, error) {
	p, err := in.resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	// All further questions are bounded by when there was something of the person, so that they read little.
	all := query.List{
		Grain: query.Events, Filter: query.Is("person", query.Eq, p.ID), Desc: true,
		Range: query.Range{From: p.FirstSeenAt, Until: p.LastSeenAt.Add(time.Microsecond)},
	}
	if err = in.ids(ctx, p, all); err != nil {
		return nil, err
	}
	if p.Traits, err = in.traits(ctx, all); err != nil {
		return nil, err
	}
	mine := Scope{Conversion: s.Conversion, Explicit: s.Explicit, Filter: []query.Condition{{Field: "person", Cmp: query.Eq, Values: []string{p.ID}}}}
	page, err := in.ListConversations(ctx, mine, Page{Desc: true, Limit: limit})
	if err != nil {
		return nil, err
	}
	p.Conversations, p.ConversationsTotal = page.Conversations, page.Total
	all.Limit = limit
	p.Events, err = in.events(ctx, all)
	return p, err
}

// resolve finds the person of an id, and when there were events of the person: the id may be the person itself, an
// anonymous id that has become somebody, or a user id.
func (in *Insight) resolve(ctx context.Context, id string) (*Person, error) {
	for _, field := range []string{"person", "anonymous_id", "user_id"} {
		res, err := in.Store.Query(ctx, query.Query{
			Grain: query.Events, Filter: query.Is(field, query.Eq, id), Breakdown: []string{"person"},
			Measures: []query.Measure{
				{As: "n", Op: query.Count},
				{As: "first", Op: query.Min, Field: "occurred_at"},
				{As: "last", Op: query.Max, Field: "occurred_at"},
			},
			Limit: 1,
		})
		if err != nil {
			return nil, err
		}
		if len(res.Rows) == 0 || res.Rows[0].Keys[0].Absent {
			continue
		}
		row := res.Rows[0]
		if found := row.Keys[0].Value; field != "person" {
			return in.resolve(ctx, found) // the events of the other ids count too
		}
		return &Person{
			ID: id, FirstSeenAt: time.UnixMicro(int64(row.Values[1].Num)).UTC(), LastSeenAt: time.UnixMicro(int64(row.Values[2].Num)).UTC(),
		}, nil
	}
	return nil, fmt.Errorf("person %q: %w", id, ErrNotFound)
}

// ids fills in the ids that are the person's: those that resolve to the person by themselves. Rows of theirs may carry
// others: a device that is shared, an id that names nobody.
func (in *Insight) ids(ctx context.Context, p *Person, of query.List) error {
	known, err := in.Store.Identities(ctx, []string{p.ID})
	if err != nil {
		return err
	}
	// Identities has none of ids that are in rows that are not tracked alone; such a row is the id's person's.
	if p.UserIDs, err = in.aloneIDs(ctx, of, "user_id", "anonymous_id"); err != nil {
		return err
	}
	if p.AnonymousIDs, err = in.aloneIDs(ctx, of, "anonymous_id", "user_id"); err != nil {
		return err
	}
	for _, i := range known {
		if i.Type == event.IdentityUser {
			p.UserIDs = append(p.UserIDs, i.ID)
		} else {
			p.AnonymousIDs = append(p.AnonymousIDs, i.ID)
		}
	}
	for _, list := range []*[]string{&p.UserIDs, &p.AnonymousIDs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
		*list = (*list)[:min(len(*list), MaxIDs)]
	}
	return nil
}

// aloneIDs returns the values of an id field among events without the other one, at most MaxIDs.
func (in *Insight) aloneIDs(ctx context.Context, of query.List, field, other string) ([]string, error) {
	alone := query.AllOf(of.Filter, query.Is(field, query.Exists), &query.Filter{Not: query.Is(other, query.Exists)})
	res, err := in.Store.Query(ctx, query.Query{
		Grain: query.Events, Range: of.Range, Filter: alone, Breakdown: []string{field},
		Measures: []query.Measure{{As: "n", Op: query.Count}}, Limit: MaxIDs,
	})
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, r := range res.Rows {
		out = append(out, r.Keys[0].Value)
	}
	return out, nil
}

// traits merges the traits of the identify calls in order; null takes a trait away.
func (in *Insight) traits(ctx context.Context, of query.List) (map[string]json.RawMessage, error) {
	of.Filter = query.AllOf(of.Filter, query.Is("kind", query.Eq, string(event.KindIdentity)), query.Is("action", query.Eq, "identified"))
	of.Limit = maxIdentifies
	calls, err := in.events(ctx, of)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for _, e := range slices.Backward(calls) {
		var traits map[string]json.RawMessage
		if len(e.Properties) == 0 || json.Unmarshal(e.Properties, &traits) != nil {
			continue // not an object: kept on the event, where people see it
		}
		for k, v := range traits {
			if string(v) == "null" {
				delete(out, k)
			} else {
				out[k] = v
			}
		}
	}
	return out, nil
}

// events collects a bounded list.
func (in *Insight) events(ctx context.Context, l query.List) ([]*event.Event, error) {
	out := []*event.Event{}
	for e, err := range in.Store.Events(ctx, l) {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
