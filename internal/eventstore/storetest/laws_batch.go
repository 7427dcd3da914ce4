package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// A batch that is refused leaves nothing behind, and can be written again once it is right.
func lawAtomic(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	refused := func(why string, change func(b *eventstore.Batch)) {
		t.Helper()
		b := &eventstore.Batch{
			Puts:       []*event.Event{message("b", 2), edited(message("a", 1), 1, "new"), message("c", 3)},
			Retracts:   []eventstore.Retract{{ID: "a", Revision: 9}, {ID: "x"}},
			Analyses:   []*event.Analysis{{ConversationID: "c1", Version: 1}, {ConversationID: "c2", Version: 1}},
			Topics:     []event.ConversationTopic{{ConversationID: "c1", Topic: "t"}},
			Labels:     []event.ConversationLabels{{ConversationID: "c1", Labels: []string{"l"}}},
			Cursor:     7,
			Identities: []event.Identity{user("u1", "p"), ignored(anonymous("x1", ""))},
		}
		change(b)
		if _, err := s.Write(t.Context(), b); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("batch with %s: got %v, want ErrInvalid", why, err)
		}
		bodies(t, s, "a 0 text of a")
		if c, err := s.Cursor(t.Context()); c != 0 || err != nil {
			t.Errorf("batch with %s: cursor is %d (%v), want 0", why, c, err)
		}
		if a, err := s.Analyses(t.Context(), []string{"c1", "c2"}); len(a) != 0 || err != nil {
			t.Errorf("batch with %s: analyses %v (%v), want none", why, a, err)
		}
	}
	refused("put without id", func(b *eventstore.Batch) { b.Puts[2].ID = "" })
	refused("put without occurred_at", func(b *eventstore.Batch) { b.Puts[2].OccurredAt = b.Puts[2].SentAt })
	refused("put without received_at", func(b *eventstore.Batch) { b.Puts[2].ReceivedAt = b.Puts[2].SentAt })
	refused("retract without id", func(b *eventstore.Batch) { b.Retracts[1].ID = "" })
	refused("no analysis", func(b *eventstore.Batch) { b.Analyses[1] = nil })
	refused("analysis without conversation", func(b *eventstore.Batch) { b.Analyses[1].ConversationID = "" })
	refused("topic without conversation", func(b *eventstore.Batch) { b.Topics[0].ConversationID = "" })
	refused("labels without conversation", func(b *eventstore.Batch) { b.Labels[0].ConversationID = "" })
	refused("identity without id", func(b *eventstore.Batch) { b.Identities[1].ID = "" })
	refused("identity without type", func(b *eventstore.Batch) { b.Identities[1].Type = "email" })
	identities(t, s, []string{"p"})
	write(t, s, put(message("b", 2), message("c", 3)), eventstore.Written{Stored: 2})
	bodies(t, s, "a 0 text of a", "b 0 text of b", "c 0 text of c")
}

func lawCanceled(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1), message("b", 2)), eventstore.Written{Stored: 2})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(ctx, s) {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: got %v, want %v", name, err, context.Canceled)
		}
	}
	bodies(t, s, "a 0 text of a", "b 0 text of b")
}

func lawClose(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	for name, call := range calls(t.Context(), s) {
		if err := call(); !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("%s after close: got %v, want ErrClosed", name, err)
		}
	}
}

// calls are all methods of a store, each with arguments that could be answered.
func calls(ctx context.Context, s eventstore.Store) map[string]func() error {
	return map[string]func() error{
		"Write": func() error { _, err := s.Write(ctx, put(message("z", 9))); return err },
		"Cursor": func() error {
			_, err := s.Cursor(ctx)
			return err
		},
		"Query": func() error {
			_, err := s.Query(ctx, countEvents())
			return err
		},
		"Conversations": func() error {
			_, err := s.Conversations(ctx, query.List{Grain: query.Conversations})
			return err
		},
		"Events": func() error {
			for _, err := range s.Events(ctx, query.List{Grain: query.Events}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"Event":      func() error { _, err := s.Event(ctx, "a"); return err },
		"Analyses":   func() error { _, err := s.Analyses(ctx, []string{"c1"}); return err },
		"Identities": func() error { _, err := s.Identities(ctx, []string{"u1"}); return err },
		"Stats":      func() error { _, err := s.Stats(ctx); return err },
	}
}

func countEvents() query.Query {
	return query.Query{Grain: query.Events, Measures: []query.Measure{{As: "n", Op: query.Count}}}
}

func lawCursor(t *testing.T, s eventstore.Store) {
	at := func(want uint64) {
		t.Helper()
		if got, err := s.Cursor(t.Context()); got != want || err != nil {
			t.Errorf("cursor is %d (%v), want %d", got, err, want)
		}
	}
	at(0)
	write(t, s, &eventstore.Batch{Puts: []*event.Event{message("a", 1)}, Cursor: 5}, eventstore.Written{Stored: 1})
	at(5)
	write(t, s, put(message("b", 2)), eventstore.Written{Stored: 1})
	at(5)
	write(t, s, &eventstore.Batch{Cursor: 1<<63 - 1}, eventstore.Written{})
	at(1<<63 - 1)
	write(t, s, &eventstore.Batch{Puts: []*event.Event{message("a", 1)}, Cursor: 3}, eventstore.Written{Duplicates: []int{0}})
	at(3)
	write(t, s, &eventstore.Batch{}, eventstore.Written{})
	at(3)
}

// Readers see whole writes only, and a query one state: every batch adds ten events to one
// conversation, half of them the user's.
func lawConcurrent(t *testing.T, s eventstore.Store) {
	const batches, size = 15, 10
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				if err := seesWholeBatches(t.Context(), s, size); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for w := range 2 {
		wg.Go(func() {
			for i := range batches {
				b := &eventstore.Batch{}
				for j := range size {
					e := message(fmt.Sprint(w, " ", i, " ", j), i*size+j)
					if j%2 == 1 {
						e.Role = event.RoleAgent
					}
					b.Puts = append(b.Puts, e)
				}
				if _, err := s.Write(t.Context(), b); err != nil {
					t.Errorf("write: %v", err)
				}
			}
			if w == 0 {
				close(done)
			}
		})
	}
	wg.Wait()
	if st, err := s.Stats(t.Context()); err != nil || st.Conversations != 1 {
		t.Errorf("stats: %+v, %v", st, err)
	}
	r, err := s.Query(t.Context(), countEvents())
	if err != nil || len(r.Rows) != 1 || r.Rows[0].Values[0].Num != 2*batches*size {
		t.Errorf("got %+v (%v), want %d events", r, err, 2*batches*size)
	}
}

func seesWholeBatches(ctx context.Context, s eventstore.Store, size int) error {
	q := countEvents()
	q.Measures = append(q.Measures, query.Measure{As: "user", Op: query.Count, Where: query.Is("role", query.Eq, "user")})
	r, err := s.Query(ctx, q)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	for _, row := range r.Rows {
		if n, user := int(row.Values[0].Num), int(row.Values[1].Num); n%size != 0 || n != 2*user {
			return fmt.Errorf("a reader saw %d events, %d of them the user's: no whole batches", n, user)
		}
	}
	p, err := s.Conversations(ctx, query.List{Grain: query.Conversations})
	if err != nil {
		return fmt.Errorf("list conversations: %w", err)
	}
	for _, c := range p.Conversations {
		if c.Messages%int64(size) != 0 || c.Messages != 2*c.UserMessages {
			return fmt.Errorf("a reader saw a conversation of %d messages, %d of them the user's", c.Messages, c.UserMessages)
		}
	}
	return nil
}
