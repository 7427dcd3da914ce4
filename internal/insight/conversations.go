package insight

import (
	"context"
	"fmt"
	"iter"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Page says which rows of a list to answer.
type Page struct {
	Sort  string // a number or time of the row; "" is its time
	Desc  bool
	Limit int    // 0 is query.DefaultPage
	After string // Next of the page before
}

// ConversationPage is one page of conversations. Next is "" at the end; Total counts all pages.
type ConversationPage struct {
	Conversations []eventstore.ConversationRow
	Next          string
	Total         int64
}

// ListConversations answers one page.
func (in *Insight) ListConversations(ctx context.Context, s Scope, p Page) (*ConversationPage, error) {
	l, err := s.conversationList(ctx, in, p)
	if err != nil {
		return nil, err
	}
	l.Count = true
	page, err := in.Store.Conversations(ctx, l)
	if err != nil {
		return nil, err
	}
	rows := page.Conversations
	if rows == nil {
		rows = []eventstore.ConversationRow{}
	}
	if err := in.nameTopics(ctx, rows); err != nil {
		return nil, err
	}
	return &ConversationPage{Conversations: rows, Next: page.Next, Total: page.Total}, nil
}

func (s *Scope) conversationList(ctx context.Context, in *Insight, p Page) (query.List, error) {
	l, err := s.list(ctx, in, query.Conversations)
	if err != nil {
		return l, err
	}
	l.Sort, l.Desc, l.Limit, l.After = p.Sort, p.Desc, p.Limit, p.After
	if l.Sort == "at" {
		l.Sort = ""
	}
	if err := l.Validate(); err != nil {
		return l, &ParameterError{Parameter: "sort", Err: err}
	}
	if _, err := query.ParseCursor(l.After, query.SortedCursorKeys); l.After != "" && err != nil {
		return l, &ParameterError{Parameter: "after", Err: err}
	}
	return l, nil
}

// AllConversations streams every conversation of the scope in the order of their time.
func (in *Insight) AllConversations(ctx context.Context, s Scope) iter.Seq2[*eventstore.ConversationRow, error] {
	return func(yield func(*eventstore.ConversationRow, error) bool) {
		l, err := s.conversationList(ctx, in, Page{Limit: query.MaxPage})
		for err == nil {
			var page *eventstore.ConversationPage
			if page, err = in.Store.Conversations(ctx, l); err != nil {
				break
			}
			if err = in.nameTopics(ctx, page.Conversations); err != nil {
				break
			}
			for i := range page.Conversations {
				if !yield(&page.Conversations[i], nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			l.After = page.Next
			// What follows is not earlier: saying so lets an engine leave out what it has answered.
			l.Range.From = page.Conversations[len(page.Conversations)-1].At
		}
		yield(nil, err)
	}
}

// Facet is how many conversations there are under each value of a field.
type Facet struct {
	Field  string       `json:"field"`
	Values []FacetValue `json:"values"` // the most frequent first
	More   int          `json:"more"`   // values left out
}

// FacetValue is one value and its conversations. A nil value stands for those without the field.
type FacetValue struct {
	Value *string `json:"value"`
	Label string  `json:"label,omitempty"` // for people, where the value is an id that has a name
	Count int64   `json:"count"`
}

// MaxFacets bounds the fields asked for at once.
const MaxFacets = 20

// Facets counts the conversations of the scope under each value of the fields: exactly those that
// [Insight.ListConversations] answers when the value is added to the filter.
func (in *Insight) Facets(ctx context.Context, s Scope, fields []string, limit int) ([]Facet, error) {
	if len(fields) == 0 || len(fields) > MaxFacets {
		return nil, fault("fields", "%d fields; name from 1 to %d", len(fields), MaxFacets)
	}
	for _, field := range fields {
		if _, err := query.Resolve(query.Conversations, field); err != nil {
			return nil, &ParameterError{Parameter: "fields", Err: err}
		}
	}
	q, err := s.query(ctx, in, query.Conversations, fields...)
	if err != nil {
		return nil, err
	}
	q.Measures = []query.Measure{{As: "n", Op: query.Count}}
	q.Limit = limit
	results, err := in.Store.Breakdowns(ctx, q, fields)
	if err != nil {
		return nil, err
	}
	out := make([]Facet, 0, len(fields))
	for i, field := range fields {
		res := results[i]
		f := Facet{Field: field, Values: make([]FacetValue, len(res.Rows)), More: res.Groups - len(res.Rows)}
		for i, r := range res.Rows {
			f.Values[i] = FacetValue{Value: keysOf(r.Keys)[0], Count: int64(r.Values[0].Num)}
		}
		if err := in.labelFacet(ctx, &f); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Transcript is one conversation with its events.
type Transcript struct {
	Conversation eventstore.ConversationRow `json:"conversation"`
	Events       []*event.Event             `json:"events"`    // in conversation order, without raw
	Truncated    bool                       `json:"truncated"` // there are more
}

// Transcript answers one conversation and its first events, at most limit of them.
func (in *Insight) Transcript(ctx context.Context, id string, s Scope, limit int) (*Transcript, error) {
	conv, err := in.conversion(ctx, s.Conversion, s.Explicit)
	if err != nil {
		return nil, err
	}
	ofID := query.Is("conversation_id", query.Eq, id)
	page, err := in.Store.Conversations(ctx, query.List{Grain: query.Conversations, Filter: ofID, Conversion: conv, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Conversations) == 0 {
		return nil, fmt.Errorf("conversation %q: %w", id, ErrNotFound)
	}
	if err := in.nameTopics(ctx, page.Conversations); err != nil {
		return nil, err
	}
	t := &Transcript{Conversation: page.Conversations[0]}
	if t.Events, err = in.events(ctx, query.List{Grain: query.Events, Filter: ofID, Limit: limit + 1}); err != nil {
		return nil, err
	}
	if len(t.Events) > limit {
		t.Events, t.Truncated = t.Events[:limit], true
	}
	return t, nil
}
