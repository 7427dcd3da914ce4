package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/compute"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/web"
)

// reading is what people add while they read the conversations of a workspace. Labels live in the metadata
// store, and the event store has a copy to ask by; what the copy lacks is marked, so that none is forgotten.
type reading struct {
	meta      *metastore.Store
	store     eventstore.Writer
	compute   *compute.Compute
	workspace string
	address   func(secret string) string // of a share

	telling sync.Mutex // one at a time tells the event store, so that the newest labels come last
}

var _ api.Reading = (*reading)(nil)

func (a *App) newReading() *reading {
	return &reading{
		meta: a.meta, store: a.store, compute: a.compute, workspace: metastore.DefaultWorkspace,
		address: func(secret string) string { return a.URL() + web.SharedPath + secret },
	}
}

// Notes returns those of a conversation.
func (r *reading) Notes(ctx context.Context, conversation string) ([]api.Note, error) {
	all, err := r.meta.Notes(ctx, r.workspace, conversation)
	out := make([]api.Note, len(all))
	for i, n := range all {
		out[i] = api.Note(n)
	}
	return out, translated(err)
}

// AddNote adds one.
func (r *reading) AddNote(ctx context.Context, n api.Note) (api.Note, error) {
	added, err := r.meta.AddNote(ctx, r.workspace, metastore.Note(n))
	return api.Note(added), translated(err)
}

// DeleteNote removes one.
func (r *reading) DeleteNote(ctx context.Context, id string) error {
	return translated(r.meta.DeleteNote(ctx, r.workspace, id))
}

// ChangeLabels changes those of conversations, here and in the event store.
func (r *reading) ChangeLabels(ctx context.Context, conversations, add, remove []string) error {
	if err := r.meta.ChangeLabels(ctx, r.workspace, conversations, add, remove); err != nil {
		return translated(err)
	}
	return r.tell(ctx)
}

// labelsABatch bounds the conversations that the event store is told of in one write.
const labelsABatch = 2_000

// tell tells the event store the labels that it does not have yet.
func (r *reading) tell(ctx context.Context) error {
	r.telling.Lock()
	defer r.telling.Unlock()
	for {
		marks, err := r.meta.LabelMarks(ctx, r.workspace, labelsABatch)
		if err != nil || len(marks) == 0 {
			return err
		}
		b := &eventstore.Batch{}
		for _, m := range marks {
			b.Labels = append(b.Labels, event.ConversationLabels{ConversationID: m.Conversation, Labels: m.Labels})
		}
		if _, err := r.store.Write(ctx, b); err != nil {
			return fmt.Errorf("store labels: %w", err)
		}
		ids := make([]string, len(marks))
		for i, m := range marks {
			ids[i] = m.Conversation
		}
		if err := r.compute.TouchConversations(ctx, ids); err != nil {
			return err
		}
		if err := r.meta.RemoveLabelMarks(ctx, r.workspace, marks); err != nil {
			return err
		}
	}
}

func shareOf(h metastore.Share) api.Share {
	return api.Share{ID: h.ID, Conversation: h.Conversation, Author: h.Author, CreatedAt: h.CreatedAt, ExpiresAt: h.ExpiresAt}
}

// Shares returns the living links to a conversation.
func (r *reading) Shares(ctx context.Context, conversation string) ([]api.Share, error) {
	all, err := r.meta.Shares(ctx, r.workspace, conversation)
	out := make([]api.Share, len(all))
	for i, h := range all {
		out[i] = shareOf(h)
	}
	return out, translated(err)
}

// CreateShare makes a link.
func (r *reading) CreateShare(ctx context.Context, conversation, author string, life time.Duration) (api.Share, error) {
	h, secret, err := r.meta.CreateShare(ctx, r.workspace, conversation, author, life)
	out := shareOf(h)
	out.URL = r.address(secret)
	return out, translated(err)
}

// DeleteShare takes a link back.
func (r *reading) DeleteShare(ctx context.Context, id string) error {
	return translated(r.meta.DeleteShare(ctx, r.workspace, id))
}
