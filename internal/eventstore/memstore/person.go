package memstore

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

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

// person resolves a pair of ids: the user, else the one user that the anonymous id is linked to, else
// the anonymous id. Linked to several users, it stays a person of its own.
func (v *view) person(userID, anonymousID string) string {
	if userID != "" {
		return userID
	}
	if users := v.users[anonymousID]; len(users) == 1 {
		for user := range users {
			return user
		}
	}
	return anonymousID
}

// identity is what makes an event belong to a row of users or people; "" belongs to none.
func (v *view) identity(g query.Grain, e *event.Event) string {
	if g == query.Users {
		return e.UserID
	}
	return v.person(e.UserID, e.AnonymousID)
}
