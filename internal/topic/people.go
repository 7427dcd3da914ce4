package topic

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich/topics"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// Topic is one topic as people see it.
type Topic struct {
	ID         string
	Name       string
	Found      string // the name found, where people gave another
	Group      string // id of the group above it; "" where topics have none
	GroupName  string
	Terms      []string
	Pinned     bool
	Excluded   bool
	MergedInto string
}

// List returns all topics that the model has, or that people decided something of, as the model has them.
func (t *Topics) List() []Topic {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Topic
	here := map[string]bool{}
	for _, x := range t.model.Topics {
		here[x.ID] = true
		d := t.decisions[x.ID]
		v := Topic{ID: x.ID, Name: x.Name, Found: x.Name, Terms: x.Terms, Pinned: d.Pinned, Excluded: d.Excluded, MergedInto: d.MergedInto}
		if d.Name != "" {
			v.Name = d.Name
		}
		if x.Group >= 0 {
			v.Group, v.GroupName = t.model.Groups[x.Group].ID, t.model.Groups[x.Group].Name
		}
		out = append(out, v)
	}
	return out
}

// Names returns the names of topics or groups, those it knows.
func (t *Topics) Names(dimension string, ids []string) map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[string]string{Other: "Other"}
	switch dimension {
	case "topic":
		for _, x := range t.model.Topics {
			all[x.ID] = x.Name
		}
		for id, d := range t.decisions {
			if d.Name != "" {
				all[id] = d.Name
			}
		}
	case "topic_group":
		for _, g := range t.model.Groups {
			all[g.ID] = g.Name
		}
	default:
		return nil
	}
	out := map[string]string{}
	for _, id := range ids {
		if name, ok := all[id]; ok && name != "" {
			out[id] = name
		}
	}
	return out
}

// Change is what people change of a topic; nil leaves it. An empty name is the name found, an empty MergedInto
// takes a merge back.
type Change struct {
	Name             *string
	Pinned, Excluded *bool
	MergedInto       *string
}

// Update changes what people decided of a topic, at once, and lets the conversations follow in the background.
func (t *Topics) Update(ctx context.Context, id string, c Change) error {
	t.mu.Lock()
	d, err := t.changed(id, c)
	before := t.target(id)
	t.mu.Unlock()
	if err != nil {
		return err
	}
	if err := t.config.Decisions.PutDecisions(ctx, []Decision{d}); err != nil {
		return err
	}
	if err := t.reload(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	if after := t.target(id); after != before {
		t.rewrites = append(t.rewrites, rewrite{what: some, topics: []string{id, before}})
	}
	t.mu.Unlock()
	t.rounds.Wake()
	return nil
}

func (t *Topics) changed(id string, c Change) (Decision, error) {
	if !t.exists(id) {
		return Decision{}, fmt.Errorf("topic %q: %w", id, ErrNotFound)
	}
	d := t.decisions[id]
	d.ID = id
	if c.Name != nil {
		d.Name = *c.Name
	}
	if c.Pinned != nil {
		d.Pinned = *c.Pinned
	}
	if c.Excluded != nil {
		d.Excluded = *c.Excluded
	}
	if c.MergedInto != nil {
		d.MergedInto = *c.MergedInto
		for to, n := d.MergedInto, 0; to != ""; to, n = t.decisions[to].MergedInto, n+1 {
			if to == id || n > 100 {
				return d, fmt.Errorf("%w: topic %q cannot be merged into itself", ErrInvalid, id)
			}
			if !t.exists(to) {
				return d, fmt.Errorf("topic %q: %w", to, ErrNotFound)
			}
		}
	}
	return d, nil
}

// exists holds for topics of the model and those people decided something of. mu is held.
func (t *Topics) exists(id string) bool {
	_, decided := t.decisions[id]
	return decided || slices.ContainsFunc(t.model.Topics, func(x topics.Topic) bool { return x.ID == id })
}

// Status is how far topics are.
type Status struct {
	Topics        int        `json:"topics"`
	Groups        int        `json:"groups"`
	FoundAt       *time.Time `json:"found_at"`      // nil: not yet
	Conversations int64      `json:"conversations"` // with words of a user, now
	Needed        int64      `json:"needed"`        // conversations at least, for the first topics
	Read          int64      `json:"read"`          // the newest conversations, that were read when topics were found
	Used          int64      `json:"used"`          // of those, that they were found in
	TookMS        int64      `json:"took_ms"`
	// Finding is how much of finding topics is done, 0..1; nil: they are not being found.
	Finding *float64 `json:"finding"`
	// Waiting is how many conversations have no topic yet; Rewriting: conversations are being assigned anew.
	Waiting   int64 `json:"waiting"`
	Rewriting bool  `json:"rewriting"`
}

// Status counts.
func (t *Topics) Status(ctx context.Context) (Status, error) {
	res, err := t.config.Store.Query(ctx, query.Query{Grain: query.Conversations, Filter: query.Is("user_messages", query.Greater, "0"), Measures: []query.Measure{
		{As: "all", Op: query.Count}, {As: "assigned", Op: query.Count, Field: "topic"},
	}})
	if err != nil {
		return Status{}, fmt.Errorf("count topics: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Status{Topics: len(t.model.Topics), Groups: len(t.model.Groups), Needed: int64(t.config.Fewest), Read: t.about.Read, Used: t.about.Used,
		TookMS: t.about.TookMS, Rewriting: len(t.rewrites) > 0}
	if len(res.Rows) > 0 {
		s.Conversations = int64(res.Rows[0].Values[0].Num)
		s.Waiting = s.Conversations - int64(res.Rows[0].Values[1].Num)
	}
	if !t.about.At.IsZero() {
		s.FoundAt = &t.about.At
	}
	if t.fitting >= 0 {
		done := t.fitting
		s.Finding = &done
	}
	return s, nil
}

// Question is one typical conversation of a topic.
type Question struct {
	ConversationID string `json:"conversation_id"`
	Question       string `json:"question"` // the user's first message
	Answer         string `json:"answer"`   // the first answer; "" if there is none
}

// Detail is what a topic is like.
type Detail struct {
	Topic
	Typical []Question
	Related []string // ids of topics nearest to it
}

const (
	typicalOf = 400 // newest conversations that typical ones are chosen from
	typicalN  = 8
	relatedN  = 6
)

// Detail returns what a topic is like: the newest conversations that are nearest to its centre.
func (t *Topics) Detail(ctx context.Context, id string) (*Detail, error) {
	all := t.List()
	i := slices.IndexFunc(all, func(x Topic) bool { return x.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("topic %q: %w", id, ErrNotFound)
	}
	t.mu.Lock()
	model := t.model
	t.mu.Unlock()
	d := &Detail{Topic: all[i], Typical: []Question{}, Related: []string{}}
	at := slices.IndexFunc(model.Topics, func(x topics.Topic) bool { return x.ID == id })
	for _, c := range model.Related(at, relatedN) {
		d.Related = append(d.Related, model.Topics[c].ID)
	}
	list, err := t.config.Store.Conversations(ctx, query.List{Grain: query.Conversations, Filter: query.Is("topic", query.Eq, id), Desc: true, Limit: typicalOf})
	if err != nil {
		return nil, fmt.Errorf("read conversations of topic %s: %w", id, err)
	}
	var ids []string
	for _, c := range list.Conversations {
		ids = append(ids, c.ID)
	}
	docs, err := t.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d topics.Doc) bool { return len(d.Texts) == 0 })
	for _, k := range model.Central(docs, at, typicalN) {
		d.Typical = append(d.Typical, Question{ConversationID: docs[k].ID, Question: docs[k].Texts[0]})
	}
	return d, t.answers(ctx, d.Typical)
}

// answers fills in the first answers.
func (t *Topics) answers(ctx context.Context, of []Question) error {
	if len(of) == 0 {
		return nil
	}
	at := map[string]int{}
	var ids []string
	for i, q := range of {
		at[q.ConversationID] = i
		ids = append(ids, q.ConversationID)
	}
	l := query.List{Grain: query.Events, Filter: query.AllOf(query.Is("conversation_id", query.Eq, ids...),
		query.Is("kind", query.Eq, string(event.KindMessage)), query.Is("role", query.Eq, event.RoleAgent))}
	for e, err := range t.config.Store.Events(ctx, l) {
		if err != nil {
			return fmt.Errorf("read answers of a topic: %w", err)
		}
		if q := &of[at[e.ConversationID]]; q.Answer == "" && e.Body != nil {
			q.Answer = clip(*e.Body)
		}
	}
	return nil
}
