package identity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// history is calls and decisions about few people, so that much collides.
type history struct {
	*rand.Rand
	resolver  *Resolver
	calls     []Call
	decisions []Decision
}

func (h *history) id(t Type, n int) Identifier {
	return Identifier{t, map[Type]string{User: "u", Anonymous: "a", Email: "e", "phone": "p"}[t] + strconv.Itoa(h.IntN(n))}
}

// rules are strict ones, so that histories meet every limit.
func (h *history) rules() Rules {
	r := DefaultRules()
	r.Types = []TypeRule{{User, 1, Ever}, {Email, 1 + h.IntN(3), Ever}, {Anonymous, 1 + h.IntN(6), Ever}}
	if h.IntN(4) == 0 {
		r.Types[0].Limit = 2
	}
	for n := range r.Types {
		if h.IntN(4) == 0 {
			r.Types[n].Window = []Window{Day, Week}[h.IntN(2)]
		}
	}
	if h.IntN(3) == 0 {
		r.Types[1], r.Types[2] = r.Types[2], r.Types[1]
	}
	r.OtherLimit, r.NewPerDay, r.MaxIdentifiers, r.MaxMerges = 2, 3+h.IntN(4), 4+h.IntN(8), 1+h.IntN(5)
	r.Suspicious, r.SuspiciousPerDay = []string{"u0", "a1"}, 2
	r.Blocked = []string{"a0", "e0"}
	if h.IntN(2) == 0 {
		r.Trusted = []Identifier{{User, "u1"}}
	}
	return r
}

func (h *history) call() Call {
	c := Call{At: start.Add(time.Duration(h.IntN(12)) * 6 * time.Hour), Event: "m" + strconv.Itoa(h.IntN(1000)), Source: "web"}
	for _, k := range []struct {
		t       Type
		n, of10 int
	}{{User, 5, 5}, {Anonymous, 8, 7}, {Email, 4, 3}, {"phone", 3, 1}} {
		if h.IntN(10) < k.of10 {
			c.Named = append(c.Named, h.id(k.t, k.n))
		}
	}
	if len(c.Named) > 0 && c.Named[0].Type == User && h.IntN(6) == 0 {
		c.Previous = h.id([]Type{User, Anonymous}[h.IntN(2)], 5).Value
	}
	return c
}

func newHistory(seed uint64) *history {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 5))}
	h.resolver, _ = New(h.rules())
	for range 1 + h.IntN(14) {
		h.calls = append(h.calls, h.call())
	}
	for n := range h.calls { // an event id is that of one call
		h.calls[n].Event += "-" + strconv.Itoa(n)
	}
	return h
}

// decide appends a decision about whom there is.
func (h *history) decide() {
	seen := h.facts().Seen
	d := Decision{ID: fmt.Sprintf("d%03d", len(h.decisions)), At: start.Add(time.Duration(len(h.decisions)) * time.Minute), Kind: Merge}
	if len(seen) > 0 {
		d.A, d.B = seen[h.IntN(len(seen))].Identifier, seen[h.IntN(len(seen))].Identifier
	}
	if d.A == d.B {
		return
	}
	switch h.IntN(6) {
	case 0:
		d.Kind, d.B = Detach, Identifier{}
	case 1:
		if len(h.decisions) > 0 {
			d = Decision{ID: d.ID, At: d.At, Kind: Undo, Undoes: h.decisions[h.IntN(len(h.decisions))].ID}
		}
	case 2, 3:
		if joins := joinsOf(h.resolver.Resolve(h.facts())); len(joins) > 0 {
			if u, err := h.resolver.UndoOf(h.facts(), joins[h.IntN(len(joins))].Claim.ID); err == nil {
				u.ID, u.At = d.ID, d.At
				d = u
			}
		}
	}
	h.decisions = append(h.decisions, d)
}

func joinsOf(r *Result) []Join {
	var out []Join
	for _, p := range r.Persons {
		out = append(out, p.Joins...)
	}
	return out
}

func factsOf(calls []Call, decisions []Decision) Facts {
	f := Facts{Decisions: decisions}
	for _, c := range calls {
		seen, claims := c.Evidence()
		for n := range claims {
			claims[n].ID = claims[n].Event + " " + claims[n].A.Value + " " + claims[n].B.Value + string(claims[n].B.Type)
		}
		f.Seen, f.Claims = append(f.Seen, seen...), append(f.Claims, claims...)
	}
	return f
}

func (h *history) facts() Facts { return factsOf(h.calls, h.decisions) }

// answer is what figures depend on: the key of each identifier, and the state.
func answer(r *Result) map[Identifier]string {
	out := map[Identifier]string{}
	for _, p := range r.Persons {
		for _, i := range p.Identifiers {
			members := ""
			for _, o := range p.Identifiers {
				members += " " + o.Value
			}
			out[i.Identifier] = fmt.Sprintf("%v of%s %s", p.Key, members, r.States[i.Identifier])
		}
	}
	for i, s := range r.States {
		if s == Blocked {
			out[i] = string(s)
		}
	}
	return out
}

// histories runs f on random histories; CI samples.
func histories(t *testing.T, f func(t *testing.T, h *history)) {
	n := 10_000
	if testing.Short() || os.Getenv("CI") != "" {
		n = 1000
	}
	base := rand.Uint64()
	for i := range uint64(n) {
		h := newHistory(base + i)
		f(t, h)
		if t.Failed() {
			t.Fatalf("seed %d: calls %+v\ndecisions %+v\nrules %+v", base+i, h.calls, h.decisions, h.resolver.rules)
		}
	}
}

func TestNeitherOrderNorRepetitionMatters(t *testing.T) {
	histories(t, func(t *testing.T, h *history) {
		for range h.IntN(5) {
			h.decide()
		}
		want := h.resolver.Resolve(h.facts())
		f := h.facts()
		f.Seen, f.Claims, f.Decisions = append(f.Seen, f.Seen...), append(f.Claims, f.Claims...), append(slices.Clone(f.Decisions), f.Decisions...)
		h.Shuffle(len(f.Seen), func(i, j int) { f.Seen[i], f.Seen[j] = f.Seen[j], f.Seen[i] })
		h.Shuffle(len(f.Claims), func(i, j int) { f.Claims[i], f.Claims[j] = f.Claims[j], f.Claims[i] })
		h.Shuffle(len(f.Decisions), func(i, j int) { f.Decisions[i], f.Decisions[j] = f.Decisions[j], f.Decisions[i] })
		got := h.resolver.Resolve(f)
		if diff := cmp.Diff(answer(want), answer(got)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want.Flags, got.Flags); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUndoneDecisionLeavesNoTrace(t *testing.T) {
	histories(t, func(t *testing.T, h *history) {
		for range h.IntN(4) {
			h.decide()
		}
		before := answer(h.resolver.Resolve(h.facts()))
		n := len(h.decisions)
		h.decide()
		if len(h.decisions) == n {
			return
		}
		last := h.decisions[n]
		h.decisions = append(h.decisions, Decision{ID: "undo", At: last.At.Add(time.Second), Kind: Undo, Undoes: last.ID})
		if diff := cmp.Diff(before, answer(h.resolver.Resolve(h.facts()))); diff != "" {
			t.Error(diff)
		}
		h.decisions = append(h.decisions, Decision{ID: "again", At: last.At.Add(2 * time.Second), Kind: Undo, Undoes: "undo"})
		again := answer(h.resolver.Resolve(h.facts()))
		h.decisions = h.decisions[:n+1]
		if diff := cmp.Diff(answer(h.resolver.Resolve(h.facts())), again); diff != "" {
			t.Error(diff)
		}
	})
}

// After an undo everybody is who they were before the call; what it named is there, as if seen apart.
func TestUndoneMergeIsTheStateBefore(t *testing.T) {
	undone := 0
	histories(t, func(t *testing.T, h *history) {
		for range h.IntN(3) {
			h.decide()
		}
		c := h.call()
		c.Event = "last"
		c.At = start.Add(10 * 24 * time.Hour)
		f := h.facts()
		seen, _ := c.Evidence()
		f.Seen = append(f.Seen, seen...)
		before := h.resolver.Resolve(f)
		h.calls = append(h.calls, c)
		var of []Join
		for _, j := range joinsOf(h.resolver.Resolve(h.facts())) {
			if j.Decision == "" && j.Claim.Event == "last" && before.Of(j.Claim.A) != before.Of(j.Claim.B) {
				of = append(of, j)
			}
		}
		if len(of) == 0 {
			return
		}
		undone++
		d, err := h.resolver.UndoOf(h.facts(), of[h.IntN(len(of))].Claim.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.ID, d.At = "undo", start.Add(time.Hour)
		h.decisions = append(h.decisions, d)
		after := answer(h.resolver.Resolve(h.facts()))
		if diff := cmp.Diff(answer(before), after); diff != "" {
			t.Error(diff)
		}
	})
	t.Logf("%d merges undone", undone)
	if undone == 0 {
		t.Error("no history had a merge to undo")
	}
}

// What an undo told apart stays apart, whatever else is claimed, until people merge it.
func TestUndoneMergeStaysUndone(t *testing.T) {
	histories(t, func(t *testing.T, h *history) {
		joins := slices.DeleteFunc(joinsOf(h.resolver.Resolve(h.facts())), func(j Join) bool { return j.Decision != "" })
		if len(joins) == 0 {
			return
		}
		j := joins[h.IntN(len(joins))]
		d, err := h.resolver.UndoOf(h.facts(), j.Claim.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.ID, d.At = "undo", start
		h.decisions = append(h.decisions, d)
		for n := range 6 {
			c := h.call()
			c.Event += " later" + strconv.Itoa(n)
			h.calls = append(h.calls, c, Call{At: c.At, Event: "again" + strconv.Itoa(n), Named: []Identifier{j.Claim.A, j.Claim.B}})
		}
		r := h.resolver.Resolve(h.facts())
		for _, l := range d.Left {
			for _, o := range d.Right {
				if r.Of(l) == r.Of(o) {
					t.Errorf("%v and %v are one again", l, o)
				}
			}
		}
		h.decisions = append(h.decisions, Decision{ID: "z", At: start.Add(time.Hour), Kind: Merge, A: j.Claim.A, B: j.Claim.B})
		r = h.resolver.Resolve(h.facts())
		if r.Of(j.Claim.A) != r.Of(j.Claim.B) {
			t.Errorf("%v and %v are not one when people merged them", j.Claim.A, j.Claim.B)
		}
	})
}

// kept is a store that resolves only what is touched, as package people does.
type kept struct {
	h         *history
	calls     []Call
	decisions []Decision
	answers   map[Identifier]string
	states    map[Identifier]State
}

func (k *kept) load(_ context.Context, ids []Identifier) (Loaded, error) {
	f := factsOf(k.calls, nil)
	l := Loaded{States: map[Identifier]State{}}
	ends := map[Identifier]bool{}
	for _, i := range ids {
		ends[i] = true
		l.States[i] = k.states[i]
	}
	for _, c := range f.Claims {
		if slices.Contains(ids, c.A) || slices.Contains(ids, c.B) {
			l.Claims = append(l.Claims, c)
			ends[c.A], ends[c.B] = true, true
		}
	}
	for _, s := range f.Seen {
		if ends[s.Identifier] {
			l.Seen = append(l.Seen, s)
		}
	}
	return l, nil
}

func (k *kept) touch(t *testing.T, seeds []Identifier) {
	r, members, err := k.h.resolver.Component(context.Background(), seeds, k.decisions, k.load)
	if err != nil {
		t.Fatal(err)
	}
	is := answer(r)
	for _, i := range members {
		if is[i] == "" {
			delete(k.answers, i)
		} else {
			k.answers[i] = is[i]
		}
		k.states[i] = r.States[i]
	}
}

// hear takes calls in, and resolves whom they name.
func (k *kept) hear(t *testing.T, calls []Call) {
	var seeds []Identifier
	for _, c := range calls {
		seen, claims := c.Evidence()
		for _, s := range seen {
			seeds = append(seeds, s.Identifier)
		}
		for _, c := range claims {
			seeds = append(seeds, c.A, c.B)
		}
	}
	k.calls = append(k.calls, calls...)
	k.touch(t, seeds)
}

// compare compares what was resolved bit by bit with the whole.
func (k *kept) compare(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(answer(k.h.resolver.Resolve(factsOf(k.calls, k.decisions))), k.answers); diff != "" {
		t.Error(diff)
	}
}

func TestTouchedComponentsAnswerAsTheWhole(t *testing.T) {
	histories(t, func(t *testing.T, h *history) {
		k := &kept{h: h, answers: map[Identifier]string{}, states: map[Identifier]State{}}
		all := h.calls
		h.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for len(all) > 0 {
			n := 1 + h.IntN(min(3, len(all)))
			k.hear(t, all[:n])
			all = all[n:]
			if h.IntN(3) == 0 {
				h.calls, h.decisions = k.calls, k.decisions
				h.decide()
				if len(h.decisions) > len(k.decisions) {
					k.decisions = h.decisions
					k.touch(t, Touched(h.decisions[len(h.decisions)-1], h.decisions, factsOf(k.calls, nil).Claims))
				}
			}
		}
		k.compare(t)
	})
}

// How far apart two are first seen may make whom they have in common shared; so may what one of the two is merged with.
func TestNewsOfASharedIdReachWhoIsSharedByIt(t *testing.T) {
	rules := DefaultRules()
	rules.Types = []TypeRule{{User, 1, Ever}, {Anonymous, 1, Day}, {Email, 1, Ever}}
	f := func(text, late string, d Decision) {
		t.Helper()
		v, err := New(rules)
		if err != nil {
			t.Fatal(err)
		}
		k := &kept{h: &history{resolver: v}, answers: map[Identifier]string{}, states: map[Identifier]State{}}
		for _, c := range calls(t, text) {
			k.hear(t, []Call{c})
		}
		before := k.answers[Identifier{Email, "e1"}]
		if late != "" {
			k.hear(t, calls(t, late))
		}
		if d.Kind != "" {
			k.decisions = []Decision{d}
			k.touch(t, Touched(d, k.decisions, factsOf(k.calls, nil).Claims))
		}
		k.compare(t)
		if k.answers[Identifier{Email, "e1"}] == before {
			t.Errorf("%s, then %s%v: e1 is %s as before", text, late, d.Kind, before)
		}
	}
	shared := "40 a1 e1; 36 a2 e1; 41 u1 a1; 42 u2 a1"
	f(shared, "0 a1", Decision{})
	f(shared+"; 43 u3 a2; 44 u4 a2", "", Decision{ID: "d1", Kind: Merge, A: Identifier{Anonymous, "a1"}, B: Identifier{Anonymous, "a2"}})
}

func TestLimitsHold(t *testing.T) {
	histories(t, func(t *testing.T, h *history) {
		r := h.resolver.Resolve(h.facts())
		for _, p := range r.Persons {
			times := map[Type][]time.Time{}
			for _, i := range p.Identifiers {
				times[i.Type] = append(times[i.Type], i.At)
				if h.resolver.Blocked(i.Value) {
					t.Errorf("%v is blocked and somebody", i)
				}
				if s := r.States[i.Identifier]; s != Linking && len(p.Identifiers) > 1 {
					t.Errorf("%v is %s and linked", i.Identifier, s)
				}
			}
			if len(p.Identifiers) > h.resolver.rules.MaxIdentifiers {
				t.Errorf("%d identifiers", len(p.Identifiers))
			}
			for tp, at := range times {
				rule := h.resolver.rule(tp)
				if n := crowd(at, windows[rule.Window]); n > rule.Limit {
					t.Errorf("%d of %s; the limit is %d", n, tp, rule.Limit)
				}
			}
		}
	})
}
