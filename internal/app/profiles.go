package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/compute"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/profile/profileapi"
)

// openProfiles puts together what puts people together.
func (a *App) openProfiles() (err error) {
	s := settings{store: a.meta, workspace: metastore.DefaultWorkspace}
	a.together, err = profile.New(profile.Config{
		Profiles: a.profiles, Store: a.store,
		Insight:  &insight.Insight{Store: a.store, Conversions: s, Namer: &topicsOf{topics: a.topics}},
		Computed: a.computedOf,
		Stored:   func(id string) string { return a.redactor.ID("", id) },
		Detach: func(ctx context.Context, by string, i identity.Identifier) error {
			_, err := a.people.Detach(ctx, by, i)
			return err
		},
	})
	return err
}

// computedOf returns what is computed of a person.
func (a *App) computedOf(ctx context.Context, person string) ([]profile.Trait, error) {
	values, err := a.profiles.ComputedOfOne(ctx, person)
	if err != nil || len(values) == 0 {
		return nil, err
	}
	keys := make([]string, len(values))
	for n, v := range values {
		keys[n] = v.Key
	}
	origins, err := a.meta.Origins(ctx, metastore.DefaultWorkspace, keys)
	if err != nil {
		return nil, err
	}
	out := make([]profile.Trait, len(values))
	for n, v := range values {
		o := origins[v.Key]
		out[n] = profile.Trait{Name: v.Key, Class: profile.Computed, Value: v.Value, At: v.Updated, Source: o.ID}
		if o.Kind == string(compute.Audience) {
			out[n].Class = profile.Audience
		}
	}
	return out, nil
}

// profilesOf are profiles in the words of the API.
type profilesOf struct{ *profile.Profiles }

var _ api.Profiles = profilesOf{}

// Profile puts a person together.
func (p profilesOf) Profile(ctx context.Context, id string) (api.PersonProfile, error) {
	one, err := p.Person(ctx, id)
	if errors.Is(err, profile.ErrNotFound) {
		return api.PersonProfile{}, fmt.Errorf("person %q: %w", id, api.ErrNotFound)
	}
	if err != nil {
		return api.PersonProfile{}, err
	}
	traits, err := one.Traits(ctx)
	if err != nil {
		return api.PersonProfile{}, err
	}
	ids, err := one.ExternalIDs(ctx)
	if err != nil {
		return api.PersonProfile{}, err
	}
	out := api.PersonProfile{Person: one.Key, Traits: profileTraits(traits, profile.Sent), Computed: profileTraits(traits, profile.Computed),
		Audiences: profileTraits(traits, profile.Audience), ExternalIDs: []identity.Sighting{}}
	for _, x := range ids {
		out.ExternalIDs = append(out.ExternalIDs, x.Sighting)
	}
	out.Accounts, err = p.accounts(ctx, one)
	return out, err
}

// Named returns people by an id or a name.
func (p profilesOf) Named(ctx context.Context, id, name string) ([]api.NamedPerson, error) {
	all, err := p.Profiles.Named(ctx, id, name)
	out := make([]api.NamedPerson, len(all))
	for n, m := range all {
		out[n] = api.NamedPerson{Identifier: m.Identifier, ID: m.ID, Name: m.Name}
	}
	return out, err
}

// profileTraits are those of a class.
func profileTraits(all []profile.Trait, class profile.Class) []api.ProfileTrait {
	out := []api.ProfileTrait{}
	for _, t := range all {
		if t.Class == class {
			out = append(out, api.ProfileTrait{Name: t.Name, Value: t.Value, Source: t.Source, At: t.At})
		}
	}
	return out
}

// accounts are those that a person is a member of.
func (p profilesOf) accounts(ctx context.Context, one *profile.Profile) ([]api.ProfileAccount, error) {
	links, err := one.Links(ctx, profile.MaxLinks)
	if err != nil {
		return nil, err
	}
	out := []api.ProfileAccount{}
	for _, l := range links {
		account, err := p.Find(ctx, profile.Accounts, l.IDs[0].Identifier)
		if err != nil {
			return nil, err
		}
		traits, err := account.Traits(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, api.ProfileAccount{ID: account.Key, Traits: profileTraits(traits, profile.Sent)})
	}
	return out, nil
}

// profileDoor is Segment's Profile API.
func (a *App) profileDoor() (*profileapi.Handler, error) {
	return profileapi.New(profileapi.Config{
		Profiles: a.together, Space: metastore.DefaultWorkspace, PerSecond: a.cfg.Limits.ProfilesPerSecond,
		Identify: func(ctx context.Context, token string) (profileapi.Caller, error) {
			p, err := a.guard.Token(ctx, token)
			if p == nil || err != nil {
				return profileapi.Caller{}, err
			}
			return profileapi.Caller{ID: p.ID, Name: p.Name, MayChange: p.May(metastore.Editor)}, nil
		},
		Log: a.cfg.Log,
	})
}
