package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/insight"
)

// Profiles puts people together.
type Profiles interface {
	// Profile returns that of the person of a user id, an anonymous id or an id written as type:value, or ErrNotFound.
	Profile(ctx context.Context, id string) (PersonProfile, error)
	// Named returns everybody whom an id of any type names, each once.
	Named(ctx context.Context, id string) ([]NamedPerson, error)
}

// NamedPerson is a person whom an id names.
type NamedPerson struct {
	ID string `json:"id"` // what other questions about the person take
	identity.Identifier
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

func (s *server) namedPeople(c *call) error {
	id := strings.TrimSpace(c.text("id"))
	return list(c, "people", s.Profiles, func(p Profiles, ctx context.Context) ([]NamedPerson, error) {
		if id == "" {
			return nil, &insight.ParameterError{Parameter: "id", Err: errors.New("say an id of any type")}
		}
		return p.Named(ctx, id)
	})
}

func (s *server) getProfile(c *call) error {
	return get(c, http.StatusOK, s.Profiles, func(p Profiles, ctx context.Context) (PersonProfile, error) {
		return p.Profile(ctx, c.r.PathValue("id"))
	})
}
