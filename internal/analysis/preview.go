package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

const (
	// previewDays is how far a preview looks back.
	previewDays = 7
	// maxPreview bounds the conversations that it looks at, the newest.
	maxPreview = 1000
	// maxExamples bounds the examples of each kind.
	maxExamples = 8
)

// Preview says what another setting of a signal would find.
type Preview struct {
	From, Until time.Time
	// Conversations is how many were looked at, the newest of Of.
	Conversations, Of int64
	// Now and Then are how many of them have the signal, with the setting of now and the other.
	Now, Then int64
	// Gained and Lost are examples, the newest first.
	Gained, Lost []Example
}

// Example is a conversation with a signal.
type Example struct {
	ConversationID string
	At             time.Time
	EventID        string
	Reason         string
}

// Preview judges the conversations of the last seven days with another setting, and stores nothing.
func (a *Analysis) Preview(ctx context.Context, name string, other signal.Setting) (*Preview, error) {
	if err := check(name, other); err != nil {
		return nil, err
	}
	now := a.config.Now().UTC()
	p := &Preview{From: now.AddDate(0, 0, -previewDays), Until: now}
	during := query.Range{From: p.From, Until: p.Until}
	page, err := a.config.Store.Conversations(ctx, query.List{Grain: query.Conversations, Range: during, Desc: true, Limit: maxPreview})
	if err != nil {
		return nil, fmt.Errorf("find conversations to preview: %w", err)
	}
	res, err := a.config.Store.Query(ctx, query.Query{Grain: query.Conversations, Range: during, Measures: []query.Measure{{As: "n", Op: query.Count}}})
	if err != nil {
		return nil, fmt.Errorf("count conversations to preview: %w", err)
	}
	if len(res.Rows) > 0 {
		p.Of = int64(res.Rows[0].Values[0].Num)
	}
	ids := make([]string, len(page.Conversations))
	for i, c := range page.Conversations {
		ids[i] = c.ID
	}
	present := a.Settings()
	changed := signal.Settings{}
	for k, v := range present {
		changed[k] = v
	}
	changed[name] = other
	err = a.read(ctx, ids, func(some []*conversation, _ []string) error {
		for _, c := range some {
			if len(c.events) == 0 {
				continue
			}
			p.Conversations++
			in := a.judged(c, now)
			before, after := first(signal.Judge(in, present), name), first(signal.Judge(in, changed), name)
			p.add(c, before, after)
		}
		return ctx.Err()
	})
	newestFirst := func(a, b Example) int { return b.At.Compare(a.At) }
	slices.SortStableFunc(p.Gained, newestFirst)
	slices.SortStableFunc(p.Lost, newestFirst)
	p.Gained, p.Lost = p.Gained[:min(len(p.Gained), maxExamples)], p.Lost[:min(len(p.Lost), maxExamples)]
	return p, err
}

// judged makes what package signal judges, with the words looked at.
func (a *Analysis) judged(c *conversation, now time.Time) *signal.Conversation {
	found := a.config.Analyser.Analyse(signal.Turns(c.events))
	in := &signal.Conversation{ID: c.row.ID, Events: c.events, Found: &found, Others: c.others, Now: now}
	if c.converted != nil {
		in.Converts = func(e *event.Event) bool { return c.converted[e.ID] }
	}
	return in
}

func first(v signal.Verdict, name string) *event.Signal {
	for i := range v.Signals {
		if v.Signals[i].Name == name {
			return &v.Signals[i]
		}
	}
	return nil
}

func (p *Preview) add(c *conversation, before, after *event.Signal) {
	example := func(s *event.Signal) Example {
		return Example{ConversationID: c.row.ID, At: c.row.At, EventID: s.EventID, Reason: s.Reason}
	}
	if before != nil {
		p.Now++
	}
	if after != nil {
		p.Then++
	}
	switch {
	case before == nil && after != nil:
		p.Gained = append(p.Gained, example(after))
	case before != nil && after == nil:
		p.Lost = append(p.Lost, example(before))
	}
}
