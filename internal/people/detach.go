package people

import (
	"context"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/identity"
)

// Detachment is what detaching an identifier would come to.
type Detachment struct {
	// Before is the person as it is, Detached who the identifier alone would be.
	Before, Detached identity.Person
	// Rest are who the other identifiers would be: several persons where this one alone linked them, none where there
	// are no others.
	Rest []identity.Person
}

// PreviewDetach says what detaching an identifier would come to, and changes nothing.
func (p *People) PreviewDetach(ctx context.Context, i identity.Identifier) (*Detachment, error) {
	before, err := p.detachable(ctx, i)
	if err != nil {
		return nil, err
	}
	r, _, decisions := p.going()
	decided := identity.Decision{ID: "preview", Kind: identity.Detach, A: i, At: p.config.Now().AddDate(1, 0, 0)} // after all others
	then, _, err := p.facts(ctx, r, ids(before), append(slices.Clone(decisions), decided))
	if err != nil {
		return nil, err
	}
	out := &Detachment{Before: *before, Detached: *then.Of(i)}
	known := map[*identity.Person]bool{then.Of(i): true}
	for _, other := range ids(before) {
		if person := then.Of(other); !known[person] {
			known[person] = true
			out.Rest = append(out.Rest, *person)
		}
	}
	return out, nil
}

// Detach decides that an identifier names nobody else. Figures follow as with Merge.
func (p *People) Detach(ctx context.Context, by string, i identity.Identifier) (identity.Decision, error) {
	p.pass.Lock()
	defer p.pass.Unlock()
	if _, err := p.detachable(ctx, i); err != nil {
		return identity.Decision{}, err
	}
	return p.decide(ctx, identity.Decision{Kind: identity.Detach, A: i, By: by}, nil)
}

// detachable returns the person that an identifier may be taken off.
func (p *People) detachable(ctx context.Context, i identity.Identifier) (*identity.Person, error) {
	r, _, decisions := p.going()
	if r.Blocked(i.Value) {
		return nil, fmt.Errorf("%w: the id %q names nobody by the rules", ErrInvalid, i.Value)
	}
	res, _, err := p.facts(ctx, r, []identity.Identifier{i}, decisions)
	if err != nil {
		return nil, err
	}
	person := res.Of(i)
	if person == nil {
		return nil, fmt.Errorf("%s %q: %w", i.Type, i.Value, ErrNotFound)
	}
	if res.States[i] == identity.Detached {
		return nil, fmt.Errorf("%w: %s %q was detached before", ErrInvalid, i.Type, i.Value)
	}
	return person, nil
}
