package people

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// Graph is what is known of one person's ids.
type Graph struct {
	Person identity.Person
	// Refused are claims of its ids that link nothing, at most maxRefused, the strongest first.
	Refused []identity.Refusal
	States  map[identity.Identifier]identity.State
	Flags   []identity.Flag
	// Decisions are those that stand and name any of the person's ids, or detach one that a call named with them, in
	// their order.
	Decisions []identity.Decision
}

// maxRefused bounds the refused claims of a graph: a constant has any number.
const maxRefused = 200

// ids returns the identifiers of a person.
func ids(p *identity.Person) []identity.Identifier {
	if p == nil {
		return nil
	}
	out := make([]identity.Identifier, len(p.Identifiers))
	for n, i := range p.Identifiers {
		out[n] = i.Identifier
	}
	return out
}

// find returns the identifier that an id of a page means and that was seen: a user id, else an anonymous id, else what
// is written as type:value.
func (p *People) find(ctx context.Context, id string) (identity.Identifier, error) {
	candidates := []identity.Identifier{{Type: identity.User, Value: id}, {Type: identity.Anonymous, Value: id}}
	if i, ok := identity.ParseRef(id); ok {
		candidates = append(candidates, i)
	}
	l, err := p.config.Profiles.Load(ctx, candidates, 1)
	if err != nil {
		return identity.Identifier{}, err
	}
	for _, c := range candidates {
		if slices.ContainsFunc(l.Seen, func(s identity.Sighting) bool { return s.Identifier == c }) {
			return c, nil
		}
	}
	return identity.Identifier{}, fmt.Errorf("person %q: %w", id, ErrNotFound)
}

// facts resolves what identifiers belong to under some decisions, and returns all that it was resolved from.
func (p *People) facts(ctx context.Context, r *identity.Resolver, seeds []identity.Identifier, decisions []identity.Decision) (*identity.Result, identity.Facts, error) {
	f := identity.Facts{Decisions: decisions}
	load := p.load(r)
	res, _, err := r.Component(ctx, seeds, decisions, func(ctx context.Context, ids []identity.Identifier) (identity.Loaded, error) {
		l, err := load(ctx, ids)
		f.Seen, f.Claims = append(f.Seen, l.Seen...), append(f.Claims, l.Claims...)
		return l, err
	})
	return res, f, err
}

// Graph answers what is known of the person that a user id, an anonymous id or an id written as type:value belongs to.
func (p *People) Graph(ctx context.Context, id string) (*Graph, error) {
	i, err := p.find(ctx, id)
	if err != nil {
		return nil, err
	}
	r, _, decisions := p.going()
	res, _, err := p.facts(ctx, r, []identity.Identifier{i}, decisions)
	if err != nil {
		return nil, err
	}
	person := res.Of(i)
	if person == nil {
		return nil, fmt.Errorf("%w: the id %q names nobody by the rules", ErrInvalid, id)
	}
	return p.graph(res, person, decisions), nil
}

func (p *People) graph(res *identity.Result, person *identity.Person, decisions []identity.Decision) *Graph {
	mine := ids(person)
	is := func(i identity.Identifier) bool { return slices.Contains(mine, i) }
	g := &Graph{Person: *person, States: map[identity.Identifier]identity.State{}}
	for _, i := range mine {
		if s := res.States[i]; s != identity.Linking {
			g.States[i] = s
		}
	}
	for _, f := range res.Flags {
		if is(f.Identifier) {
			g.Flags = append(g.Flags, f)
		}
	}
	for _, x := range res.Refused {
		if len(g.Refused) < maxRefused && (is(x.Claim.A) || is(x.Claim.B)) {
			g.Refused = append(g.Refused, x)
		}
	}
	detached := func(i identity.Identifier) bool {
		return slices.ContainsFunc(g.Refused, func(x identity.Refusal) bool {
			return x.Reason == identity.Reason(identity.Detached) && (x.Claim.A == i || x.Claim.B == i)
		})
	}
	for _, d := range identity.Standing(decisions) {
		if is(d.A) || is(d.B) || d.Kind == identity.Detach && detached(d.A) || slices.ContainsFunc(d.Left, is) || slices.ContainsFunc(d.Right, is) {
			g.Decisions = append(g.Decisions, d)
		}
	}
	return g
}

// Preview is what a merge would come to.
type Preview struct {
	// A and B are the persons as they are, Merged as they would be.
	A, B, Merged identity.Person
	// Exceeded are the types of which the person would have more than claims alone may give.
	Exceeded []identity.TypeRule
	// Conflicts are the traits that both have, with another value. The later word would count.
	Conflicts []Conflict
}

// Conflict is a trait that two persons have.
type Conflict struct{ A, B profilestore.Trait }

// Preview says what merging the persons of two ids would come to, and changes nothing.
func (p *People) Preview(ctx context.Context, a, b string) (*Preview, error) {
	_, out, err := p.proposed(ctx, a, b)
	return out, err
}

// proposed is a merge that is not decided yet.
func (p *People) proposed(ctx context.Context, a, b string) (identity.Decision, *Preview, error) {
	d := identity.Decision{Kind: identity.Merge}
	var err error
	if d.A, err = p.find(ctx, a); err != nil {
		return d, nil, err
	}
	if d.B, err = p.find(ctx, b); err != nil {
		return d, nil, err
	}
	r, _, decisions := p.going()
	res, _, err := p.facts(ctx, r, []identity.Identifier{d.A, d.B}, decisions)
	if err != nil {
		return d, nil, err
	}
	one, other := res.Of(d.A), res.Of(d.B)
	switch {
	case one == nil || other == nil:
		return d, nil, fmt.Errorf("%w: one of the ids names nobody by the rules", ErrInvalid)
	case one == other:
		return d, nil, fmt.Errorf("%w: %q and %q are one person already", ErrInvalid, a, b)
	case len(one.Identifiers)+len(other.Identifiers) > r.Rules().MaxIdentifiers:
		return d, nil, fmt.Errorf("%w: together they have %d ids; a person has at most %d", ErrInvalid, len(one.Identifiers)+len(other.Identifiers), r.Rules().MaxIdentifiers)
	}
	d.Left, d.Right = ids(one), ids(other)
	d.A, d.B = d.Left[0], d.Right[0] // the best of each: limits hold for what claims add to them
	decided := d
	decided.ID, decided.At = "preview", p.config.Now().AddDate(1, 0, 0) // after all others
	then, _, err := p.facts(ctx, r, []identity.Identifier{d.A, d.B}, append(slices.Clone(decisions), decided))
	if err != nil {
		return d, nil, err
	}
	out := &Preview{A: *one, B: *other, Merged: *then.Of(d.A)}
	out.Exceeded = exceeded(r, &out.Merged)
	out.Conflicts, err = p.conflicts(ctx, d.Left, d.Right)
	return d, out, err
}

// exceeded returns the rules of types of which a person has more than their limit ever.
func exceeded(r *identity.Resolver, person *identity.Person) []identity.TypeRule {
	n := map[identity.Type]int{}
	for _, i := range person.Identifiers {
		n[i.Type]++
	}
	var out []identity.TypeRule
	for _, t := range r.Rules().Types {
		if n[t.Type] > t.Limit {
			out = append(out, t)
		}
	}
	return out
}

func (p *People) conflicts(ctx context.Context, a, b []identity.Identifier) ([]Conflict, error) {
	mine, err := p.config.Profiles.Traits(ctx, a)
	if err != nil {
		return nil, err
	}
	theirs, err := p.config.Profiles.Traits(ctx, b)
	if err != nil {
		return nil, err
	}
	var out []Conflict
	for _, t := range mine {
		n := slices.IndexFunc(theirs, func(o profilestore.Trait) bool { return o.Name == t.Name })
		if n >= 0 && !bytes.Equal(theirs[n].Value, t.Value) {
			out = append(out, Conflict{t, theirs[n]})
		}
	}
	return out, nil
}

// Merge decides that the persons of two ids are one. When it returns, figures say so; where calls of theirs are just
// being stored, a moment later.
func (p *People) Merge(ctx context.Context, by, a, b string) (identity.Decision, *Graph, error) {
	p.pass.Lock()
	defer p.pass.Unlock()
	d, _, err := p.proposed(ctx, a, b)
	if err != nil {
		return d, nil, err
	}
	d.By = by
	if d, err = p.decide(ctx, d, nil); err != nil {
		return d, nil, err
	}
	g, err := p.Graph(ctx, a)
	return d, g, err
}

// Undo takes back a merge: that of a decision or of a claim, by its id; or an undoing. Figures follow as
// with Merge.
func (p *People) Undo(ctx context.Context, by, id string) (identity.Decision, error) {
	p.pass.Lock()
	defer p.pass.Unlock()
	_, _, decisions := p.going()
	if n := slices.IndexFunc(decisions, func(d identity.Decision) bool { return d.ID == id }); n >= 0 {
		if !slices.ContainsFunc(identity.Standing(decisions), func(d identity.Decision) bool { return d.ID == id }) {
			return identity.Decision{}, fmt.Errorf("%w: %q was undone before", ErrInvalid, id)
		}
		d := identity.Decision{Kind: identity.Undo, Undoes: id, By: by}
		of := decisions[n].Event
		claims, err := p.config.Profiles.ClaimsOf(ctx, of)
		if err != nil {
			return d, err
		}
		return p.decide(ctx, d, claims)
	}
	return p.undoClaim(ctx, by, id)
}

// undoClaim takes back what a call joined.
func (p *People) undoClaim(ctx context.Context, by, id string) (identity.Decision, error) {
	none := identity.Decision{}
	claim, err := p.config.Profiles.Claim(ctx, id)
	if errors.Is(err, profilestore.ErrNotFound) {
		return none, fmt.Errorf("merge %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return none, err
	}
	r, _, decisions := p.going()
	seeds := []identity.Identifier{claim.A, claim.B}
	_, f, err := p.facts(ctx, r, seeds, decisions)
	if err != nil {
		return none, err
	}
	without := append(slices.Clone(decisions), identity.Decision{Kind: identity.Undo, Event: claim.Event})
	_, more, err := p.facts(ctx, r, seeds, without)
	if err != nil {
		return none, err
	}
	f.Seen, f.Claims = append(f.Seen, more.Seen...), append(f.Claims, more.Claims...)
	d, err := r.UndoOf(f, id)
	if errors.Is(err, identity.ErrNoJoin) {
		return none, fmt.Errorf("%w: the call of %q joins nobody", ErrInvalid, id)
	}
	if err != nil {
		return none, err
	}
	claims, err := p.config.Profiles.ClaimsOf(ctx, claim.Event)
	if err != nil {
		return none, err
	}
	d.By = by
	return p.decide(ctx, d, claims)
}

// decide stores a decision about some claims and resolves whom it touches.
func (p *People) decide(ctx context.Context, d identity.Decision, claims []identity.Claim) (identity.Decision, error) {
	_, _, decisions := p.going()
	d, err := p.config.Profiles.Decide(ctx, d, p.config.Now(), identity.Touched(d, decisions, claims))
	if err != nil {
		return d, err
	}
	decisions = append(slices.Clone(decisions), d)
	p.mu.Lock()
	p.decisions = decisions
	p.mu.Unlock()
	p.rounds.Wake() // should what follows fail
	_, err = p.resolve(ctx)
	return d, err
}

// Rules returns what is gone by.
func (p *People) Rules() identity.Rules {
	r, _, _ := p.going()
	return r.Rules()
}

// SetRules goes by other rules from now on. Everybody is resolved anew in the background, and what was stored is
// taken up again, as it may name others now.
func (p *People) SetRules(ctx context.Context, rules identity.Rules) error {
	if err := rules.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	text, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("encode rules of identity: %w", err)
	}
	p.pass.Lock()
	defer p.pass.Unlock()
	if err := p.setTaking(ctx, taking{Version: takingVersion, Anew: p.anew()}); err != nil {
		return err
	}
	if err := p.config.Profiles.SetSetting(ctx, rulesSetting, string(text)); err != nil {
		return err
	}
	if err := p.obey(rules); err != nil {
		return err
	}
	defer p.rounds.Wake()
	return p.config.Profiles.Redo(ctx)
}

// Flag is an identifier that links nothing.
type Flag struct {
	identity.Sighting
	State identity.State
	// Flag says why one is flagged; nil for one that is blocked.
	Flag *identity.Flag
}

// Flags returns what is flagged and what is blocked of what was seen, the latest seen first, at most limit each.
func (p *People) Flags(ctx context.Context, limit int) ([]Flag, error) {
	flagged, err := p.config.Profiles.OfState(ctx, identity.Flagged, limit)
	if err != nil {
		return nil, err
	}
	blocked, err := p.config.Profiles.OfState(ctx, identity.Blocked, limit)
	if err != nil {
		return nil, err
	}
	var seeds []identity.Identifier
	for _, s := range flagged {
		seeds = append(seeds, s.Identifier)
	}
	r, _, decisions := p.going()
	res, _, err := p.facts(ctx, r, seeds, decisions)
	if err != nil {
		return nil, err
	}
	out := []Flag{}
	for _, s := range flagged {
		n := slices.IndexFunc(res.Flags, func(f identity.Flag) bool { return f.Identifier == s.Identifier })
		if n >= 0 {
			out = append(out, Flag{s, identity.Flagged, &res.Flags[n]})
		}
	}
	for _, s := range blocked {
		out = append(out, Flag{Sighting: s, State: identity.Blocked})
	}
	return out, nil
}
