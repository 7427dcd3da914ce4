package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Loaded is what is kept of some identifiers.
type Loaded struct {
	// Seen are the sightings of the identifiers and of all ends of Claims.
	Seen []Sighting
	// Claims are those that name the identifiers; of one with more than MaxIdentifiers that count, any more than that.
	Claims []Claim
	// States are those that the identifiers had when they were last resolved.
	States map[Identifier]State
}

// Component resolves what identifiers belong to, and what else may have changed with them: everything that
// linking claims and merges lead to from there. Of those members the result is what Resolve answers from all facts;
// nothing else is in it. load is asked for as few identifiers as will do, many at once.
//
// An identifier that links nothing, and did not before, leads no further: else one constant would lead to everybody.
// But a shared one that something new is known of leads to those whom it counts for, as shared with others or not.
func (v *Resolver) Component(ctx context.Context, seeds []Identifier, decisions []Decision, load func(ctx context.Context, ids []Identifier) (Loaded, error)) (*Result, []Identifier, error) {
	r := &reach{view: v.view(decisions), load: load, loaded: map[Identifier]bool{}, before: map[Identifier]State{}, seed: map[Identifier]bool{}, member: map[Identifier]bool{}, mates: matesOf(decisions)}
	for _, i := range seeds {
		r.seed[i] = true
	}
	for layer := r.newcomers(seeds); len(layer) > 0; {
		next, err := r.expand(ctx, layer)
		if err != nil {
			return nil, nil, err
		}
		layer = r.newcomers(next)
	}
	out := r.resolve(decisions, nil)
	out.keep(func(i Identifier) bool { return r.member[i] })
	return out, r.members, nil
}

// reach is how far a search for a component has come.
type reach struct {
	*view
	load    func(ctx context.Context, ids []Identifier) (Loaded, error)
	loaded  map[Identifier]bool
	before  map[Identifier]State
	seed    map[Identifier]bool
	member  map[Identifier]bool
	members []Identifier
	mates   map[Identifier][]Identifier
}

// matesOf returns whom people merged with whom.
func matesOf(decisions []Decision) map[Identifier][]Identifier {
	out := map[Identifier][]Identifier{}
	for _, d := range Standing(decisions) {
		if d.Kind == Merge {
			out[d.A], out[d.B] = append(out[d.A], d.B), append(out[d.B], d.A)
		}
	}
	return out
}

// newcomers makes members of those that are none yet.
func (r *reach) newcomers(ids []Identifier) []Identifier {
	var out []Identifier
	for _, i := range ids {
		if !r.member[i] {
			r.member[i] = true
			out = append(out, i)
		}
	}
	r.members = append(r.members, out...)
	return out
}

// expand loads members and returns where they lead.
func (r *reach) expand(ctx context.Context, layer []Identifier) ([]Identifier, error) {
	if err := r.fetch(ctx, layer); err != nil {
		return nil, err
	}
	var rivals []Identifier
	for _, i := range layer {
		rivals = append(rivals, r.rivals(i)...)
	}
	if err := r.fetch(ctx, rivals); err != nil {
		return nil, err
	}
	var next []Identifier
	for _, i := range layer {
		next = append(next, r.mates[i]...)
		leads := r.leads(i)
		for _, c := range r.claims[i] {
			if o := c.Other(i); leads(o) {
				next = append(next, o)
			}
		}
	}
	return next, nil
}

// leads says to which neighbours a member leads.
func (r *reach) leads(i Identifier) func(o Identifier) bool {
	s := r.state(i)
	switch {
	case s == Linking || s != r.before[i]:
		return func(Identifier) bool { return true }
	case s == Shared && (r.seed[i] || len(r.mates[i]) > 0):
		// When it was first seen, or whom people merged it with, may decide whether these are shared.
		return func(o Identifier) bool { return r.compareTypes(i.Type, o.Type) < 0 }
	}
	return func(Identifier) bool { return false }
}

// fetch loads what is not loaded yet.
func (r *reach) fetch(ctx context.Context, ids []Identifier) error {
	var missing []Identifier
	for _, i := range ids {
		if !r.loaded[i] {
			r.loaded[i] = true
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	l, err := r.load(ctx, missing)
	if err != nil {
		return err
	}
	r.see(l.Seen)
	r.add(l.Claims)
	for i, s := range l.States {
		r.before[i] = s
	}
	return nil
}

// keep leaves what is of the wanted identifiers: whole persons, for all of one are wanted or none.
func (r *Result) keep(wanted func(Identifier) bool) {
	r.Persons = slices.DeleteFunc(r.Persons, func(p Person) bool { return !wanted(p.Identifiers[0].Identifier) })
	r.Flags = slices.DeleteFunc(r.Flags, func(f Flag) bool { return !wanted(f.Identifier) })
	r.Refused = slices.DeleteFunc(r.Refused, func(f Refusal) bool { return !wanted(f.Claim.A) && !wanted(f.Claim.B) })
	for i := range r.States {
		if !wanted(i) {
			delete(r.States, i)
		}
	}
	r.of = map[Identifier]int{}
	for n, p := range r.Persons {
		for _, i := range p.Identifiers {
			r.of[i.Identifier] = n
		}
	}
}

// ErrNoJoin is returned for a claim that joined nothing.
var ErrNoJoin = errors.New("the claim joined nothing")

// UndoOf returns the decision, but for its id, time and author, that takes back what a claim joined: the claims of
// its call no longer count, and what they had joined stays apart. With it everything is as if the call had claimed
// nothing; where other claims had joined the same, they are overruled.
// The facts must hold the whole person.
func (v *Resolver) UndoOf(f Facts, claim string) (Decision, error) {
	w := v.view(f.Decisions)
	w.see(f.Seen)
	w.add(f.Claims)
	var found *Claim
	var left, right []Identifier
	w.resolve(f.Decisions, func(j Join, a, b []Identifier) {
		if j.Decision == "" && j.Claim.ID == claim {
			found, left, right = &j.Claim, slices.Clone(a), slices.Clone(b)
		}
	})
	if found == nil {
		return Decision{}, fmt.Errorf("claim %q: %w", claim, ErrNoJoin)
	}
	d := Decision{Kind: Undo, Event: found.Event}
	f.Decisions = append(slices.Clone(f.Decisions), d)
	without := v.Resolve(f)
	if a, b := without.Of(found.A), without.Of(found.B); a != b {
		left, right = idsOf(a), idsOf(b)
	}
	d.Left, d.Right = left, right
	return d, nil
}

func idsOf(p *Person) []Identifier {
	out := make([]Identifier, len(p.Identifiers))
	for n, i := range p.Identifiers {
		out[n] = i.Identifier
	}
	return out
}

// Touched returns whom a decision may change, given all decisions and the claims of the call that it is about.
func Touched(d Decision, decisions []Decision, claims []Claim) []Identifier {
	out := slices.Concat(d.Left, d.Right)
	for _, c := range claims {
		if d.Event != "" && c.Event == d.Event {
			out = append(out, c.A, c.B)
		}
	}
	for _, i := range []Identifier{d.A, d.B} {
		if i != (Identifier{}) {
			out = append(out, i)
		}
	}
	if n := slices.IndexFunc(decisions, func(o Decision) bool { return o.ID == d.Undoes }); d.Undoes != "" && n >= 0 {
		out = append(out, Touched(decisions[n], decisions, claims)...)
	}
	return out
}
