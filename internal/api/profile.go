package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/insight"
)

// Profiles puts people together.
type Profiles interface {
	// Profile returns that of the person of a user id, an anonymous id or an id written as type:value, or ErrNotFound.
	Profile(ctx context.Context, id string) (PersonProfile, error)
	// Named returns people whom an id of any type names, then those whose name, or a word of it, begins with a text; each
	// once, at most twenty. Either may be "".
	Named(ctx context.Context, id, name string) ([]NamedPerson, error)
	// Names returns what persons are called, by their keys; who has no name is left out.
	Names(ctx context.Context, persons []string) (map[string]string, error)
}

// NamedPerson is a person whom an id or a name names.
type NamedPerson struct {
	*identity.Identifier        // by which the id named the person; nil of who was found by name
	ID                   string `json:"id"` // what other questions about the person take
	Name                 string `json:"name,omitempty"`
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
	id, name := strings.TrimSpace(c.text("id")), strings.TrimSpace(c.text("name"))
	if n := utf8.RuneCountInString(name); n == 1 || n > maxPersonName {
		c.fault("name", "it has %d characters; say 2 to %d", n, maxPersonName)
	}
	return list(c, "people", s.Profiles, func(p Profiles, ctx context.Context) ([]NamedPerson, error) {
		if id == "" && name == "" {
			return nil, &insight.ParameterError{Parameter: "id", Err: errors.New("say an id of any type, or the beginning of a name")}
		}
		return p.Named(ctx, id, name)
	})
}

// maxPersonName bounds the name that people are looked for by.
const maxPersonName = 200

// names returns what persons are called, by their keys; nobody where there are no profiles.
func (s *server) names(ctx context.Context, persons ...string) (map[string]string, error) {
	if s.Profiles == nil {
		return nil, nil
	}
	return s.Profiles.Names(ctx, persons)
}

func (s *server) getProfile(c *call) error {
	return get(c, http.StatusOK, s.Profiles, func(p Profiles, ctx context.Context) (PersonProfile, error) {
		return p.Profile(ctx, c.r.PathValue("id"))
	})
}
