package insight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// PersonRow is one person and what they did in the range asked for.
type PersonRow struct {
	ID            string    `json:"id"`
	Events        int64     `json:"events"` // tracked
	Conversations int64     `json:"conversations"`
	Messages      int64     `json:"messages"`
	UserMessages  int64     `json:"user_messages"`
	Sessions      int64     `json:"sessions"`
	Feedback      int64     `json:"feedback"`
	FirstSeenAt   time.Time `json:"first_seen_at"` // first tracked event of all
	LastSeenAt    time.Time `json:"last_seen_at"`  // in the range
}

// PeoplePage is one page of people. Next is "" at the end; Total counts all pages.
type PeoplePage struct {
	People []PersonRow
	Next   string
	Total  int
}

// PeopleOrders are what people may be sorted by, highest first; the first is the default.
func PeopleOrders() []string {
	return []string{"last_seen_at", "first_seen_at", "events", "conversations", "messages", "sessions", "feedback"}
}

// personFacts are the measures of a person, by the names of PersonRow. A group of one person has one
// row, so its maximum is the fact itself.
func personFacts() []query.Measure {
	facts := []query.Measure{
		{As: "last_seen_at", Op: query.Max, Field: "active_until"},
		{As: "first_seen_at", Op: query.Max, Field: "first_seen_at"},
	}
	for _, name := range []string{"events", "conversations", "messages", "user_messages", "sessions", "feedback"} {
		facts = append(facts, query.Measure{As: name, Op: query.Max, Field: name})
	}
	return facts
}

// ListPeople answers one page of the people who have a tracked event in the scope. Page.Desc is not
// used. The algebra cuts groups only from the top, so a page costs as much as all pages before it.
func (in *Insight) ListPeople(ctx context.Context, s Scope, p Page) (*PeoplePage, error) {
	if p.Limit == 0 {
		p.Limit = query.DefaultPage
	}
	if p.Sort == "" {
		p.Sort = PeopleOrders()[0]
	}
	if !slices.Contains(PeopleOrders(), p.Sort) {
		return nil, fault("sort", "cannot sort people by %q; use one of %v", p.Sort, PeopleOrders())
	}
	skip, err := peopleOffset(p.After)
	if err != nil {
		return nil, err
	}
	q, err := s.query(ctx, in, query.People, "person")
	if err != nil {
		return nil, err
	}
	facts := personFacts()
	first := slices.IndexFunc(facts, func(m query.Measure) bool { return m.As == p.Sort })
	facts[0], facts[first] = facts[first], facts[0]
	q.Measures, q.Limit = facts, min(skip+p.Limit, query.MaxLimit)
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	page := &PeoplePage{People: []PersonRow{}, Total: res.Groups}
	for _, row := range res.Rows[min(skip, len(res.Rows)):] {
		page.People = append(page.People, personRow(facts, row))
	}
	if end := skip + len(page.People); end < res.Groups && end < query.MaxLimit {
		page.Next = query.Cursor{strconv.Itoa(end)}.String()
	}
	return page, nil
}

func peopleOffset(after string) (int, error) {
	if after == "" {
		return 0, nil
	}
	c, err := query.ParseCursor(after, 1)
	if err != nil {
		return 0, &ParameterError{Parameter: "after", Err: err}
	}
	n, err := strconv.Atoi(c[0])
	if err != nil || n < 0 || n > query.MaxLimit {
		return 0, fault("after", "cursor is not one of ours")
	}
	return n, nil
}

func personRow(facts []query.Measure, row query.Row) PersonRow {
	p := PersonRow{ID: row.Keys[0].Value}
	for i, m := range facts {
		n := int64(row.Values[i].Num)
		switch m.As {
		case "last_seen_at":
			p.LastSeenAt = time.UnixMicro(n).UTC()
		case "first_seen_at":
			p.FirstSeenAt = time.UnixMicro(n).UTC()
		case "events":
			p.Events = n
		case "conversations":
			p.Conversations = n
		case "messages":
			p.Messages = n
		case "user_messages":
			p.UserMessages = n
		case "sessions":
			p.Sessions = n
		case "feedback":
			p.Feedback = n
		default:
			panic(fmt.Sprintf("BUG: person has no fact %s", m.As))
		}
	}
	return p
}
