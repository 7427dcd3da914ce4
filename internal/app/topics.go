package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/topic"
)

// topicsName is the file of the topic model in the directory of a workspace.
const topicsName = "topics.model"

// openTopics opens what finds topics and assigns conversations to them.
func (a *App) openTopics(ctx context.Context, w metastore.Workspace, dir string) error {
	t, err := topic.Open(ctx, topic.Config{
		Store: a.store, Decisions: topicDecisions{a.meta, w.ID}, Path: filepath.Join(dir, topicsName),
		Assigned: func(ctx context.Context, ids []string) error { return a.compute.TouchConversations(ctx, ids) },
		Metrics:  a.metrics, Logger: a.cfg.Log,
	})
	if err != nil {
		return fmt.Errorf("open topics: %w", err)
	}
	a.topics = t
	return nil
}

// topicDecisions keep what people decided of topics in the metadata store.
type topicDecisions struct {
	store     *metastore.Store
	workspace string
}

var _ topic.Decisions = topicDecisions{}

// Decisions returns all.
func (d topicDecisions) Decisions(ctx context.Context) ([]topic.Decision, error) {
	all, err := d.store.Topics(ctx, d.workspace)
	out := make([]topic.Decision, len(all))
	for i, t := range all {
		out[i] = topic.Decision{ID: t.ID, Name: t.Name, Pinned: t.Pinned, Excluded: t.Excluded, MergedInto: t.MergedInto}
	}
	return out, err
}

// PutDecisions stores some.
func (d topicDecisions) PutDecisions(ctx context.Context, some []topic.Decision) error {
	out := make([]metastore.Topic, len(some))
	for i, t := range some {
		out[i] = metastore.Topic{ID: t.ID, Name: t.Name, Pinned: t.Pinned, Excluded: t.Excluded, MergedInto: t.MergedInto}
	}
	return d.store.PutTopics(ctx, d.workspace, out)
}

// topicsOf are topics in the words of the API, and the names of their ids for every figure.
type topicsOf struct {
	topics *topic.Topics
	// changed is called when people decided something of topics.
	changed func(ctx context.Context) error
}

var (
	_ api.Topics    = &topicsOf{}
	_ insight.Namer = &topicsOf{}
)

// Names returns the names of topics and groups.
func (t *topicsOf) Names(_ context.Context, dimension string, values []string) (map[string]string, error) {
	return t.topics.Names(dimension, values), nil
}

// Topics returns all.
func (t *topicsOf) Topics(context.Context) ([]api.Topic, error) {
	var out []api.Topic
	for _, x := range t.topics.List() {
		out = append(out, topicOf(x))
	}
	return out, nil
}

func topicOf(x topic.Topic) api.Topic {
	return api.Topic{ID: x.ID, Name: x.Name, FoundName: x.Found, Group: x.Group, GroupName: x.GroupName, Terms: append([]string{}, x.Terms...),
		Pinned: x.Pinned, Excluded: x.Excluded, MergedInto: x.MergedInto}
}

// Topic returns what one is like.
func (t *topicsOf) Topic(ctx context.Context, id string) (api.TopicDetail, error) {
	d, err := t.topics.Detail(ctx, id)
	if err != nil {
		return api.TopicDetail{}, topicError(err)
	}
	out := api.TopicDetail{Topic: topicOf(d.Topic), Typical: []api.TypicalQuestion{}, Related: d.Related}
	for _, q := range d.Typical {
		out.Typical = append(out.Typical, api.TypicalQuestion(q))
	}
	return out, nil
}

// UpdateTopic changes what people decided.
func (t *topicsOf) UpdateTopic(ctx context.Context, id string, c api.TopicChange) error {
	if err := t.topics.Update(ctx, id, topic.Change(c)); err != nil {
		return topicError(err)
	}
	return t.changed(ctx)
}

// Status says how far topics are.
func (t *topicsOf) Status(ctx context.Context) (api.TopicStatus, error) {
	s, err := t.topics.Status(ctx)
	return api.TopicStatus(s), err
}

// Refit asks for topics to be found anew.
func (t *topicsOf) Refit(context.Context) error {
	t.topics.Refit()
	return nil
}

func topicError(err error) error {
	switch {
	case errors.Is(err, topic.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, topic.ErrInvalid):
		return fmt.Errorf("%w: %s", api.ErrInvalid, err)
	}
	return translated(err)
}
