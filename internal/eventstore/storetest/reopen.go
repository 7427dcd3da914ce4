package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// RunReopening checks that what was written is there again after Close, in stores that keep it.
func RunReopening(t *testing.T, open OpenDir) {
	t.Run("Rows", func(t *testing.T) { reopenRows(t, open) })
	t.Run("Answers", func(t *testing.T) { reopenAnswers(t, open) })
}

func reopenRows(t *testing.T, open OpenDir) {
	dir := t.TempDir()
	again := func() eventstore.Store { return opened(t, func(t testing.TB) eventstore.Store { return open(t, dir) }) }
	closed := func(s eventstore.Store) {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	s := again()
	closed(s)

	a, old := message("a", 1), message("old", 2)
	a.Raw, a.Body = []byte(`{"raw":"call"}`), nil
	old.OccurredAt = monday.AddDate(-1, 0, 0)
	s = again()
	write(t, s, &eventstore.Batch{
		Puts:     []*event.Event{a, message("b", 3), old, edited(message("c", 4), 2, "two")},
		Retracts: []eventstore.Retract{{ID: "b", Revision: 1}, {ID: "never"}},
		Cursor:   42,
	}, eventstore.Written{Stored: 4, Retracted: 1})
	closed(s)

	s = again()
	if c, err := s.Cursor(t.Context()); c != 42 || err != nil {
		t.Errorf("cursor is %d (%v), want 42", c, err)
	}
	got, err := s.Event(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, got, equal); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	conflicting := message("old", 2)
	conflicting.UserID, conflicting.ReceivedAt = "u2", old.ReceivedAt.Add(time.Hour)
	write(t, s, put(message("a", 1), message("b", 3), conflicting, message("c", 4), edited(message("b", 3), 1, "one"), message("never", 5)),
		eventstore.Written{Duplicates: []int{0, 1, 2, 3, 4, 5}, Conflicts: []int{2}})
	write(t, s, put(edited(message("b", 3), 2, "two"), edited(message("a", 1), 1, "one"), message("d", 6)), eventstore.Written{Stored: 3})
	closed(s)

	s = again()
	if got, err = s.Event(t.Context(), "a"); err != nil || string(got.Raw) != string(a.Raw) {
		t.Errorf("the call of a row that was replaced without one is %s (%v), want %s", got.Raw, err, a.Raw)
	}
	bodies(t, s, "old 0 text of old", "a 1 one", "b 2 two", "c 2 two", "d 0 text of d")
}

// Opened anew every few batches, a store answers as one that was never closed.
func reopenAnswers(t *testing.T, open OpenDir) {
	r := rand.New(rand.NewPCG(1, 3))
	writes := randomHistory(r, 300, true)
	other := t.TempDir()
	never := written(t, func(t testing.TB) eventstore.Store { return open(t, other) }, writes)

	dir := t.TempDir()
	s := open(t, dir)
	for i, b := range writes {
		if _, err := s.Write(t.Context(), b); err != nil {
			t.Fatalf("write: %v", err)
		}
		if i%(1+len(writes)/6) == 0 {
			if err := s.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			s = open(t, dir)
		}
	}
	defer s.Close()
	Agree(t, never, s, writes, 1, 60)
}
