package api

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/trait"
)

// ComputedKind says which of two things that are computed of people is meant.
type ComputedKind string

// The kinds. Traits by SQL are traits.
const (
	TraitKind    ComputedKind = "trait"
	AudienceKind ComputedKind = "audience"
)

// Computations are what is computed of people: traits and audiences. Their keys are one namespace, but who asks for
// one kind does not find the other.
type Computations interface {
	// List returns all of a kind by key, with how far they are.
	List(ctx context.Context, kind ComputedKind) ([]Computed, error)
	// Get returns one with how far it is, or ErrNotFound.
	Get(ctx context.Context, kind ComputedKind, key string) (Computed, error)
	// Create adds one; ErrInvalid, or ErrConflict if a key of it is taken. It is computed in the background.
	Create(ctx context.Context, c Computed) (Computed, error)
	// Put replaces all but id and kind of the one with c's key; ErrNotFound, ErrInvalid or ErrConflict.
	Put(ctx context.Context, c Computed) (Computed, error)
	// Delete removes one; everybody loses its values in the background.
	Delete(ctx context.Context, kind ComputedKind, key string) error
	// Rebuild computes one anew for everybody, in the background, and returns it as it is then.
	Rebuild(ctx context.Context, kind ComputedKind, key string) (Computed, error)
	// Preview computes one for the people seen last, at most so many, and stores nothing.
	Preview(ctx context.Context, c Computed, people int) (ComputedPreview, error)
	// Templates are definitions that are useful as they are.
	Templates(ctx context.Context, kind ComputedKind) ([]Computed, error)
	// Values returns the values that most people have of a trait, at most limit; of traits by SQL, of a column.
	Values(ctx context.Context, key, column string, limit int) (TraitValues, error)
	// Members returns who is in an audience, in order of person after one, at most limit.
	Members(ctx context.Context, key, after string, limit int) (AudienceMembers, error)
	// People streams everybody who has a value of a trait, of traits by SQL of a column, or is in an audience, in order
	// of person, each with the values of some traits, sent or computed.
	People(ctx context.Context, kind ComputedKind, key, column string, traits []string) iter.Seq2[*ComputedMember, error]
}

// Computed is a trait or an audience. Exactly one of Definition, SQL and Rule is set.
type Computed struct {
	ID      string `json:"id,omitempty"` // none of templates
	Key     string `json:"key"`
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Enabled bool   `json:"enabled"`
	Emit    string `json:"emit"` // identify track none
	// Destinations are the ids of those that are told of changes; none: all.
	Destinations []string          `json:"destinations"`
	Definition   *trait.Definition `json:"definition,omitempty"`
	SQL          *SQLTraits        `json:"sql,omitempty"`
	Rule         *audience.Rule    `json:"rule,omitempty"`
	Status       *ComputedStatus   `json:"status,omitempty"` // none of templates
	CreatedAt    time.Time         `json:"created_at,omitzero"`
	UpdatedAt    time.Time         `json:"updated_at,omitzero"`
}

// SQLTraits are traits by a statement: each of its columns but the id is one.
type SQLTraits struct {
	Statement string   `json:"statement"`
	Every     string   `json:"every"`   // hour day
	Columns   []string `json:"columns"` // as the statement answers them
}

// ComputedStatus is how far one is.
type ComputedStatus struct {
	State  string `json:"state"` // Preparing Computing Live Disabled Failed
	Reason string `json:"reason,omitempty"`
	People int64  `json:"people"`
	// Pass is under way through everybody; absent: none.
	Pass       *ComputedPass `json:"pass,omitempty"`
	ComputedAt time.Time     `json:"computed_at,omitzero"`
	NextAt     time.Time     `json:"next_at,omitzero"`
}

// ComputedPass is how far a pass through everybody is, in ids of people.
type ComputedPass struct {
	Looked  int64     `json:"looked"`
	Total   int64     `json:"total"`
	BeganAt time.Time `json:"began_at"`
}

// ComputedPreview is what a definition would come to.
type ComputedPreview struct {
	Looked   int              `json:"looked"`
	Complete bool             `json:"complete"` // all people were looked at
	Size     int              `json:"size"`
	Columns  []string         `json:"columns"`
	Sample   []ComputedPerson `json:"sample"`
}

// ComputedPerson is what a person would have, by key.
type ComputedPerson struct {
	Person string                     `json:"person"`
	Values map[string]json.RawMessage `json:"values"`
}

// TraitValues are the values that people have of a trait; the elements of lists count by themselves.
type TraitValues struct {
	Key       string        `json:"key"`
	People    int64         `json:"people"`
	Different int64         `json:"different"`
	Numbers   *TraitNumbers `json:"numbers"` // null: no value is a number
	Values    []TraitValue  `json:"values"`
}

// TraitNumbers are what the numbers among the values are like.
type TraitNumbers struct {
	People int64   `json:"people"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Mean   float64 `json:"mean"`
}

// TraitValue is how many people have a value.
type TraitValue struct {
	Value  json.RawMessage `json:"value"`
	People int64           `json:"people"`
}

// AudienceMembers is a page of members.
type AudienceMembers struct {
	Members []AudienceMember `json:"members"`
	Next    *string          `json:"next"`
	Total   int64            `json:"total"`
}

// AudienceMember is one, and since when.
type AudienceMember struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	Since  time.Time `json:"since"`
}

// computed are the endpoints of one kind.
type computed struct {
	*server
	kind ComputedKind
}

// plural is what lists of a kind are called.
func (k ComputedKind) plural() string { return string(k) + "s" }

func (k computed) list(c *call) error {
	return list(c, k.kind.plural(), k.Computations, func(p Computations, ctx context.Context) ([]Computed, error) { return p.List(ctx, k.kind) })
}

func (k computed) templates(c *call) error {
	return list(c, "templates", k.Computations, func(p Computations, ctx context.Context) ([]Computed, error) { return p.Templates(ctx, k.kind) })
}

func (k computed) get(c *call) error {
	return get(c, http.StatusOK, k.Computations, func(p Computations, ctx context.Context) (Computed, error) {
		return p.Get(ctx, k.kind, c.r.PathValue("key"))
	})
}

// computedBody is a definition as it is sent; what is not given is left, or a default.
type computedBody struct {
	Key          string            `json:"key"`
	Name         *string           `json:"name"`
	Doc          *string           `json:"doc"`
	Enabled      *bool             `json:"enabled"`
	Emit         *string           `json:"emit"`
	Destinations *[]string         `json:"destinations"`
	Definition   *trait.Definition `json:"definition"`
	SQL          *SQLTraits        `json:"sql"`
	Rule         *audience.Rule    `json:"rule"`
}

// into puts what is given into a definition of a kind.
func (b *computedBody) into(c *Computed, kind ComputedKind) error {
	replace(&c.Name, b.Name)
	replace(&c.Doc, b.Doc)
	replace(&c.Enabled, b.Enabled)
	replace(&c.Emit, b.Emit)
	replace(&c.Destinations, b.Destinations)
	parts := 0
	if b.Definition != nil {
		c.Definition, parts = b.Definition, parts+1
	}
	if b.SQL != nil {
		c.SQL, parts = b.SQL, parts+1
	}
	if b.Rule != nil {
		c.Rule, parts = b.Rule, parts+1
	}
	switch {
	case kind == AudienceKind && (b.Definition != nil || b.SQL != nil), kind == TraitKind && b.Rule != nil:
		return &bodyError{"a trait has a definition or sql, an audience has a rule"}
	case parts > 1 || c.Definition != nil && c.SQL != nil:
		return &bodyError{"a trait has a definition or sql, and stays what it is"}
	case utf8.RuneCountInString(c.Name) > maxName:
		return checkName(c.Name)
	}
	return nil
}

// readNew reads a definition that is to be one.
func (k computed) readNew(b *computedBody) (Computed, error) {
	made := Computed{Key: b.Key, Enabled: true, Emit: "identify"}
	if err := b.into(&made, k.kind); err != nil {
		return made, err
	}
	if made.Definition == nil && made.SQL == nil && made.Rule == nil {
		return made, &bodyError{map[ComputedKind]string{TraitKind: "say a definition or sql", AudienceKind: "say a rule"}[k.kind]}
	}
	return made, nil
}

func (k computed) create(c *call) error {
	var b computedBody
	if err := c.bodyAlone(&b, false); err != nil {
		return err
	}
	made, err := k.readNew(&b)
	if err != nil {
		return err
	}
	if err := checkName(made.Name); err != nil {
		return err
	}
	return ask(c, http.StatusCreated, k.Computations, func(p Computations, ctx context.Context) (Computed, error) {
		out, err := p.Create(ctx, made)
		return out, k.located(err, &made)
	})
}

func (k computed) update(c *call) error {
	var b computedBody
	if err := c.bodyAlone(&b, false); err != nil {
		return err
	}
	key := c.r.PathValue("key")
	if b.Key != "" && b.Key != key {
		return &bodyError{fmt.Sprintf("key %q is not the key in the path; a key stays what it is", b.Key)}
	}
	return ask(c, http.StatusOK, k.Computations, func(p Computations, ctx context.Context) (Computed, error) {
		one, err := p.Get(ctx, k.kind, key)
		if err != nil {
			return one, err
		}
		if err := b.into(&one, k.kind); err != nil {
			return one, err
		}
		if err := checkName(one.Name); err != nil {
			return one, err
		}
		out, err := p.Put(ctx, one)
		return out, k.located(err, &one)
	})
}

// located says where in a statement a mistake is.
func (k computed) located(err error, c *Computed) error {
	if err != nil && c.SQL != nil {
		return located(err, c.SQL.Statement)
	}
	return err
}

func (k computed) remove(c *call) error {
	return remove(c, k.Computations, func(p Computations, ctx context.Context, key string) error { return p.Delete(ctx, k.kind, key) }, c.r.PathValue("key"))
}

func (k computed) rebuild(c *call) error {
	return get(c, http.StatusAccepted, k.Computations, func(p Computations, ctx context.Context) (Computed, error) {
		return p.Rebuild(ctx, k.kind, c.r.PathValue("key"))
	})
}

// How many people a preview looks at.
const (
	defaultPreview = 1000
	maxPreview     = 10_000
)

func (k computed) preview(c *call) error {
	b := struct {
		computedBody
		People int `json:"people"`
	}{People: defaultPreview}
	if err := c.bodyAlone(&b, false); err != nil {
		return err
	}
	if b.People < 1 || b.People > maxPreview {
		return &bodyError{fmt.Sprintf("people is from 1 to %d", maxPreview)}
	}
	made, err := k.readNew(&b.computedBody)
	if err != nil {
		return err
	}
	return ask(c, http.StatusOK, k.Computations, func(p Computations, ctx context.Context) (ComputedPreview, error) {
		out, err := p.Preview(ctx, made, b.People)
		return out, k.located(err, &made)
	})
}

func (k computed) values(c *call) error {
	column, limit := c.text("column"), c.number("limit", 50, 1000)
	return get(c, http.StatusOK, k.Computations, func(p Computations, ctx context.Context) (TraitValues, error) {
		return p.Values(ctx, c.r.PathValue("key"), column, limit)
	})
}
