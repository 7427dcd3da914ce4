package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// monday is the time of events that say no other: 2024-03-04 10:00 UTC.
var monday = time.Date(2024, 3, 4, 10, 0, 0, 0, time.UTC)

// message is a user's message, one second after monday for each seq.
func message(id string, seq int) *event.Event {
	at := monday.Add(time.Duration(seq) * time.Second)
	return &event.Event{
		ID: id, Source: "s1", Vocabulary: "test", SourceEvent: "Message Sent", Kind: event.KindMessage, Action: "sent",
		Role: event.RoleUser, ConversationID: "c1", UserID: "u1", Body: new("text of " + id),
		OccurredAt: at, OriginalAt: at, ReceivedAt: at, RequestSeq: int64(seq),
	}
}

// write writes and wants this report.
func write(t *testing.T, s eventstore.Store, b *eventstore.Batch, want eventstore.Written) {
	t.Helper()
	got, err := s.Write(t.Context(), b)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("write reports (-want +got):\n%s", diff)
	}
}

func put(events ...*event.Event) *eventstore.Batch { return &eventstore.Batch{Puts: events} }

func retract(id string, revision int64) *eventstore.Batch {
	return &eventstore.Batch{Retracts: []eventstore.Retract{{ID: id, Revision: revision}}}
}

// bodies wants exactly these rows, in conversation order, as "id revision body".
func bodies(t *testing.T, s eventstore.Store, want ...string) {
	t.Helper()
	var got []string
	for e, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			t.Fatalf("list events: %v", err)
		}
		got = append(got, fmt.Sprint(e.ID, " ", e.Revision, " ", *e.Body))
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// edited is a copy of an event with another revision and text.
func edited(e *event.Event, revision int64, body string) *event.Event {
	c := *e
	c.Revision, c.Body = revision, new(body)
	return &c
}

func lawDuplicates(t *testing.T, s eventstore.Store) {
	a, b := message("a", 1), message("b", 2)
	write(t, s, put(a), eventstore.Written{Stored: 1})
	write(t, s, put(b, edited(a, 0, "other")), eventstore.Written{Stored: 1, Duplicates: []int{1}})
	write(t, s, put(a, b), eventstore.Written{Duplicates: []int{0, 1}})
	bodies(t, s, "a 0 text of a", "b 0 text of b")
}

func lawDuplicatesInBatch(t *testing.T, s eventstore.Store) {
	a := message("a", 1)
	write(t, s, put(a, edited(a, 0, "second"), edited(a, 2, "third"), edited(a, 1, "fourth")),
		eventstore.Written{Stored: 2, Duplicates: []int{1, 3}})
	bodies(t, s, "a 2 third")
}

func lawRevisions(t *testing.T, s eventstore.Store) {
	a := message("a", 1)
	write(t, s, put(edited(a, 1, "one")), eventstore.Written{Stored: 1})
	write(t, s, put(edited(a, 0, "zero"), edited(a, 1, "again")), eventstore.Written{Duplicates: []int{0, 1}})
	bodies(t, s, "a 1 one")
	write(t, s, put(edited(a, 3, "three")), eventstore.Written{Stored: 1})
	write(t, s, put(edited(a, 2, "two")), eventstore.Written{Duplicates: []int{0}})
	bodies(t, s, "a 3 three")
}

// A replacement may change everything that roll-ups, persons and order depend on.
func lawRevisionMovesRow(t *testing.T, s eventstore.Store) {
	a, b := message("a", 1), message("b", 2)
	a.AnonymousID = "anon"
	write(t, s, put(a, b), eventstore.Written{Stored: 2})
	moved := edited(a, 1, "moved")
	moved.ConversationID, moved.UserID, moved.OccurredAt = "c2", "u2", monday.AddDate(0, 2, 0)
	write(t, s, &eventstore.Batch{Puts: []*event.Event{moved}, Import: true}, eventstore.Written{Stored: 1})
	bodies(t, s, "b 0 text of b", "a 1 moved")
	page, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range page.Conversations {
		got = append(got, fmt.Sprint(c.ID, " ", c.Person, " ", c.Messages, " ", c.At.Format(time.DateOnly)))
	}
	if diff := cmp.Diff([]string{"c1 u1 1 2024-03-04", "c2 u2 1 2024-05-04"}, got); diff != "" {
		t.Errorf("conversations (-want +got):\n%s", diff)
	}
}

func lawRetract(t *testing.T, s eventstore.Store) {
	a, b := message("a", 1), message("b", 2)
	write(t, s, put(edited(a, 2, "two"), b), eventstore.Written{Stored: 2})
	write(t, s, retract("a", 1), eventstore.Written{})
	bodies(t, s, "a 2 two", "b 0 text of b")
	write(t, s, retract("a", 2), eventstore.Written{Retracted: 1})
	write(t, s, retract("a", 2), eventstore.Written{})
	bodies(t, s, "b 0 text of b")
	other := edited(a, 0, "zero")
	other.UserID = "somebody else" // not a conflict: there is no row
	write(t, s, put(other, edited(a, 2, "two")), eventstore.Written{Duplicates: []int{0, 1}})
	write(t, s, put(edited(a, 3, "three")), eventstore.Written{Stored: 1})
	bodies(t, s, "a 3 three", "b 0 text of b")
	write(t, s, retract("b", 5), eventstore.Written{Retracted: 1})
	write(t, s, retract("a", 5), eventstore.Written{Retracted: 1})
	bodies(t, s)
}

func lawRetractFirst(t *testing.T, s eventstore.Store) {
	a := message("a", 1)
	write(t, s, retract("a", 1), eventstore.Written{})
	write(t, s, retract("a", 0), eventstore.Written{})
	write(t, s, put(a, edited(a, 1, "one")), eventstore.Written{Duplicates: []int{0, 1}})
	bodies(t, s)
	write(t, s, put(edited(a, 2, "two")), eventstore.Written{Stored: 1})
	bodies(t, s, "a 2 two")
}

func lawRetractInBatch(t *testing.T, s eventstore.Store) {
	a, b := message("a", 1), message("b", 2)
	write(t, s, &eventstore.Batch{
		Puts:     []*event.Event{a, edited(a, 2, "two"), b},
		Retracts: []eventstore.Retract{{ID: "a", Revision: 1}, {ID: "b", Revision: 0}, {ID: "b", Revision: 3}, {ID: "x"}},
	}, eventstore.Written{Stored: 3, Retracted: 1})
	bodies(t, s, "a 2 two")
	write(t, s, put(edited(b, 3, "three")), eventstore.Written{Duplicates: []int{0}})
}

func lawConflicts(t *testing.T, s eventstore.Store) {
	a := message("a", 1)
	write(t, s, put(a), eventstore.Written{Stored: 1})
	differing := func(change func(e *event.Event)) *event.Event {
		c := *a
		change(&c)
		return &c
	}
	write(t, s, put(
		differing(func(e *event.Event) { e.Body, e.Title, e.ReceivedAt = new("x"), "x", e.ReceivedAt.Add(time.Second) }), // no conflict
		differing(func(e *event.Event) { e.SourceEvent = "Message Received" }),
		differing(func(e *event.Event) { e.UserID = "" }),
		differing(func(e *event.Event) { e.AnonymousID = "x" }),
		differing(func(e *event.Event) { e.ConversationID = "c2" }),
		differing(func(e *event.Event) { e.OriginalAt = e.OriginalAt.Add(time.Microsecond) }),
		differing(func(e *event.Event) { e.OriginalAt = e.OriginalAt.Add(time.Nanosecond) }), // no conflict: cut off
		differing(func(e *event.Event) { e.OriginalAt = time.Time{} }),
		differing(func(e *event.Event) { e.OriginalAt = e.OriginalAt.In(time.FixedZone("", 3600)) }), // no conflict
		differing(func(e *event.Event) { e.OccurredAt = e.OccurredAt.Add(time.Hour) }),               // no conflict
	), eventstore.Written{Duplicates: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Conflicts: []int{1, 2, 3, 4, 5, 7}})

	write(t, s, put(differing(func(e *event.Event) { e.Revision, e.UserID = 2, "u2" })), eventstore.Written{Stored: 1})
	write(t, s, put(
		differing(func(e *event.Event) { e.Revision, e.UserID = 1, "u3" }), // no conflict: not a client's call
		a, // no conflict: what is stored was filled in, and is not what a client sent
	), eventstore.Written{Duplicates: []int{0, 1}})

	b := message("b", 2)
	inBatch := *b
	inBatch.ConversationID = "c2"
	write(t, s, put(b, &inBatch), eventstore.Written{Stored: 1, Duplicates: []int{1}, Conflicts: []int{1}})
	filled := *b
	filled.Revision, filled.ConversationID = 1, "c3"
	write(t, s, put(&filled, b), eventstore.Written{Stored: 1, Duplicates: []int{1}})
}

// The window is by received_at; the event may have occurred long before.
func lawDedupeWindow(t *testing.T, s eventstore.Store) {
	old, now := message("a", 1), message("b", 2)
	old.OccurredAt = monday.AddDate(-1, 0, 0)
	now.ReceivedAt = monday.Add(eventstore.DedupeWindow - time.Hour)
	write(t, s, put(old), eventstore.Written{Stored: 1})
	write(t, s, put(now), eventstore.Written{Stored: 1})
	late := *old
	late.ReceivedAt = old.ReceivedAt.Add(eventstore.DedupeWindow - time.Second)
	late.OccurredAt = late.ReceivedAt
	write(t, s, put(&late), eventstore.Written{Duplicates: []int{0}})
}

func lawImport(t *testing.T, s eventstore.Store) {
	a := message("a", 1)
	a.ReceivedAt = monday.AddDate(-2, 0, 0)
	write(t, s, put(a), eventstore.Written{Stored: 1})
	for i := range 20 {
		e := message(fmt.Sprint("m", i), i)
		e.ReceivedAt = monday.AddDate(-2, i, 0)
		write(t, s, put(e), eventstore.Written{Stored: 1})
	}
	again := *a
	again.ReceivedAt, again.ConversationID = monday, "c9"
	write(t, s, &eventstore.Batch{Puts: []*event.Event{&again}, Import: true},
		eventstore.Written{Duplicates: []int{0}, Conflicts: []int{0}})
	again.Revision = 1
	write(t, s, &eventstore.Batch{Puts: []*event.Event{&again}, Import: true}, eventstore.Written{Stored: 1})
	write(t, s, &eventstore.Batch{Puts: []*event.Event{a}, Import: true}, eventstore.Written{Duplicates: []int{0}})
}
