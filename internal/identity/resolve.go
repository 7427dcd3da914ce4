package identity

import (
	"cmp"
	"slices"
	"time"
)

// Person is identifiers that are one person.
type Person struct {
	// Key stands for the person: the earliest seen of its user ids, else of its anonymous ids; zero with neither.
	Key Identifier
	// Identifiers are in order of priority, then of when they were first seen.
	Identifiers []Sighting
	// Joins are what made it one, in the order in which they were made.
	Joins []Join
}

// Join is one link of a person.
type Join struct {
	// Decision is the id of the merge that made it; empty for one that the Claim made.
	Decision string
	Claim    Claim
	// Merge says that both sides were there before: else one was first seen on the call of the claim, and added.
	Merge bool
	// Left and Right are the sizes of the sides.
	Left, Right int
}

// Reason says why a claim links nothing.
type Reason string

// Reasons. The others are the states of an end that links nothing.
const (
	OverLimit Reason = "limit" // a type would have more than its limit
	OverCap   Reason = "cap"   // more identifiers or merges than a person may have
	KeptApart Reason = "apart" // a merge of the sides was undone
)

// Refusal is a claim that links nothing, though its ends are not of one person.
type Refusal struct {
	Claim  Claim
	Reason Reason
	Type   Type // whose limit
}

// Result is who is who.
type Result struct {
	// Persons are in order of their first identifier. Everyone seen is in one, but for blocked values.
	Persons []Person
	// States are those of identifiers that link nothing, and Flags tell of the flagged.
	States  map[Identifier]State
	Flags   []Flag
	Refused []Refusal

	of map[Identifier]int
}

// Of returns the person that an identifier belongs to, nil if it is blocked or was never seen.
func (r *Result) Of(i Identifier) *Person {
	n, ok := r.of[i]
	if !ok {
		return nil
	}
	return &r.Persons[n]
}

// Resolve decides who is who. What people merged is one first. Then claims link by the strength of their ends, the
// priorities of their types, and among equals in order of time and event id, unless an end links nothing or
// a limit, a cap or a decision forbids.
func (v *Resolver) Resolve(f Facts) *Result {
	w := v.view(f.Decisions)
	w.see(f.Seen)
	w.add(f.Claims)
	return w.resolve(f.Decisions, nil)
}

// group is a person while it grows.
type group struct {
	members []Identifier
	first   *Sighting
	merges  int
	joins   []Join
	sides   map[int]uint8 // which sides of what was told apart are in it: bit 0 and bit 1
}

// growth is a resolution under way.
type growth struct {
	*view
	groups map[Identifier]*group
	watch  func(j Join, left, right []Identifier)
}

// resolve resolves what the view has. watch is told of each join before it is made.
func (w *view) resolve(decisions []Decision, watch func(j Join, left, right []Identifier)) *Result {
	g := &growth{view: w, groups: map[Identifier]*group{}, watch: watch}
	out := &Result{States: map[Identifier]State{}, of: map[Identifier]int{}}
	for i, s := range w.seen {
		if w.Resolver.Blocked(i.Value) {
			out.States[i] = Blocked
			continue
		}
		g.groups[i] = &group{members: []Identifier{i}, first: s}
		if st := w.state(i); st != Linking {
			out.States[i] = st
			if f := w.flag(i); st == Flagged {
				out.Flags = append(out.Flags, *f)
			}
		}
	}
	g.tellApart()
	g.merge(decisions)
	for _, c := range w.sorted() {
		if reason, t := g.link(c, out.States); reason != "" {
			out.Refused = append(out.Refused, Refusal{*c, reason, t})
		}
	}
	slices.SortFunc(out.Flags, func(a, b Flag) int { return a.Identifier.Compare(b.Identifier) })
	g.collect(out)
	return out
}

// sorted returns the claims in the order in which they link.
func (w *view) sorted() []*Claim {
	all := make([]*Claim, 0, len(w.pairs))
	for _, c := range w.pairs {
		all = append(all, c)
	}
	ends := func(c *Claim) (better, other Type) {
		if w.compareTypes(c.B.Type, c.A.Type) < 0 {
			return c.B.Type, c.A.Type
		}
		return c.A.Type, c.B.Type
	}
	slices.SortFunc(all, func(a, b *Claim) int {
		a1, a2 := ends(a)
		b1, b2 := ends(b)
		return cmp.Or(w.compareTypes(a1, b1), w.compareTypes(a2, b2), a.compare(b))
	})
	return all
}

// tellApart notes which side of what was told apart an identifier is on.
func (g *growth) tellApart() {
	for n, sides := range g.apart {
		for side, ids := range sides {
			for _, i := range ids {
				if p := g.groups[i]; p != nil {
					if p.sides == nil {
						p.sides = map[int]uint8{}
					}
					p.sides[n] |= 1 << side
				}
			}
		}
	}
}

// merge joins what people merged.
func (g *growth) merge(decisions []Decision) {
	for _, d := range Standing(decisions) {
		if d.Kind != Merge {
			continue
		}
		a, b := g.groups[d.A], g.groups[d.B]
		if a == nil || b == nil || a == b {
			continue
		}
		g.join(a, b, Join{Decision: d.ID, Claim: Claim{A: d.A, B: d.B, At: d.At}, Merge: true})
	}
}

// link joins the ends of a claim, or says why not. Nothing is to be said of ends that are one already.
func (g *growth) link(c *Claim, states map[Identifier]State) (Reason, Type) {
	a, b := g.groups[c.A], g.groups[c.B]
	if a == b {
		return "", ""
	}
	for _, end := range []Identifier{c.A, c.B} {
		if s := states[end]; s != Linking {
			return Reason(s), ""
		}
	}
	for n, side := range a.sides {
		if both := side | b.sides[n]; both == 3 && side != 3 && b.sides[n] != 3 {
			return KeptApart, ""
		}
	}
	j := Join{Claim: *c, Merge: earlier(a.first.At, a.first.Event, c.At, c.Event) && earlier(b.first.At, b.first.Event, c.At, c.Event)}
	if len(a.members)+len(b.members) > g.rules.MaxIdentifiers || j.Merge && a.merges+b.merges >= g.rules.MaxMerges {
		return OverCap, ""
	}
	if t, over := g.overLimit(a, b); over {
		return OverLimit, t
	}
	g.join(a, b, j)
	return "", ""
}

// overLimit reports whether two groups together have more of a type than is allowed, and than each has.
func (g *growth) overLimit(a, b *group) (Type, bool) {
	if len(b.members) > len(a.members) {
		a, b = b, a
	}
	done := map[Type]bool{}
	for _, i := range b.members {
		if done[i.Type] {
			continue
		}
		done[i.Type] = true
		r := g.rule(i.Type)
		mine, theirs := g.times(a, i.Type), g.times(b, i.Type)
		if len(mine)+len(theirs) <= r.Limit {
			continue
		}
		window := windows[r.Window]
		n := max(crowd(mine, window), crowd(theirs, window), r.Limit)
		if crowd(append(mine, theirs...), window) > n {
			return i.Type, true
		}
	}
	return "", false
}

// join makes one of two groups.
func (g *growth) join(a, b *group, j Join) {
	if len(b.members) > len(a.members) {
		a, b = b, a
	}
	j.Left, j.Right = len(a.members), len(b.members)
	if g.watch != nil {
		g.watch(j, a.members, b.members)
	}
	a.members = append(a.members, b.members...)
	if b.first.before(a.first) {
		a.first = b.first
	}
	a.merges += b.merges
	if j.Merge {
		a.merges++
	}
	a.joins = append(append(a.joins, b.joins...), j)
	for n, side := range b.sides {
		if a.sides == nil {
			a.sides = map[int]uint8{}
		}
		a.sides[n] |= side
	}
	for _, i := range b.members {
		g.groups[i] = a
	}
}

// collect turns groups into persons.
func (g *growth) collect(out *Result) {
	done := map[*group]bool{}
	for _, p := range g.groups {
		if done[p] {
			continue
		}
		done[p] = true
		person := Person{Joins: p.joins}
		for _, i := range p.members {
			person.Identifiers = append(person.Identifiers, *g.seen[i])
		}
		slices.SortFunc(person.Identifiers, func(a, b Sighting) int {
			return cmp.Or(g.compareTypes(a.Type, b.Type), a.At.Compare(b.At), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Value, b.Value))
		})
		for _, t := range []Type{User, Anonymous} {
			if n := slices.IndexFunc(person.Identifiers, func(s Sighting) bool { return s.Type == t }); n >= 0 {
				person.Key = person.Identifiers[n].Identifier
				break
			}
		}
		out.Persons = append(out.Persons, person)
	}
	slices.SortFunc(out.Persons, func(a, b Person) int { return a.Identifiers[0].Identifier.Compare(b.Identifiers[0].Identifier) })
	for n, p := range out.Persons {
		for _, i := range p.Identifiers {
			out.of[i.Identifier] = n
		}
	}
}

// times returns when the identifiers of a type of a group were first seen.
func (g *growth) times(p *group, t Type) []time.Time {
	var out []time.Time
	for _, i := range p.members {
		if i.Type == t {
			out = append(out, g.seen[i].At)
		}
	}
	return out
}
