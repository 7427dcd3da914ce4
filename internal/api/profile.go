package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
)

// Profiles puts people together.
type Profiles interface {
	// Profile returns that of the person of a user id or an anonymous id, or ErrNotFound.
	Profile(ctx context.Context, id string) (PersonProfile, error)
}

// PersonProfile is what is known of a person, as the Profile API tells it: each name of a trait has one value, the
// newest of what was sent and computed.
type PersonProfile struct {
	Person      string              `json:"person"`
	Traits      []ProfileTrait      `json:"traits"`
	Computed    []ProfileTrait      `json:"computed"`
	Audiences   []ProfileTrait      `json:"audiences"`    // those that the person is in
	ExternalIDs []identity.Sighting `json:"external_ids"` // the first seen first
	Accounts    []ProfileAccount    `json:"accounts"`     // at most twenty
}

// ProfileTrait is a trait and where it is from.
type ProfileTrait struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
	// Source is the id of the source that sent it, or of the definition that it is computed by.
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}

// ProfileAccount is an account that a person is a member of.
type ProfileAccount struct {
	ID     string         `json:"id"`
	Traits []ProfileTrait `json:"traits"`
}

func (s *server) getProfile(c *call) error {
	return get(c, http.StatusOK, s.Profiles, func(p Profiles, ctx context.Context) (PersonProfile, error) {
		return p.Profile(ctx, c.r.PathValue("id"))
	})
}
