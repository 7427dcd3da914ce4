package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

func user(id, person string) event.Identity {
	return event.Identity{Type: event.IdentityUser, ID: id, Person: person}
}

func anonymous(id, person string) event.Identity {
	return event.Identity{Type: event.IdentityAnonymous, ID: id, Person: person}
}

func ignored(x event.Identity) event.Identity {
	x.Ignored = true
	return x
}

// identities wants exactly these ids of some persons.
func identities(t *testing.T, s eventstore.Store, persons []string, want ...event.Identity) {
	t.Helper()
	got, err := s.Identities(t.Context(), persons)
	if err != nil {
		t.Fatalf("identities: %v", err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("identities of %q are %+v, want %+v", persons, got, want)
	}
}

// from is a message with ids.
func from(e *event.Event, userID, anonymousID string) *event.Event {
	e.UserID, e.AnonymousID = userID, anonymousID
	return e
}

// Each decision replaces what its id had, the last of a batch counts, and none is counted in reports.
func lawIdentities(t *testing.T, s eventstore.Store) {
	all := []string{"u1", "u2", "x1", "p \x00ü", "u1", ""}
	identities(t, s, all)
	identities(t, s, nil)
	write(t, s, put(from(message("a", 1), "u1", "x1"), from(message("b", 2), "u2", ""), from(message("c", 3), "", "x2")), eventstore.Written{Stored: 3})
	identities(t, s, all, anonymous("x1", "u1"), user("u1", "u1"), user("u2", "u2"))
	identities(t, s, []string{"x2"}, anonymous("x2", "x2"))
	decide := func(said ...event.Identity) {
		t.Helper()
		write(t, s, &eventstore.Batch{Identities: said}, eventstore.Written{})
	}
	decide(user("u2", "x1"), anonymous("x2", "p \x00ü"), user("u2", "u1"), user("never", "u1"))
	identities(t, s, all, anonymous("x2", "p \x00ü"), anonymous("x1", "u1"), user("never", "u1"), user("u1", "u1"), user("u2", "u1"))
	identities(t, s, []string{"x2", "u2"})
	// An id of one type is not that of another, and a person need not be an id.
	decide(anonymous("u2", "u2"), user("u1", "nobody's id"))
	identities(t, s, []string{"nobody's id", "u2"}, anonymous("x1", "nobody's id"), user("u1", "nobody's id"), anonymous("u2", "u2"))
	decide(ignored(user("u1", "u2")), ignored(anonymous("x1", "")))
	identities(t, s, all, anonymous("x2", "p \x00ü"), user("never", "u1"), user("u2", "u1"), anonymous("u2", "u2"))
	decide(ignored(user("u2", "")), user("u2", ""), user("never", ""), user("u1", ""), anonymous("x1", ""), anonymous("x2", ""), anonymous("u2", ""))
	identities(t, s, all, anonymous("x1", "u1"), user("u1", "u1"), user("u2", "u2"))
	if _, err := s.Identities(t.Context(), make([]string, query.MaxPage+1)); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("identities of too many persons: got %v, want ErrInvalid", err)
	}
	if st, err := s.Stats(t.Context()); err != nil || st.Events != 3 || st.Conversations != 1 {
		t.Errorf("stats are %+v (%v), want three events of one conversation", st, err)
	}
}

// Decisions of ids that no row has wait for it, and outlive the rows; ids of rows that say nothing of who somebody is
// are not told.
func lawIdentitiesAfterRows(t *testing.T, s eventstore.Store) {
	person := func(want string) {
		t.Helper()
		p, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, c := range p.Conversations {
			got = cmp.Or(got, c.Person)
		}
		if got != want {
			t.Errorf("the conversation is of %q, want %q", got, want)
		}
	}
	write(t, s, &eventstore.Batch{Identities: []event.Identity{anonymous("x1", "p1"), ignored(user("null", ""))}, Cursor: 5}, eventstore.Written{})
	if c, err := s.Cursor(t.Context()); c != 5 || err != nil {
		t.Errorf("cursor is %d (%v), want 5", c, err)
	}
	write(t, s, put(from(message("a", 1), "null", "x1")), eventstore.Written{Stored: 1})
	person("p1")
	write(t, s, retract("a", 0), eventstore.Written{Retracted: 1})
	identities(t, s, []string{"p1", "x1", "null"}, anonymous("x1", "p1"))
	viewed := from(message("v", 2), "", "x9")
	viewed.Kind, viewed.Action = event.KindProduct, "viewed"
	write(t, s, &eventstore.Batch{Puts: []*event.Event{viewed, from(message("b", 3), "null", "x1")}, Identities: []event.Identity{anonymous("x1", "")}},
		eventstore.Written{Stored: 2})
	person("x1")
	identities(t, s, []string{"x1", "x9", "null"}, anonymous("x1", "x1"))
	write(t, s, &eventstore.Batch{Identities: []event.Identity{user("null", "")}}, eventstore.Written{})
	person("null")
	identities(t, s, []string{"x1", "x9", "null"}, anonymous("x1", "null"), user("null", "null"))
}
