package memstore

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// beside is what is known of a conversation beside its rows.
type beside struct {
	analysis     *event.Analysis // nil: none
	topic, group string
	labels       []string // a set, in order
}

// writeBeside keeps what a batch says of conversations; the caller holds the lock.
func (s *Store) writeBeside(b *eventstore.Batch) {
	set := func(id string, change func(b *beside)) {
		known := s.beside[id]
		change(&known)
		s.beside[id] = known
	}
	for _, a := range b.Analyses {
		set(a.ConversationID, func(b *beside) {
			if b.analysis = nil; a.Version != 0 {
				b.analysis = storedAnalysis(a)
			}
		})
	}
	for _, t := range b.Topics {
		set(t.ConversationID, func(b *beside) {
			if b.topic, b.group = t.Topic, t.Group; t.Topic == "" {
				b.group = ""
			}
		})
	}
	for _, l := range b.Labels {
		set(l.ConversationID, func(b *beside) { b.labels = setOf(l.Labels) })
	}
}

// setOf is the strings of a list that are not empty, each once, in order of their bytes.
func setOf(list []string) []string {
	out := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// storedAnalysis returns what is kept of an analysis: a copy, with times as the contract wants them.
func storedAnalysis(a *event.Analysis) *event.Analysis {
	a = cloneAnalysis(a)
	a.AnalysedAt = a.AnalysedAt.UTC().Truncate(time.Microsecond)
	for i := range a.Signals {
		a.Signals[i].At = a.Signals[i].At.UTC().Truncate(time.Microsecond)
	}
	return a
}

func cloneAnalysis(a *event.Analysis) *event.Analysis {
	out := *a
	for _, p := range []**float64{&out.SentimentScore, &out.Quality, &out.ImpliedSatisfaction, &out.PredictedRating, &out.GoalReached} {
		*p = copied(*p)
	}
	out.Signals = slices.Clone(a.Signals)
	return &out
}

// Analyses implements [eventstore.Reader].
func (s *Store) Analyses(ctx context.Context, ids []string) (map[string]*event.Analysis, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if len(ids) > query.MaxPage {
		return nil, fmt.Errorf("%w: analyses of %d conversations; ask for at most %d", eventstore.ErrInvalid, len(ids), query.MaxPage)
	}
	out := map[string]*event.Analysis{}
	for _, id := range ids {
		if a := s.beside[id].analysis; a != nil {
			out[id] = cloneAnalysis(a)
		}
	}
	return out, nil
}

// column is a stored field of the analysis or the topic.
func (b *beside) column(name string) []value {
	switch {
	case name == "topic":
		return text(b.topic)
	case name == "topic_group":
		return text(b.group)
	case b.analysis == nil:
		return nil
	}
	return column(reflect.ValueOf(b.analysis).Elem(), name)
}

// signals are the names of the analysis' signals, each once, in order of the first.
func (b *beside) signals() []string {
	if b.analysis == nil {
		return nil
	}
	var out []string
	for _, s := range b.analysis.Signals {
		if s.Name != "" && !slices.Contains(out, s.Name) {
			out = append(out, s.Name)
		}
	}
	return out
}

// outcome is that under the question's conversion.
func (c *conversation) outcome() string {
	switch {
	case c.converted:
		return event.OutcomeConverted
	case c.analysis == nil:
		return ""
	}
	return c.analysis.Outcome
}

// satisfaction is what was said, else what is implied, and which of the two.
func (c *conversation) satisfaction() (*float64, string) {
	switch {
	case c.Score != nil:
		return c.Score, query.SatisfactionRated
	case c.analysis != nil && c.analysis.ImpliedSatisfaction != nil:
		return c.analysis.ImpliedSatisfaction, query.SatisfactionInferred
	}
	return nil, ""
}

// answerBeside fills what a row of a list says of it.
func (c *conversation) answerBeside(r *eventstore.ConversationRow) {
	r.Outcome, r.Topic, r.TopicGroup = c.outcome(), c.topic, c.group
	r.Labels, r.Signals = slices.Clone(c.labels), c.signals()
	n, source := c.satisfaction()
	r.Satisfaction, r.SatisfactionSource = copied(n), source
	if a := c.analysis; a != nil {
		r.Language, r.Sentiment, r.Emotion = a.Language, a.Sentiment, a.Emotion
		r.Quality, r.ImpliedSatisfaction, r.PredictedRating = copied(a.Quality), copied(a.ImpliedSatisfaction), copied(a.PredictedRating)
	}
}
