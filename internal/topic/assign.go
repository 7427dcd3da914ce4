package topic

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/topics"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

const (
	// page is how many conversations are read and written at a time.
	page = 500
	// maxTexts and maxText bound what is read of one conversation: its first messages, of each so many bytes.
	maxTexts = 12
	maxText  = 2000
)

// what is to be rewritten.
type what int

const (
	everything what = iota
	unassigned      // conversations without a topic
	some            // conversations of some topics
)

// rewrite is work in the background: conversations whose topic is to be said anew.
type rewrite struct {
	what   what
	topics []string
	after  string // cursor
}

func (r *rewrite) filter() *query.Filter {
	spoken := query.Is("user_messages", query.Greater, "0")
	switch r.what {
	case unassigned:
		return query.AllOf(spoken, &query.Filter{Not: query.Is("topic", query.Exists)})
	case some:
		return query.AllOf(spoken, query.Is("topic", query.Eq, r.topics...))
	default:
		return spoken
	}
}

func (t *Topics) assignWaiting(ctx context.Context) error {
	for {
		t.mu.Lock()
		if len(t.model.Topics) == 0 {
			clear(t.waiting) // they are found when there are topics
		}
		var ids []string
		for id := range t.waiting {
			ids = append(ids, id)
			if len(ids) == page {
				break
			}
		}
		t.mu.Unlock()
		if len(ids) == 0 {
			return nil
		}
		slices.Sort(ids)
		if err := t.assign(ctx, ids, true); err != nil {
			return err
		}
		t.mu.Lock()
		for _, id := range ids {
			delete(t.waiting, id)
		}
		t.mu.Unlock()
	}
}

// rewriteSome rewrites one page of what is to be rewritten, and reports whether there is more.
func (t *Topics) rewriteSome(ctx context.Context) (bool, error) {
	t.mu.Lock()
	if len(t.rewrites) == 0 || len(t.model.Topics) == 0 {
		t.rewrites = nil
		t.mu.Unlock()
		return false, nil
	}
	r := t.rewrites[0]
	t.mu.Unlock()
	list, err := t.config.Store.Conversations(ctx, query.List{Grain: query.Conversations, Filter: r.filter(), Desc: true, After: r.after, Limit: page})
	if err != nil {
		return false, fmt.Errorf("find conversations to assign: %w", err)
	}
	ids := make([]string, len(list.Conversations))
	for i, c := range list.Conversations {
		ids[i] = c.ID
	}
	if err := t.assign(ctx, ids, false); err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rewrites[0].after = list.Next; list.Next == "" {
		t.rewrites = t.rewrites[1:]
		if r.what == everything {
			t.about.Written = true
			if err := t.store(); err != nil {
				return false, err
			}
		}
	}
	return len(t.rewrites) > 0, nil
}

// assign says the topics of conversations anew. Changed ones whose words are gone lose theirs.
func (t *Topics) assign(ctx context.Context, ids []string, changed bool) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := t.read(ctx, ids)
	if err != nil {
		return err
	}
	t.mu.Lock()
	model := t.model
	resolve := t.resolver()
	t.mu.Unlock()
	a := model.Assigner()
	b := &eventstore.Batch{}
	for _, d := range docs {
		id, group := "", ""
		if len(d.Texts) > 0 {
			c, _ := a.Assign(d.Texts)
			id, group = resolve(c)
		} else if !changed {
			id = Other
		}
		b.Topics = append(b.Topics, event.ConversationTopic{ConversationID: d.ID, Topic: id, Group: group})
	}
	if _, err := t.config.Store.Write(ctx, b); err != nil {
		return fmt.Errorf("write topics of conversations: %w", err)
	}
	if err := t.config.Assigned(ctx, ids); err != nil {
		return fmt.Errorf("tell of topics: %w", err)
	}
	t.assigned.Add(len(docs))
	return nil
}

// resolver says what is stored for a topic of the model: what it was merged into, with its group. mu is held;
// what it returns needs no lock.
func (t *Topics) resolver() func(c int) (id, group string) {
	to, groups := map[string]string{}, map[string]string{}
	for _, x := range t.model.Topics {
		to[x.ID] = t.target(x.ID)
		if x.Group >= 0 {
			groups[x.ID] = t.model.Groups[x.Group].ID
		}
	}
	all := t.model.Topics
	return func(c int) (string, string) {
		if c == topics.None {
			return Other, ""
		}
		id := to[all[c].ID]
		return id, groups[id]
	}
}

// target follows merges from a topic; Other if where they lead is excluded. mu is held.
func (t *Topics) target(id string) string {
	for range 100 {
		d := t.decisions[id]
		switch {
		case d.Excluded:
			return Other
		case d.MergedInto == "":
			return id
		}
		id = d.MergedInto
	}
	return id
}

// read returns what users say in conversations, in the order of ids.
func (t *Topics) read(ctx context.Context, ids []string) ([]topics.Doc, error) {
	docs := make([]topics.Doc, len(ids))
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		docs[i].ID, at[id] = id, i
	}
	for from := 0; from < len(ids); from += page {
		portion := ids[from:min(from+page, len(ids))]
		l := query.List{Grain: query.Events, Filter: query.AllOf(
			query.Is("conversation_id", query.Eq, portion...), query.Is("kind", query.Eq, string(event.KindMessage)), query.Is("role", query.Eq, event.RoleUser))}
		for e, err := range t.config.Store.Events(ctx, l) {
			if err != nil {
				return nil, fmt.Errorf("read messages for topics: %w", err)
			}
			d := &docs[at[e.ConversationID]]
			if e.Body != nil && *e.Body != "" && len(d.Texts) < maxTexts {
				d.Texts = append(d.Texts, clip(*e.Body))
			}
		}
	}
	return docs, nil
}

// clip cuts a text, at a character.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}
