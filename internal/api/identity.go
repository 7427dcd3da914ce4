package api

import (
	"context"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/query"
)

// Identity says which ids are the same person, and takes what people decide of it. Of what is decided figures
// follow before a method returns, but for calls that are just being stored.
type Identity interface {
	// Graph returns what is known of the person of a user id or an anonymous id; ErrNotFound, or ErrInvalid for an
	// id that names nobody.
	Graph(ctx context.Context, id string) (IdentityGraph, error)
	// PreviewMerge says what merging the persons of two ids would come to; as Merge, it changes nothing.
	PreviewMerge(ctx context.Context, a, b string) (MergePreview, error)
	// Merge makes the persons of two ids one; ErrNotFound, or ErrInvalid if they cannot be.
	Merge(ctx context.Context, by, a, b string) (Merged, error)
	// PreviewDetach says what detaching an id would come to; as Detach, it changes nothing.
	PreviewDetach(ctx context.Context, id identity.Identifier) (DetachPreview, error)
	// Detach decides that an id names nobody else; ErrNotFound, or ErrInvalid if it is blocked or was detached before.
	Detach(ctx context.Context, by string, id identity.Identifier) (identity.Decision, error)
	// Undo takes a merge back, a detaching, or an undoing; ErrNotFound, or ErrInvalid if it is undone already.
	Undo(ctx context.Context, by, id string) (identity.Decision, error)
	// Rules returns the rules, and how far people are by them.
	Rules(ctx context.Context) (IdentityRules, error)
	// SetRules changes the rules; ErrInvalid says what is wrong with them.
	SetRules(ctx context.Context, r identity.Rules) error
	// Flags returns ids that link nothing: those flagged, and those blocked, the latest seen first.
	Flags(ctx context.Context, limit int) ([]IdentityFlag, error)
	// Accounts returns accounts after one, in order of id, at most limit.
	Accounts(ctx context.Context, after string, limit int) ([]Account, error)
	// Account returns one with its members after one, in order of their ids, at most limit; ErrNotFound.
	Account(ctx context.Context, id, after string, limit int) (AccountDetail, error)
}

// IdentifiedPerson is a person and the ids that are theirs.
type IdentifiedPerson struct {
	Person      string           `json:"person"`
	Identifiers []SeenIdentifier `json:"identifiers"` // in order of priority, then of when they were first seen
}

// SeenIdentifier is an id of a person.
type SeenIdentifier struct {
	identity.Sighting
	State identity.State `json:"state,omitempty"` // why it links nothing
}

// IdentityGraph is what is known of a person's ids.
type IdentityGraph struct {
	IdentifiedPerson
	// Links are what made the ids one person, in the order in which they were made.
	Links []IdentityLink `json:"links"`
	// Refused are claims that link nothing, each with the reason.
	Refused   []RefusedLink       `json:"refused"`
	Flags     []identity.Flag     `json:"flags"`
	Decisions []identity.Decision `json:"decisions"`
}

// IdentityLink is one link: of a call that named both ids, or of a decision.
type IdentityLink struct {
	ID       string              `json:"id"` // what undo takes
	A        identity.Identifier `json:"a"`
	B        identity.Identifier `json:"b"`
	At       time.Time           `json:"at"`
	Event    string              `json:"event,omitempty"` // of the call
	Source   string              `json:"source,omitempty"`
	Alias    bool                `json:"alias"`
	Decision bool                `json:"decision"`
	// Merge says that both sides were there before; else the call named one of them first.
	Merge bool `json:"merge"`
}

// RefusedLink is a claim that links nothing.
type RefusedLink struct {
	IdentityLink
	Reason identity.Reason `json:"reason"`
	Type   identity.Type   `json:"type,omitempty"` // whose limit
}

// MergePreview is what a merge would come to.
type MergePreview struct {
	A      IdentifiedPerson `json:"a"`
	B      IdentifiedPerson `json:"b"`
	Merged IdentifiedPerson `json:"merged"`
	// Exceeded are rules of types of which the person would have more than calls may give.
	Exceeded []identity.TypeRule `json:"exceeded"`
	// Conflicts are traits that both have, with another value; the later counts.
	Conflicts []TraitConflict `json:"conflicts"`
}

// TraitConflict is a trait that two persons have.
type TraitConflict struct {
	A PersonTrait `json:"a"`
	B PersonTrait `json:"b"`
}

// PersonTrait is what a person or account was last said to be, and by which call.
type PersonTrait struct {
	Name   string    `json:"name"`
	Value  any       `json:"value"`
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	Source string    `json:"source"`
}

// DetachPreview is what detaching an id would come to.
type DetachPreview struct {
	Before   IdentifiedPerson   `json:"before"`
	Detached IdentifiedPerson   `json:"detached"`
	Rest     []IdentifiedPerson `json:"rest"` // who the other ids would be
}

// Merged is what became of a merge.
type Merged struct {
	ID string `json:"id"` // what undo takes
	IdentityGraph
}

// IdentityRules are rules, and how far people are by them.
type IdentityRules struct {
	identity.Rules
	// Waiting is how many ids are to be looked at. Rows is how many of those stored before were taken up, of Total.
	Waiting int64 `json:"waiting"`
	Rows    int64 `json:"rows"`
	Total   int64 `json:"total"`
}

// IdentityFlag is an id that links nothing.
type IdentityFlag struct {
	identity.Sighting
	State identity.State `json:"state"`
	// Flag says why one is flagged; null for what is blocked.
	Flag *identity.Flag `json:"flag"`
}

// Account is a group of people.
type Account struct {
	ID          string    `json:"id"`
	FirstAt     time.Time `json:"first_at"`
	FirstEvent  string    `json:"first_event"`
	FirstSource string    `json:"first_source"`
	Members     int64     `json:"members"` // persons
}

// AccountDetail is an account with what is known of it.
type AccountDetail struct {
	Account
	Traits []PersonTrait `json:"traits"`
	People []string      `json:"people"` // some of its members
	// Names are what those of People are called of whom it is known.
	Names map[string]string `json:"names"`
	Next  *string           `json:"next"`
}

func (s *server) getIdentity(c *call) error {
	return get(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (IdentityGraph, error) {
		return i.Graph(ctx, c.r.PathValue("id"))
	})
}

// pair is the body of a merge.
type pair struct {
	A string `json:"a"`
	B string `json:"b"`
}

func (s *server) previewMerge(c *call) error {
	var body pair
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (MergePreview, error) {
		return i.PreviewMerge(ctx, body.A, body.B)
	})
}

func (s *server) mergePeople(c *call) error {
	var body pair
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	by, err := s.by(c)
	if err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Identity, func(i Identity, ctx context.Context) (Merged, error) {
		return i.Merge(ctx, by, body.A, body.B)
	})
}

func (s *server) previewDetach(c *call) error {
	var body identity.Identifier
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (DetachPreview, error) {
		return i.PreviewDetach(ctx, body)
	})
}

func (s *server) detachID(c *call) error {
	var body identity.Identifier
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	by, err := s.by(c)
	if err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Identity, func(i Identity, ctx context.Context) (identity.Decision, error) {
		return i.Detach(ctx, by, body)
	})
}

func (s *server) undoMerge(c *call) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	return get(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (identity.Decision, error) {
		return i.Undo(ctx, by, c.r.PathValue("id"))
	})
}

// by names who decides.
func (s *server) by(c *call) (string, error) {
	if s.Me == nil {
		return "", nil
	}
	me, err := s.Me(c.r)
	return me.Name, err
}

func (s *server) getIdentityRules(c *call) error {
	return get(c, http.StatusOK, s.Identity, Identity.Rules)
}

func (s *server) putIdentityRules(c *call) error {
	var body identity.Rules
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (IdentityRules, error) {
		if err := i.SetRules(ctx, body); err != nil {
			return IdentityRules{}, err
		}
		return i.Rules(ctx)
	})
}

func (s *server) listIdentityFlags(c *call) error {
	limit := c.number("limit", query.DefaultPage, maxFlags)
	return list(c, "flags", s.Identity, func(i Identity, ctx context.Context) ([]IdentityFlag, error) {
		return i.Flags(ctx, limit)
	})
}

// maxFlags bounds the flags of one answer, which each cost a look at their claims.
const maxFlags = 200

func (s *server) listAccounts(c *call) error {
	after, limit := c.text("after"), c.number("limit", query.DefaultPage, maxPage)
	return get(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (any, error) {
		all, err := i.Accounts(ctx, after, limit)
		next := ""
		if err == nil && len(all) == limit {
			next = all[limit-1].ID
		}
		return struct {
			Accounts []Account `json:"accounts"`
			Next     *string   `json:"next"`
		}{append([]Account{}, all...), orNull(next)}, err
	})
}

func (s *server) getAccount(c *call) error {
	after, limit := c.text("after"), c.number("limit", query.DefaultPage, maxPage)
	return get(c, http.StatusOK, s.Identity, func(i Identity, ctx context.Context) (AccountDetail, error) {
		return i.Account(ctx, c.r.PathValue("id"), after, limit)
	})
}
