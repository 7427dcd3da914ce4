package identity

import (
	"cmp"
	"slices"
	"time"
)

// State says why an identifier links nothing; empty for one that does.
type State string

// States.
const (
	Linking  State = ""
	Blocked  State = "blocked"  // its value names nobody
	Flagged  State = "flagged"  // a constant rather than a person: see Rules.NewPerDay
	Shared   State = "shared"   // seen with more identifiers of a higher priority than one person may have
	Detached State = "detached" // by decision
)

// view is facts as far as they are known, brought to one form: blocked and undone claims are gone, of each pair
// the earliest is left. Whether an identifier is flagged may be asked once all its claims are there.
type view struct {
	*Resolver
	verdict
	seen   map[Identifier]*Sighting
	pairs  map[pair]*Claim
	claims map[Identifier][]*Claim
	flags  map[Identifier]*Flag // of those asked for
}

func (v *Resolver) view(decisions []Decision) *view {
	return &view{Resolver: v, verdict: v.judge(decisions), seen: map[Identifier]*Sighting{}, pairs: map[pair]*Claim{},
		claims: map[Identifier][]*Claim{}, flags: map[Identifier]*Flag{}}
}

// see adds sightings; the earliest of an identifier counts.
func (w *view) see(all []Sighting) {
	for i := range all {
		s := &all[i]
		if old := w.seen[s.Identifier]; old == nil || s.before(old) {
			w.seen[s.Identifier] = s
		}
	}
}

// add adds claims whose ends were seen.
func (w *view) add(all []Claim) {
	for i := range all {
		c := &all[i]
		if c.A == c.B || w.excluded[c.Event] || w.seen[c.A] == nil || w.seen[c.B] == nil || w.Resolver.Blocked(c.A.Value) || w.Resolver.Blocked(c.B.Value) {
			continue
		}
		p := c.pair()
		if old := w.pairs[p]; old != nil {
			if c.compare(old) < 0 {
				*old = *c // in place, for it is in the lists of both ends
			}
			continue
		}
		own := *c
		w.pairs[p] = &own
		w.claims[c.A] = append(w.claims[c.A], &own)
		w.claims[c.B] = append(w.claims[c.B], &own)
	}
}

// Flag says why an identifier is taken for a constant.
type Flag struct {
	Identifier
	// Type is what it was first seen with many of on one day, and Day that day; empty for one that was seen with too
	// many over time.
	Type Type      `json:"with,omitempty"`
	Day  time.Time `json:"day,omitzero"`
	// Count is how many, on the worst day or ever, and Most how many are allowed.
	Count int `json:"count"`
	Most  int `json:"most"`
}

// flag returns why an identifier is flagged, nil if it is not.
func (w *view) flag(i Identifier) *Flag {
	if f, known := w.flags[i]; known {
		return f
	}
	f := w.findFlag(i)
	w.flags[i] = f
	return f
}

func (w *view) findFlag(i Identifier) *Flag {
	claims := w.claims[i]
	if len(claims) > w.rules.MaxIdentifiers {
		return &Flag{Identifier: i, Count: len(claims), Most: w.rules.MaxIdentifiers}
	}
	most := w.rules.NewPerDay
	if w.suspicious != nil && w.suspicious.MatchString(i.Value) {
		most = w.rules.SuspiciousPerDay
	}
	if len(claims) <= most || w.trusted[i] {
		return nil
	}
	type slot struct {
		t   Type
		day int64
	}
	n := map[slot]int{}
	var worst *Flag
	for _, c := range claims {
		at := c.At.UTC().Truncate(24 * time.Hour)
		s := slot{c.Other(i).Type, at.Unix()}
		n[s]++
		if n[s] <= most {
			continue
		}
		if f := (&Flag{Identifier: i, Type: s.t, Day: at, Count: n[s], Most: most}); worst == nil || f.worseThan(worst) {
			worst = f
		}
	}
	return worst
}

// worseThan orders flags of one identifier: the most first, then the earliest day, then the type's name.
func (f *Flag) worseThan(o *Flag) bool {
	return cmp.Or(cmp.Compare(o.Count, f.Count), f.Day.Compare(o.Day), cmp.Compare(f.Type, o.Type)) < 0
}

// state says whether an identifier links. The flags of its rivals are asked for, and of no other neighbours.
func (w *view) state(i Identifier) State {
	switch {
	case w.Resolver.Blocked(i.Value):
		return Blocked
	case w.detached[i]:
		return Detached
	case w.flag(i) != nil:
		return Flagged
	case len(w.rivals(i)) > 0 && w.shared(i, func(o Identifier) bool { return w.flag(o) != nil }):
		return Shared
	}
	return Linking
}

// rivals returns the neighbours whose flags decide whether an identifier is shared; none if it is not, whatever they are.
func (w *view) rivals(i Identifier) []Identifier {
	if len(w.claims[i]) < 2 || w.detached[i] || w.flag(i) != nil || !w.shared(i, func(Identifier) bool { return false }) {
		return nil
	}
	var out []Identifier
	for _, c := range w.claims[i] {
		if o := c.Other(i); w.compareTypes(o.Type, i.Type) < 0 {
			out = append(out, o)
		}
	}
	return out
}

// shared reports whether an identifier was seen with more of a type of higher priority than one person may have.
// What people merged counts as one.
func (w *view) shared(i Identifier, flagged func(Identifier) bool) bool {
	first := map[Type]map[Identifier]time.Time{} // when each group of a type was first seen
	for _, c := range w.claims[i] {
		o := c.Other(i)
		if w.compareTypes(o.Type, i.Type) >= 0 || w.detached[o] || flagged(o) {
			continue
		}
		groups := first[o.Type]
		if groups == nil {
			groups = map[Identifier]time.Time{}
			first[o.Type] = groups
		}
		group, at := w.merged.find(o), w.seen[o].At
		if old, ok := groups[group]; !ok || at.Before(old) {
			groups[group] = at
		}
	}
	for t, groups := range first {
		times := make([]time.Time, 0, len(groups))
		for _, at := range groups {
			times = append(times, at)
		}
		if r := w.rule(t); crowd(times, windows[r.Window]) > r.Limit {
			return true
		}
	}
	return false
}

// crowd returns the most of the times that lie within a window of some length; all for length 0.
func crowd(times []time.Time, length time.Duration) int {
	if length == 0 {
		return len(times)
	}
	slices.SortFunc(times, time.Time.Compare)
	most, from := 0, 0
	for i, at := range times {
		for at.Sub(times[from]) >= length {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
