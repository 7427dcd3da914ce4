// Package memstore is the reference event store: the plainest reading of the contract, in memory. It
// keeps rows in a map and answers every question by walking all of them, so that it can be checked by
// eye; other engines are held to its answers. It is for tests and small data: nothing is kept on
// disk, nothing is indexed, nothing is remembered from one question to the next.
//
// Only package app and tests import it.
package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

var _ eventstore.Store = (*Store)(nil)

// Store is an event store in memory. Use New.
type Store struct {
	mu sync.RWMutex
	// rows by id. A stored row is never changed, only replaced, so that readers may go on with
	// what they took under the lock.
	rows map[string]*event.Event
	// retracted is the highest revision that was retracted, by id.
	retracted map[string]int64
	// beside is what is known of conversations beside their rows, by id, whether they exist or not. Like
	// rows, what is in it is only replaced.
	beside map[string]beside
	// identities are what was decided of ids.
	identities map[id]decision
	cursor     uint64
	closed     bool
}

// New returns an empty store.
func New() *Store {
	return &Store{
		rows: map[string]*event.Event{}, retracted: map[string]int64{},
		beside: map[string]beside{}, identities: map[id]decision{},
	}
}

// Write implements [eventstore.Writer]. It compares with rows of any age.
func (s *Store) Write(ctx context.Context, b *eventstore.Batch) (eventstore.Written, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var w eventstore.Written
	if err := s.usable(ctx); err != nil {
		return w, err
	}
	if err := b.Validate(); err != nil {
		return w, fmt.Errorf("write batch: %w: %w", eventstore.ErrInvalid, err)
	}
	for i, e := range b.Puts {
		e = stored(e)
		old, exists := s.rows[e.ID]
		gone, retracted := s.retracted[e.ID]
		switch {
		case exists && e.Revision <= old.Revision:
			w.Duplicates = append(w.Duplicates, i)
			if e.Revision == 0 && old.Revision == 0 && conflicts(e, old) {
				w.Conflicts = append(w.Conflicts, i)
			}
		case retracted && e.Revision <= gone:
			w.Duplicates = append(w.Duplicates, i)
		default:
			if exists && len(e.Raw) == 0 {
				e.Raw = old.Raw
			}
			s.rows[e.ID] = e
			w.Stored++
		}
	}
	for _, r := range b.Retracts {
		if gone, ok := s.retracted[r.ID]; !ok || r.Revision > gone {
			s.retracted[r.ID] = r.Revision
		}
		if old, ok := s.rows[r.ID]; ok && old.Revision <= r.Revision {
			delete(s.rows, r.ID)
			w.Retracted++
		}
	}
	s.writeBeside(b)
	s.decide(b.Identities)
	if b.Cursor != 0 {
		s.cursor = b.Cursor
	}
	return w, nil
}

// stored returns the row that is kept for a put: a copy, with times as the contract wants them.
func stored(e *event.Event) *event.Event {
	e = clone(e)
	for _, t := range []*time.Time{&e.OccurredAt, &e.OriginalAt, &e.SentAt, &e.ReceivedAt} {
		*t = t.UTC().Truncate(time.Microsecond)
	}
	return e
}

func conflicts(a, b *event.Event) bool {
	return a.SourceEvent != b.SourceEvent || a.UserID != b.UserID || a.AnonymousID != b.AnonymousID ||
		a.ConversationID != b.ConversationID || !a.OriginalAt.Equal(b.OriginalAt)
}

// usable reports why a call cannot be served; the caller holds the lock.
func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return eventstore.ErrClosed
	}
	return ctx.Err()
}

// contents is what a store holds at some point: the rows in conversation order, and what is known beside
// them.
type contents struct {
	events     []*event.Event
	known      map[string]beside
	identities map[id]decision
}

func (s *Store) all(ctx context.Context) (contents, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return contents{}, err
	}
	return contents{slices.SortedFunc(maps.Values(s.rows), inOrder), maps.Clone(s.beside), maps.Clone(s.identities)}, nil
}

func inOrder(a, b *event.Event) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

// Cursor implements [eventstore.Writer].
func (s *Store) Cursor(ctx context.Context) (uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cursor, s.usable(ctx)
}

// Event implements [eventstore.Reader].
func (s *Store) Event(ctx context.Context, id string) (*event.Event, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	e, ok := s.rows[id]
	if !ok {
		return nil, fmt.Errorf("event %s: %w", id, eventstore.ErrNotFound)
	}
	return clone(e), nil
}

// Stats implements [eventstore.Store].
func (s *Store) Stats(ctx context.Context) (eventstore.Stats, error) {
	held, err := s.all(ctx)
	if err != nil {
		return eventstore.Stats{}, err
	}
	v := newView(held, time.UTC)
	return eventstore.Stats{Events: int64(len(v.events)), Conversations: int64(len(v.conversations))}, nil
}

// Close implements [eventstore.Store]. What was stored is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.rows, s.retracted, s.beside, s.identities = nil, nil, nil, nil
	return nil
}
