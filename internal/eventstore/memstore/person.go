package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// id is an id that rows carry.
type id struct{ typ, value string }

// decision is what was decided of an id: its person, or that it is nobody's.
type decision struct {
	person  string
	ignored bool
}

// decide keeps what a batch says of ids; the caller holds the lock.
func (s *Store) decide(identities []event.Identity) {
	for _, x := range identities {
		switch at := (id{x.Type, x.ID}); {
		case x.Ignored:
			s.identities[at] = decision{ignored: true}
		case x.Person == "":
			delete(s.identities, at)
		default:
			s.identities[at] = decision{person: x.Person}
		}
	}
}

// link notes that a row carries both an anonymous id and a user id.
func (v *view) link(e *event.Event) {
	if e.AnonymousID == "" || e.UserID == "" {
		return
	}
	if v.users[e.AnonymousID] == nil {
		v.users[e.AnonymousID] = map[string]bool{}
	}
	v.users[e.AnonymousID][e.UserID] = true
}

// person resolves a pair of ids, as the contract says.
func (v *view) person(userID, anonymousID string) string {
	return cmp.Or(v.user(userID), v.anonymous(anonymousID), userID, anonymousID)
}

// user is whose a user id is; "" if it is nobody's, or none.
func (v *view) user(userID string) string {
	d := v.identities[id{event.IdentityUser, userID}]
	if d.ignored {
		return ""
	}
	return cmp.Or(d.person, userID)
}

// anonymous is whose an anonymous id is; "" if it is nobody's, or none. Seen with users of several persons,
// it stays a person of its own.
func (v *view) anonymous(anonymousID string) string {
	d := v.identities[id{event.IdentityAnonymous, anonymousID}]
	if d.ignored {
		return ""
	}
	persons := map[string]bool{}
	for user := range v.users[anonymousID] {
		persons[v.user(user)] = true
	}
	delete(persons, "")
	if len(persons) == 1 && d.person == "" {
		for person := range persons {
			return person
		}
	}
	return cmp.Or(d.person, anonymousID)
}

// identity is what makes an event belong to a row of users or people; "" belongs to none.
func (v *view) identity(g query.Grain, e *event.Event) string {
	if g == query.Users {
		return e.UserID
	}
	return v.person(e.UserID, e.AnonymousID)
}

// Identities implements [eventstore.Reader].
func (s *Store) Identities(ctx context.Context, persons []string) ([]event.Identity, error) {
	held, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	if len(persons) > query.MaxPage {
		return nil, fmt.Errorf("%w: identities of %d persons; ask for at most %d", eventstore.ErrInvalid, len(persons), query.MaxPage)
	}
	v := newView(held, time.UTC)
	ids := map[id]bool{}
	for x := range v.identities {
		ids[x] = true
	}
	for _, e := range v.events {
		if e.Tracked() || e.UserID != "" && e.AnonymousID != "" {
			ids[id{event.IdentityUser, e.UserID}], ids[id{event.IdentityAnonymous, e.AnonymousID}] = true, true
		}
	}
	var out []event.Identity
	for x := range ids {
		person := v.user(x.value)
		if x.typ == event.IdentityAnonymous {
			person = v.anonymous(x.value)
		}
		if person != "" && slices.Contains(persons, person) {
			out = append(out, event.Identity{Type: x.typ, ID: x.value, Person: person})
		}
	}
	slices.SortFunc(out, func(a, b event.Identity) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}
