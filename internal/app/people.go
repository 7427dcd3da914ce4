package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/people"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// profilesName is the file of the profile store in the directory of a workspace.
const profilesName = "profiles.sqlite"

// openProfileStore opens what is kept of people.
func (a *App) openProfileStore(ctx context.Context, dir string) error {
	profiles, err := profilestore.Open(ctx, filepath.Join(dir, profilesName))
	if err != nil {
		return err
	}
	a.parts.opened("profiles", profiles.Close)
	a.profiles = profiles
	return nil
}

// openPeople opens what knows who is who.
func (a *App) openPeople(ctx context.Context) (err error) {
	a.people, err = people.Open(ctx, people.Config{Store: a.store, Profiles: a.profiles, Touched: func([]string) { a.compute.Wake() }, Decided: a.analysis.Revisit, Metrics: a.metrics, Logger: a.cfg.Log})
	if err != nil {
		return fmt.Errorf("open people: %w", err)
	}
	return nil
}

// identityOf are people in the words of the API.
type identityOf struct {
	people   *people.People
	profiles *profilestore.Store
}

var _ api.Identity = identityOf{}

// Graph returns what is known of a person's ids.
func (i identityOf) Graph(ctx context.Context, id string) (api.IdentityGraph, error) {
	g, err := i.people.Graph(ctx, id)
	if err != nil {
		return api.IdentityGraph{}, peopleError(err)
	}
	return graphOf(g), nil
}

func graphOf(g *people.Graph) api.IdentityGraph {
	out := api.IdentityGraph{IdentifiedPerson: personOf(&g.Person, g.States), Links: []api.IdentityLink{}, Refused: []api.RefusedLink{},
		Flags: append([]identity.Flag{}, g.Flags...), Decisions: append([]identity.Decision{}, g.Decisions...)}
	for _, j := range g.Person.Joins {
		l := linkOf(j.Claim)
		if l.Merge = j.Merge; j.Decision != "" {
			l.ID, l.Decision = j.Decision, true
		}
		out.Links = append(out.Links, l)
	}
	for _, r := range g.Refused {
		out.Refused = append(out.Refused, api.RefusedLink{IdentityLink: linkOf(r.Claim), Reason: r.Reason, Type: r.Type})
	}
	return out
}

func linkOf(c identity.Claim) api.IdentityLink {
	return api.IdentityLink{ID: c.ID, A: c.A, B: c.B, At: c.At, Event: c.Event, Source: c.Source, Alias: c.Basis == identity.ByAlias}
}

func personOf(p *identity.Person, states map[identity.Identifier]identity.State) api.IdentifiedPerson {
	out := api.IdentifiedPerson{Person: p.Key.Value, Identifiers: []api.SeenIdentifier{}}
	for _, s := range p.Identifiers {
		out.Identifiers = append(out.Identifiers, api.SeenIdentifier{Sighting: s, State: states[s.Identifier]})
	}
	return out
}

// PreviewMerge says what a merge would come to.
func (i identityOf) PreviewMerge(ctx context.Context, a, b string) (api.MergePreview, error) {
	p, err := i.people.Preview(ctx, a, b)
	if err != nil {
		return api.MergePreview{}, peopleError(err)
	}
	out := api.MergePreview{A: personOf(&p.A, nil), B: personOf(&p.B, nil), Merged: personOf(&p.Merged, nil),
		Exceeded: append([]identity.TypeRule{}, p.Exceeded...), Conflicts: []api.TraitConflict{}}
	for _, c := range p.Conflicts {
		out.Conflicts = append(out.Conflicts, api.TraitConflict{A: traitOf(c.A), B: traitOf(c.B)})
	}
	return out, nil
}

func traitOf(t profilestore.Trait) api.PersonTrait {
	return api.PersonTrait{Name: t.Name, Value: json.RawMessage(t.Value), At: t.At, Event: t.Event, Source: t.Source}
}

// Merge makes two persons one.
func (i identityOf) Merge(ctx context.Context, by, a, b string) (api.Merged, error) {
	d, g, err := i.people.Merge(ctx, by, a, b)
	if err != nil {
		return api.Merged{}, peopleError(err)
	}
	return api.Merged{ID: d.ID, IdentityGraph: graphOf(g)}, nil
}

// PreviewDetach says what detaching an id would come to.
func (i identityOf) PreviewDetach(ctx context.Context, id identity.Identifier) (api.DetachPreview, error) {
	p, err := i.people.PreviewDetach(ctx, id)
	if err != nil {
		return api.DetachPreview{}, peopleError(err)
	}
	out := api.DetachPreview{Before: personOf(&p.Before, nil), Detached: personOf(&p.Detached, nil), Rest: []api.IdentifiedPerson{}}
	for n := range p.Rest {
		out.Rest = append(out.Rest, personOf(&p.Rest[n], nil))
	}
	return out, nil
}

// Detach takes an id off its person.
func (i identityOf) Detach(ctx context.Context, by string, id identity.Identifier) (identity.Decision, error) {
	d, err := i.people.Detach(ctx, by, id)
	return d, peopleError(err)
}

// Undo takes a merge back.
func (i identityOf) Undo(ctx context.Context, by, id string) (identity.Decision, error) {
	d, err := i.people.Undo(ctx, by, id)
	return d, peopleError(err)
}

// Rules returns the rules.
func (i identityOf) Rules(ctx context.Context) (api.IdentityRules, error) {
	p, err := i.people.Progress(ctx)
	return api.IdentityRules{Rules: i.people.Rules(), Waiting: p.Waiting, Rows: p.Rows, Total: p.Total}, err
}

// SetRules changes the rules.
func (i identityOf) SetRules(ctx context.Context, r identity.Rules) error {
	return peopleError(i.people.SetRules(ctx, r))
}

// Flags returns ids that link nothing.
func (i identityOf) Flags(ctx context.Context, limit int) ([]api.IdentityFlag, error) {
	all, err := i.people.Flags(ctx, limit)
	out := make([]api.IdentityFlag, len(all))
	for n, f := range all {
		out[n] = api.IdentityFlag(f)
	}
	return out, err
}

// Accounts returns some accounts.
func (i identityOf) Accounts(ctx context.Context, after string, limit int) ([]api.Account, error) {
	all, err := i.profiles.Accounts(ctx, after, limit)
	out := make([]api.Account, len(all))
	for n, a := range all {
		out[n] = accountOf(a)
	}
	return out, err
}

func accountOf(a profilestore.Account) api.Account {
	return api.Account{ID: a.ID, FirstAt: a.FirstAt, FirstEvent: a.Event, FirstSource: a.Source, Members: a.Members}
}

// Account returns one with some of its members.
func (i identityOf) Account(ctx context.Context, id, after string, limit int) (api.AccountDetail, error) {
	a, err := i.profiles.Account(ctx, id)
	if err != nil {
		return api.AccountDetail{}, peopleError(err)
	}
	out := api.AccountDetail{Account: accountOf(a), Traits: []api.PersonTrait{}}
	traits, err := i.profiles.AccountTraits(ctx, id)
	if err != nil {
		return out, err
	}
	for _, t := range traits {
		out.Traits = append(out.Traits, traitOf(t))
	}
	if out.People, err = i.profiles.AccountMembers(ctx, id, after, limit); err != nil {
		return out, err
	}
	if len(out.People) == limit {
		out.Next = &out.People[limit-1]
	}
	out.Names, err = i.profiles.Names(ctx, out.People)
	return out, err
}

func peopleError(err error) error {
	switch {
	case errors.Is(err, people.ErrNotFound), errors.Is(err, profilestore.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, people.ErrInvalid):
		text := strings.TrimPrefix(err.Error(), people.ErrInvalid.Error()+": ")
		return fmt.Errorf("%w: %s", api.ErrInvalid, strings.ReplaceAll(text, "\n", "; "))
	}
	return err
}
