package profile

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/debrief-dev/debrief/internal/identity"
)

// Match is a person who was found.
type Match struct {
	// Identifier is the one that the id named the person by, as it was seen; nil of who was found by name.
	Identifier *identity.Identifier
	// ID is what [Profiles.Person] finds the person by: the key, else the identifier as type:value.
	ID string
	// Name is what the person is called; "" if that is not known.
	Name string
}

// maxMatches bounds what Named returns.
const maxMatches = 20

// Named returns people whom an id names, and then those whose name begins with a text, or has a word that does; each
// once, at most twenty. Either may be "". Ids are those of [Profiles.Find], names those of [profilestore.Store.Called].
func (p *Profiles) Named(ctx context.Context, id, name string) ([]Match, error) {
	var out []Match
	var err error
	if id != "" {
		if out, err = p.byID(ctx, id); err != nil {
			return nil, err
		}
	}
	if name != "" {
		called, err := p.config.Profiles.Called(ctx, name, maxMatches)
		if err != nil {
			return nil, err
		}
		for _, c := range called {
			if !slices.ContainsFunc(out, func(o Match) bool { return o.ID == c.Person }) {
				out = append(out, Match{ID: c.Person, Name: c.Name})
			}
		}
	}
	return out[:min(len(out), maxMatches)], nil
}

// Names returns what persons are called, by their keys; who has no name is left out.
func (p *Profiles) Names(ctx context.Context, persons []string) (map[string]string, error) {
	return p.config.Profiles.Names(ctx, persons)
}

// byID returns everybody whom an id of any type names: by user ids first, then anonymous ids, then the other types by
// name. An id may say its type, "email:ada@example.com".
func (p *Profiles) byID(ctx context.Context, id string) ([]Match, error) {
	types, err := p.config.Profiles.Types(ctx)
	if err != nil {
		return nil, err
	}
	first := []identity.Type{identity.User, identity.Anonymous}
	types = append(first, slices.DeleteFunc(types, func(t identity.Type) bool { return slices.Contains(first, t) })...)
	var asked []identity.Identifier
	for _, t := range types {
		asked = append(asked, identity.Identifier{Type: t, Value: id})
	}
	if i, ok := identity.ParseRef(id); ok {
		asked = append(asked, i)
	}
	var out []Match
	for _, i := range asked {
		one, err := p.Find(ctx, Users, i)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		seen := one.subject.(*person).sub.Identifier
		m := Match{Identifier: &seen, ID: cmp.Or(one.Key, seen.Ref())}
		if !slices.ContainsFunc(out, func(o Match) bool { return o.ID == m.ID }) {
			out = append(out, m)
		}
	}
	keys := make([]string, len(out))
	for n, m := range out {
		keys[n] = m.ID
	}
	names, err := p.Names(ctx, keys)
	for n, m := range out {
		out[n].Name = names[m.ID]
	}
	return out, err
}
