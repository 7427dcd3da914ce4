package people

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// maxMarks bounds what is looked at in one go.
const maxMarks = 1000

// Resolve looks at what is due once, and returns how many identifiers that were.
func (p *People) Resolve(ctx context.Context) (int, error) {
	p.pass.Lock()
	defer p.pass.Unlock()
	return p.resolve(ctx)
}

func (p *People) resolve(ctx context.Context) (int, error) {
	began := time.Now()
	defer func() { p.meters.seconds.Add(time.Since(began).Seconds()) }()
	for done := 0; ; {
		n, err := p.resolveSome(ctx)
		done += n
		p.meters.resolved.Add(n)
		if err != nil || n == 0 {
			return done, err
		}
	}
}

// resolveSome settles the next marks, and returns how many.
func (p *People) resolveSome(ctx context.Context) (int, error) {
	p.storing.Lock()
	defer p.storing.Unlock()
	cursor, err := p.config.Store.Cursor(ctx)
	if err != nil {
		return 0, fmt.Errorf("read cursor of event store: %w", err)
	}
	marks, err := p.config.Profiles.Due(ctx, cursor, maxMarks)
	if err != nil || len(marks) == 0 {
		return 0, err
	}
	return len(marks), p.settle(ctx, marks)
}

// settle resolves what marks touch, tells the event store, and removes the marks. Whatever fails, all of it is
// done again: nothing of it depends on how often.
func (p *People) settle(ctx context.Context, marks []profilestore.Mark) error {
	var dirty, all []identity.Identifier
	for _, m := range marks {
		all = append(all, m.Identifier)
		if m.Dirty {
			dirty = append(dirty, m.Identifier)
		}
	}
	now, before, err := p.standings(ctx, dirty)
	if err != nil {
		return err
	}
	var identities []event.Identity
	anew := p.anew()
	touched, decided := map[string]bool{}, map[string]bool{}
	var changed []profilestore.Standing
	for _, s := range now {
		old := before[s.Identifier]
		if s.Told != old.Told || anew && (s.Type == identity.User || s.Type == identity.Anonymous) {
			identities = append(identities, identityOf(s))
		}
		if s == old {
			continue
		}
		changed = append(changed, s)
		if s.Told != old.Told {
			decided[old.Person], decided[s.Person] = true, true
		}
		touched[keyOf(old)], touched[keyOf(s)] = true, true
	}
	if len(identities) > 0 {
		if _, err := p.config.Store.Write(ctx, &eventstore.Batch{Identities: identities}); err != nil {
			return fmt.Errorf("write identities: %w", err)
		}
		p.meters.told.Add(len(identities))
	}
	delete(decided, "")
	if len(decided) > 0 && p.config.Decided != nil {
		if err := p.config.Decided(ctx, slices.Sorted(maps.Keys(decided))); err != nil {
			return err
		}
	}
	if p.config.Touched == nil {
		return p.config.Profiles.Settle(ctx, changed, marks, nil)
	}
	if err := p.touch(ctx, all, now, touched); err != nil {
		return err
	}
	nobodys, err := p.config.Profiles.Nobodys(ctx, users(changed))
	if err != nil {
		return err
	}
	for _, id := range nobodys {
		touched[id] = true
	}
	persons := slices.Sorted(maps.Keys(touched))
	if err := p.config.Profiles.Settle(ctx, changed, marks, persons); err != nil {
		return err
	}
	p.config.Touched(persons)
	return nil
}

// users returns the user ids of standings.
func users(some []profilestore.Standing) []identity.Identifier {
	var out []identity.Identifier
	for _, s := range some {
		if s.Type == identity.User {
			out = append(out, s.Identifier)
		}
	}
	return out
}

// keyOf is the key of the person of an identifier, for the event store, too: who is nobody's is called by the id; "" if
// it names no person.
func keyOf(s profilestore.Standing) string {
	if s.Person == "" && (s.Type == identity.User || s.Type == identity.Anonymous) {
		return s.Value
	}
	return s.Person
}

// touch adds the persons of identifiers to those who were touched.
func (p *People) touch(ctx context.Context, all []identity.Identifier, now map[identity.Identifier]profilestore.Standing, touched map[string]bool) error {
	stored, err := p.config.Profiles.Standings(ctx, all)
	if err != nil {
		return err
	}
	for _, i := range all {
		s, resolved := now[i]
		if !resolved {
			s = stored[i]
			s.Identifier = i
		}
		touched[keyOf(s)] = true
	}
	delete(touched, "")
	return nil
}

// standings resolves identifiers, and returns how they and whoever changes with them stand now and stood before.
func (p *People) standings(ctx context.Context, dirty []identity.Identifier) (now, before map[identity.Identifier]profilestore.Standing, err error) {
	now = map[identity.Identifier]profilestore.Standing{}
	if len(dirty) == 0 {
		return now, now, nil
	}
	r, _, decisions := p.going()
	res, members, err := r.Component(ctx, dirty, decisions, p.load(r))
	if err != nil {
		return nil, nil, err
	}
	if before, err = p.config.Profiles.Standings(ctx, members); err != nil {
		return nil, nil, err
	}
	var anonymous []identity.Identifier
	for _, i := range members {
		s := profilestore.Standing{Identifier: i, State: res.States[i]}
		if person := res.Of(i); person != nil {
			s.Person = person.Key.Value
		}
		now[i] = s
		if i.Type == identity.Anonymous {
			anonymous = append(anonymous, i)
		}
	}
	companions, err := p.config.Profiles.Companions(ctx, anonymous, r.Rules().MaxIdentifiers+1)
	if err != nil {
		return nil, nil, err
	}
	for i, s := range now {
		s.Told = told(s, byRows(r, s, companions[i], now))
		now[i] = s
	}
	return now, before, nil
}

// load loads what a component is resolved from.
func (p *People) load(r *identity.Resolver) func(ctx context.Context, ids []identity.Identifier) (identity.Loaded, error) {
	most := r.Rules().MaxIdentifiers + 1
	return func(ctx context.Context, ids []identity.Identifier) (identity.Loaded, error) {
		return p.config.Profiles.Load(ctx, ids, most)
	}
}

// byRows reports whether the event store takes an id for its person by itself, without being told, for as long as it
// is that person's. Of an anonymous id it takes the one person of the users that it was seen with, else the id: that
// they are several, or another's by a decision, may change without this id being looked at, and rows that are derived
// may be taken back.
func byRows(r *identity.Resolver, s profilestore.Standing, users []profilestore.Companion, now map[identity.Identifier]profilestore.Standing) bool {
	seen := false
	for _, u := range users {
		if r.Blocked(u.Value) {
			continue
		}
		person := u.Person
		if fresh, ok := now[u.Identifier]; ok {
			person = fresh.Person
		}
		if u.Derived || person != s.Person {
			return false
		}
		seen = true
	}
	return seen || s.Person == s.Value
}

// ignored is what is told of ids that name nobody; others are told by the key of their person, with a mark before.
const (
	ignored = "ignored"
	isOf    = "="
)

// told is what the event store must be told of an id, given whether it takes it for its person by itself; empty for
// nothing.
func told(s profilestore.Standing, byRows bool) string {
	switch {
	case s.Type != identity.User && s.Type != identity.Anonymous:
		return ""
	case s.State == identity.Blocked:
		return ignored
	case s.Person == "" || byRows:
		return ""
	}
	return isOf + s.Person
}

// identityOf is what is told, in the store's words.
func identityOf(s profilestore.Standing) event.Identity {
	out := event.Identity{Type: event.IdentityUser, ID: s.Value, Ignored: s.Told == ignored}
	if s.Type == identity.Anonymous {
		out.Type = event.IdentityAnonymous
	}
	if !out.Ignored && s.Told != "" {
		out.Person = s.Told[len(isOf):]
	}
	return out
}
