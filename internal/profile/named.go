package profile

import (
	"context"
	"errors"
	"slices"

	"github.com/debrief-dev/debrief/internal/identity"
)

// Match is a person whom an id names, and by which identifier, as it was seen.
type Match struct {
	identity.Identifier
	// ID is what [Profiles.Person] finds the person by: the key, else the identifier as type:value.
	ID string
}

// Named returns everybody whom an id of any type names, each once: by user ids first, then anonymous ids, then the
// other types by name. An id may say its type, "email:ada@example.com". It finds what [Profiles.Find] does.
func (p *Profiles) Named(ctx context.Context, id string) ([]Match, error) {
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
	out := []Match{}
	for _, i := range asked {
		one, err := p.Find(ctx, Users, i)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m := Match{one.subject.(*person).sub.Identifier, one.Key}
		if m.ID == "" {
			m.ID = m.Ref()
		}
		if !slices.ContainsFunc(out, func(o Match) bool { return o.ID == m.ID }) {
			out = append(out, m)
		}
	}
	return out, nil
}
