package profile

import (
	"context"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// MaxConversations bounds a page of conversations.
const MaxConversations = 100

// Conversations says which conversations of a profile are asked for.
type Conversations struct {
	Range     query.Range // of when they began
	Ascending bool        // else the latest come first
	Limit     int         // 1 to MaxConversations
	After     string      // Next of the page before
}

// Conversations returns one page, and where the next begins; "" at the end. Those of an account are those that began
// under its id.
func (p *Profile) Conversations(ctx context.Context, c Conversations) (page []eventstore.ConversationRow, next string, err error) {
	mine, ok := p.scope()
	if !ok {
		return nil, "", nil
	}
	mine.Range = c.Range
	all, err := p.profiles.config.Insight.ListConversations(ctx, mine, insight.Page{Desc: !c.Ascending, Limit: min(c.Limit, MaxConversations), After: c.After})
	if err != nil {
		return nil, "", err
	}
	return all.Conversations, all.Next, nil
}

// scope selects the conversations; false if there can be none.
func (p *Profile) scope() (insight.Scope, bool) {
	is := p.is()
	return insight.Scope{Filter: []query.Condition{is}}, len(is.Values) > 0
}

// rows selects the events; nil if there can be none.
func (p *Profile) rows() *query.Filter {
	is := p.is()
	if len(is.Values) == 0 {
		return nil
	}
	return query.Is(is.Field, is.Cmp, is.Values...)
}
