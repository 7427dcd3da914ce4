package identity

import (
	"cmp"
	"slices"
	"strings"
)

// verdict is what decisions come to.
type verdict struct {
	merged   sets            // who was merged by decision
	excluded map[string]bool // events whose claims do not count
	detached map[Identifier]bool
	apart    [][2][]Identifier // what was told apart, and not merged since
}

// judge takes decisions in their order. Those taken back by one that stands count for nothing.
func (v *Resolver) judge(decisions []Decision) verdict {
	out := verdict{merged: sets{}, excluded: map[string]bool{}, detached: map[Identifier]bool{}}
	for _, d := range Standing(decisions) {
		switch d.Kind {
		case Merge:
			if v.Blocked(d.A.Value) || v.Blocked(d.B.Value) {
				continue
			}
			out.merged.join(d.A, d.B)
			delete(out.detached, d.A)
			delete(out.detached, d.B)
			left, right := append([]Identifier{d.A}, d.Left...), append([]Identifier{d.B}, d.Right...)
			out.apart = slices.DeleteFunc(out.apart, func(s [2][]Identifier) bool {
				return meet(s[0], left) && meet(s[1], right) || meet(s[0], right) && meet(s[1], left)
			})
		case Detach:
			out.detached[d.A] = true
		case Undo:
			if d.Event != "" {
				out.excluded[d.Event] = true
			}
			if len(d.Left) > 0 && len(d.Right) > 0 {
				out.apart = append(out.apart, [2][]Identifier{d.Left, d.Right})
			}
		}
	}
	return out
}

func meet(a, b []Identifier) bool {
	return slices.ContainsFunc(a, func(i Identifier) bool { return slices.Contains(b, i) })
}

// Standing returns the decisions that no other takes back, in their order.
func Standing(decisions []Decision) []Decision {
	all := slices.Clone(decisions)
	slices.SortFunc(all, func(a, b Decision) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	undone := map[string]bool{}
	for _, d := range slices.Backward(all) {
		if d.Kind == Undo && d.Undoes != "" && !undone[d.ID] {
			undone[d.Undoes] = true
		}
	}
	return slices.DeleteFunc(all, func(d Decision) bool { return undone[d.ID] })
}

// sets are disjoint sets of identifiers: each leads to another of its set, the last to none.
type sets map[Identifier]Identifier

// find returns the identifier that stands for a set: the least of it, so that it depends on the set alone.
func (s sets) find(i Identifier) Identifier {
	for {
		up, ok := s[i]
		if !ok {
			return i
		}
		i = up
	}
}

func (s sets) join(a, b Identifier) {
	a, b = s.find(a), s.find(b)
	switch c := a.Compare(b); {
	case c < 0:
		s[b] = a
	case c > 0:
		s[a] = b
	}
}
