// Package profile puts one person or one account together: traits that calls sent and that were computed,
// audiences, ids, events, conversations and links, and the paragraph that a copilot puts into its prompt. It only
// reads, but for ids that are taken off a person; what it reads is kept by packages profilestore and eventstore.
//
// The folder profileapi is Segment's Profile API over it. Besides that, only app imports this package.
package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

// ErrNotFound is returned for an identifier that names nobody.
var ErrNotFound = errors.New("no such profile")

// Config says what profiles are put together from. All but Stored and Computed are required.
type Config struct {
	Profiles *profilestore.Store
	Store    eventstore.Reader
	Insight  *insight.Insight
	// Computed returns what is computed of the person of a key, in any order; nil: nothing is.
	Computed func(ctx context.Context, person string) ([]Trait, error)
	// Stored returns how an id is stored where redaction found personal data in it: as a pseudonym. Nil: as it is.
	Stored func(id string) string
	// Detach decides that an identifier names nobody else; by says who decided.
	Detach func(ctx context.Context, by string, i identity.Identifier) error
}

// Profiles are those of one workspace. Methods may be called from any goroutine.
type Profiles struct {
	config Config
	wary   *wary
}

// New returns the profiles of c, or what is wrong with it.
func New(c Config) (*Profiles, error) {
	if c.Profiles == nil || c.Store == nil || c.Insight == nil || c.Detach == nil {
		return nil, errors.New("profiles need Profiles, Store, Insight and Detach")
	}
	if c.Stored == nil {
		c.Stored = func(id string) string { return id }
	}
	return &Profiles{config: c, wary: newWary()}, nil
}

// Class says where a trait comes from.
type Class string

// Classes.
const (
	Sent     Class = ""               // by identify and group calls
	Computed Class = "computed_trait" // from what the person did
	Audience Class = "audience"       // the person is in it: the value is true
)

// Trait is something known of somebody, under a name that is the only one in the profile.
type Trait struct {
	Name  string
	Class Class
	Value json.RawMessage // never null
	// Source is the id of the source that sent it, or of the definition that it is computed by.
	Source string
	At     time.Time
}

// ExternalID is an identifier and where it was first seen.
type ExternalID struct {
	identity.Sighting
	Collection Collection
}

// Collection says what a profile is of.
type Collection string

// Collections, as Segment calls them.
const (
	Users    Collection = "users"
	Accounts Collection = "accounts"
)

// GroupID is the type of the one identifier that accounts have.
const GroupID identity.Type = "group_id"

// Profile is one person or one account.
type Profile struct {
	Collection Collection
	// Key is what the event store knows a person by, or the id of an account. Empty for a person with neither a user
	// id nor an anonymous id.
	Key string

	subject
	profiles *Profiles
}

// subject is what differs between persons and accounts.
type subject interface {
	// traits are in order of name.
	traits(ctx context.Context) ([]Trait, error)
	// externalIDs are in the order in which they were first seen, at least one.
	externalIDs(ctx context.Context) ([]ExternalID, error)
	// links are of at most limit.
	links(ctx context.Context, limit int) ([]Link, error)
	// is holds for what belongs to it; without values nothing can.
	is() query.Condition
}

// Find returns the profile that an identifier names, whatever the case of its letters, or ErrNotFound. An e-mail address
// finds its pseudonym too.
func (p *Profiles) Find(ctx context.Context, c Collection, i identity.Identifier) (*Profile, error) {
	out, err := p.find(ctx, c, i)
	if stored := p.config.Stored(i.Value); errors.Is(err, ErrNotFound) && stored != i.Value {
		return p.find(ctx, c, identity.Identifier{Type: i.Type, Value: stored})
	}
	return out, err
}

func (p *Profiles) find(ctx context.Context, c Collection, i identity.Identifier) (*Profile, error) {
	if c == Accounts {
		return p.findAccount(ctx, i)
	}
	sub, err := p.config.Profiles.Find(ctx, i)
	if err != nil {
		return nil, found(err)
	}
	return p.of(sub), nil
}

func (p *Profiles) of(sub profilestore.Subject) *Profile {
	return &Profile{Collection: Users, Key: sub.Person, subject: &person{sub, p}, profiles: p}
}

// Person returns the profile of the person that a user id, else an anonymous id, names in just these letters, else
// that of an identifier written as type:value, or ErrNotFound.
func (p *Profiles) Person(ctx context.Context, id string) (*Profile, error) {
	for _, t := range []identity.Type{identity.User, identity.Anonymous} {
		sub, err := p.config.Profiles.Find(ctx, identity.Identifier{Type: t, Value: id})
		switch {
		case err == nil && sub.Value == id:
			return p.of(sub), nil
		case err != nil && !errors.Is(err, profilestore.ErrNotFound):
			return nil, err
		}
	}
	if i, ok := identity.ParseRef(id); ok {
		return p.Find(ctx, Users, i)
	}
	return nil, fmt.Errorf("person %q: %w", id, ErrNotFound)
}

// found says in this package's words that something was not found.
func found(err error) error {
	if errors.Is(err, profilestore.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// Traits returns all, in order of name.
func (p *Profile) Traits(ctx context.Context) ([]Trait, error) { return p.traits(ctx) }

// ExternalIDs returns all, the first seen first.
func (p *Profile) ExternalIDs(ctx context.Context) ([]ExternalID, error) { return p.externalIDs(ctx) }

// Link is a profile that another is linked with: the accounts of a person, the people of an account.
type Link struct {
	To  Collection
	IDs []ExternalID
}

// MaxLinks bounds the links that are answered.
const MaxLinks = 20

// ExternalID returns the identifier of the profile that is meant by one, as by [Profiles.Find], and whether there is
// one.
func (p *Profile) ExternalID(ctx context.Context, i identity.Identifier) (ExternalID, bool, error) {
	all, err := p.ExternalIDs(ctx)
	if err != nil {
		return ExternalID{}, false, err
	}
	stored := p.profiles.config.Stored(i.Value)
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, x := range all {
			if x.Type == i.Type && (same(x.Value, i.Value) || same(x.Value, stored)) {
				return x, true, nil
			}
		}
	}
	return ExternalID{}, false, nil
}

// Links returns at most limit, and at most MaxLinks.
func (p *Profile) Links(ctx context.Context, limit int) ([]Link, error) {
	return p.links(ctx, min(limit, MaxLinks))
}

// Detach takes an identifier off the profile's person, for good until it is undone: it names nobody else from then
// on. by says who decided.
func (p *Profile) Detach(ctx context.Context, by string, i identity.Identifier) error {
	return p.profiles.config.Detach(ctx, by, i)
}
