package profile

import (
	"context"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

// person is the profile of a person.
type person struct {
	sub      profilestore.Subject
	profiles *Profiles
}

// traits are those that were sent and those that are computed; where both have a name, the later counts.
func (p *person) traits(ctx context.Context) ([]Trait, error) {
	sent, err := p.profiles.config.Profiles.TraitsOf(ctx, p.sub)
	if err != nil {
		return nil, err
	}
	all := traitsOf(sent)
	if p.profiles.config.Computed == nil || p.sub.Person == "" {
		return all, nil
	}
	computed, err := p.profiles.config.Computed(ctx, p.sub.Person)
	if err != nil {
		return nil, err
	}
	all = append(all, computed...)
	slices.SortStableFunc(all, func(a, b Trait) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return b.At.Compare(a.At)
	})
	return slices.CompactFunc(all, func(a, b Trait) bool { return a.Name == b.Name }), nil
}

func traitsOf(sent []profilestore.Trait) []Trait {
	all := make([]Trait, len(sent))
	for n, t := range sent {
		all[n] = Trait{Name: t.Name, Value: t.Value, Source: t.Source, At: t.At}
	}
	return all
}

func (p *person) externalIDs(ctx context.Context) ([]ExternalID, error) {
	seen, err := p.profiles.config.Profiles.IdentifiersOf(ctx, p.sub)
	if err != nil {
		return nil, err
	}
	all := make([]ExternalID, len(seen))
	for n, s := range seen {
		all[n] = ExternalID{s, Users}
	}
	return all, nil
}

// links are the accounts that the person is a member of, the one named last first.
func (p *person) links(ctx context.Context, limit int) ([]Link, error) {
	accounts, err := p.accounts(ctx)
	if err != nil {
		return nil, err
	}
	out := []Link{}
	for _, id := range accounts[:min(limit, len(accounts))] {
		a, err := p.profiles.config.Profiles.Account(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, Link{Accounts, []ExternalID{accountID(a)}})
	}
	return out, nil
}

// accounts are the ids of the accounts that the person is a member of, the one named last first.
func (p *person) accounts(ctx context.Context) ([]string, error) {
	seen, err := p.profiles.config.Profiles.IdentifiersOf(ctx, p.sub)
	if err != nil {
		return nil, err
	}
	ids := make([]identity.Identifier, len(seen))
	for n, s := range seen {
		ids[n] = s.Identifier
	}
	return p.profiles.config.Profiles.AccountsOf(ctx, ids)
}

func (p *person) is() query.Condition {
	is := query.Condition{Field: "person", Cmp: query.Eq}
	if p.sub.Person != "" {
		is.Values = []string{p.sub.Person}
	}
	return is
}
