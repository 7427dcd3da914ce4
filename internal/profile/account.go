package profile

import (
	"context"
	"errors"
	"fmt"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

// account is the profile of a group of people.
type account struct {
	profilestore.Account
	profiles *Profiles
}

func (p *Profiles) findAccount(ctx context.Context, i identity.Identifier) (*Profile, error) {
	if i.Type != GroupID {
		return nil, fmt.Errorf("account by %s: %w", i.Type, ErrNotFound)
	}
	a, err := p.config.Profiles.Account(ctx, i.Value)
	if err != nil {
		return nil, found(err)
	}
	return &Profile{Collection: Accounts, Key: a.ID, subject: &account{a, p}, profiles: p}, nil
}

// accountID is the one identifier of an account.
func accountID(a profilestore.Account) ExternalID {
	return ExternalID{identity.Sighting{Identifier: identity.Identifier{Type: GroupID, Value: a.ID}, At: a.FirstAt, Event: a.Event, Source: a.Source}, Accounts}
}

func (a *account) traits(ctx context.Context) ([]Trait, error) {
	sent, err := a.profiles.config.Profiles.AccountTraits(ctx, a.ID)
	return traitsOf(sent), err
}

func (a *account) externalIDs(context.Context) ([]ExternalID, error) {
	return []ExternalID{accountID(a.Account)}, nil
}

// links are the people of the account.
func (a *account) links(ctx context.Context, limit int) ([]Link, error) {
	keys, err := a.profiles.config.Profiles.AccountMembers(ctx, a.ID, "", limit)
	if err != nil {
		return nil, err
	}
	out := []Link{}
	for _, key := range keys {
		member, err := a.profiles.Person(ctx, key)
		if errors.Is(err, ErrNotFound) {
			continue // its id is blocked by now
		}
		if err != nil {
			return nil, err
		}
		ids, err := member.ExternalIDs(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, Link{Users, ids})
	}
	return out, nil
}

func (a *account) is() query.Condition {
	return query.Condition{Field: "group_id", Cmp: query.Eq, Values: []string{a.ID}}
}
