package profilestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Note is what some calls said.
type Note struct {
	Seen   []identity.Sighting
	Claims []identity.Claim
	Traits []Trait
	Groups []Group
	// Rows are identifiers with new rows: they are marked, too.
	Rows []identity.Identifier
	// Dirty are to be resolved anew, whatever else changes.
	Dirty []identity.Identifier
	// Position is how far the log must be stored before what changed is looked at.
	Position uint64
}

// Trait is what somebody, or an account, was said to be. The last word counts: by time, then event id.
type Trait struct {
	Of      identity.Identifier // whose it is; of accounts the zero value
	Account string
	Name    string
	Value   []byte // JSON; null takes the trait away
	At      time.Time
	Event   string
	Source  string
}

// Group is somebody's membership of an account.
type Group struct {
	Account string
	Member  identity.Identifier
	At      time.Time
	Event   string
	Source  string
}

// maxKnown bounds what is remembered of what is stored already.
const maxKnown = 200_000

// known is what is stored already: when at the latest it was first seen or claimed. It spares writing of what
// every call says again.
type known struct {
	seen     map[identity.Identifier]int64
	claims   map[[2]identity.Identifier]int64
	excluded map[string]bool // events whose claims do not count
}

func (k *known) forget() {
	k.seen, k.claims = map[identity.Identifier]int64{}, map[[2]identity.Identifier]int64{}
}

// recall reads which claims decisions exclude. Who calls it has the lock of what is known.
func (s *Store) recall(ctx context.Context) error {
	decisions, err := s.Decisions(ctx)
	if err != nil {
		return err
	}
	s.known.forget()
	s.known.excluded = map[string]bool{}
	for _, d := range identity.Standing(decisions) {
		if d.Event != "" {
			s.known.excluded[d.Event] = true
		}
	}
	s.excluded.Store(int64(len(s.known.excluded)))
	return nil
}

// Note stores what calls said, and marks whom it changes; all or nothing, durably. Saying the same again changes
// nothing.
func (s *Store) Note(ctx context.Context, n Note) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		return newNoter(ctx, s, tx).note(n)
	})
	if err != nil {
		s.known.forget() // it may say what was not committed
		return fmt.Errorf("note profiles: %w", err)
	}
	return nil
}

// noter is a Note under way.
type noter struct {
	writer
	s        *Store
	position uint64
	ids      map[identity.Identifier]int64
	marks    map[int64]bool // what is marked, and whether it is dirty
}

func newNoter(ctx context.Context, s *Store, tx *sql.Tx) *noter {
	return &noter{writer: newWriter(ctx, tx), s: s, ids: map[identity.Identifier]int64{}, marks: map[int64]bool{}}
}

func (w *noter) note(n Note) error {
	w.position = n.Position
	k := &w.s.known
	if len(k.seen)+len(k.claims) > maxKnown {
		k.forget()
	}
	for _, s := range n.Seen {
		if err := w.see(s); err != nil {
			return err
		}
	}
	for _, c := range n.Claims {
		if err := w.claim(c); err != nil {
			return err
		}
	}
	for _, g := range n.Groups {
		if err := w.group(g); err != nil {
			return err
		}
	}
	for _, t := range n.Traits {
		if err := w.trait(t); err != nil {
			return err
		}
	}
	for _, marks := range []struct {
		ids   []identity.Identifier
		dirty bool
	}{{n.Rows, false}, {n.Dirty, true}} {
		for _, i := range marks.ids {
			if err := w.mark(i, marks.dirty); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func (w *noter) see(s identity.Sighting) error {
	k, at := &w.s.known, s.At.UnixMicro()
	if first, ok := k.seen[s.Identifier]; ok && first < at {
		return nil
	}
	st, err := w.prepared(`INSERT INTO identifiers (type, value, first_at, first_event, first_source) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (type, value) DO UPDATE SET first_at = ?3, first_event = ?4, first_source = ?5
		WHERE first_at IS NULL OR ?3 < first_at OR ?3 = first_at AND ?4 < first_event RETURNING id`)
	if err != nil {
		return err
	}
	var id int64
	err = st.QueryRowContext(w.ctx, string(s.Type), s.Value, at, s.Event, s.Source).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("store identifier: %w", err)
	}
	k.seen[s.Identifier] = at // it may be earlier in the file: then it is looked up once more
	if err == nil {
		w.ids[s.Identifier] = id
		w.marks[id] = true
	}
	return nil
}

// id returns the row of an identifier, made if there is none.
func (w *noter) id(i identity.Identifier) (int64, error) {
	if id, ok := w.ids[i]; ok {
		return id, nil
	}
	if err := w.run(`INSERT OR IGNORE INTO identifiers (type, value) VALUES (?, ?)`, string(i.Type), i.Value); err != nil {
		return 0, fmt.Errorf("store identifier: %w", err)
	}
	st, err := w.prepared(`SELECT id FROM identifiers WHERE type = ? AND value = ?`)
	if err != nil {
		return 0, err
	}
	var id int64
	if err := st.QueryRowContext(w.ctx, string(i.Type), i.Value).Scan(&id); err != nil {
		return 0, fmt.Errorf("find identifier: %w", err)
	}
	w.ids[i] = id
	return id, nil
}

// mark notes that an identifier is to be looked at.
func (w *noter) mark(i identity.Identifier, dirty bool) error {
	id, err := w.id(i)
	if err == nil {
		w.marks[id] = w.marks[id] || dirty
	}
	return err
}

// flush stores the marks.
func (w *noter) flush() error {
	for id, dirty := range w.marks {
		err := w.run(`INSERT INTO marks (identifier, position, dirty) VALUES (?, ?, ?)
			ON CONFLICT (identifier) DO UPDATE SET position = max(position, excluded.position), dirty = max(dirty, excluded.dirty), stamp = stamp + 1`, id, int64(w.position), dirty)
		if err != nil {
			return fmt.Errorf("mark identifier: %w", err)
		}
	}
	return nil
}

// claim stores a claim, in the place of a later one of the same pair.
func (w *noter) claim(c identity.Claim) error {
	k, at := &w.s.known, c.At.UnixMicro()
	if c.B.Compare(c.A) < 0 {
		c.A, c.B = c.B, c.A
	}
	key := [2]identity.Identifier{c.A, c.B}
	if first, ok := k.claims[key]; ok && first < at || k.excluded[c.Event] {
		return nil
	}
	changed, err := w.putClaim(c, at)
	if err != nil {
		return fmt.Errorf("store claim: %w", err)
	}
	if c.Basis == identity.ByCall { // else a firmer one may come yet
		k.claims[key] = at
	}
	if !changed {
		return nil
	}
	if err := w.mark(c.A, true); err != nil {
		return err
	}
	return w.mark(c.B, true)
}

func (w *noter) putClaim(c identity.Claim, at int64) (changed bool, err error) {
	a, err := w.id(c.A)
	if err != nil {
		return false, err
	}
	b, err := w.id(c.B)
	if err != nil {
		return false, err
	}
	if b < a {
		a, b = b, a
	}
	old, err := w.claimOf(a, b)
	switch {
	case err != nil:
		return false, err
	case old == nil:
		err = w.run(`INSERT INTO claims (a, b, at, event, source, basis) VALUES (?, ?, ?, ?, ?, ?)`, a, b, at, c.Event, c.Source, c.Basis)
		return true, err
	}
	earlier := at < old.at || at == old.at && c.Event < old.event
	if !earlier && c.Basis >= old.basis {
		return false, nil
	}
	if !earlier {
		at, c.Event, c.Source = old.at, old.event, old.source
	}
	err = w.run(`UPDATE claims SET at = ?, event = ?, source = ?, basis = ? WHERE id = ?`, at, c.Event, c.Source, min(old.basis, c.Basis), old.id)
	return true, err
}

// storedClaim is a row of claims.
type storedClaim struct {
	id            int64
	at            int64
	event, source string
	basis         identity.Basis
}

// claimOf returns the claim of a pair that counts; nil if there is none.
func (w *noter) claimOf(a, b int64) (*storedClaim, error) {
	st, err := w.prepared(`SELECT id, at, event, source, basis FROM claims WHERE a = ? AND b = ?`)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(w.ctx, a, b)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (storedClaim, error) {
		var c storedClaim
		err := r.Scan(&c.id, &c.at, &c.event, &c.source, &c.basis)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if !w.s.known.excluded[c.event] {
			return &c, nil
		}
	}
	return nil, nil
}

// trait stores a trait unless a later word is stored.
func (w *noter) trait(t Trait) error {
	var of any = t.Account
	table, column := "account_traits", "account"
	if t.Account == "" {
		id, err := w.id(t.Of)
		if err != nil {
			return err
		}
		of, table, column = id, "traits", "identifier"
	}
	err := w.run(fmt.Sprintf(`INSERT INTO %[1]s (%[2]s, name, value, at, event, source) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (%[2]s, name) DO UPDATE SET value = excluded.value, at = excluded.at, event = excluded.event, source = excluded.source
		WHERE excluded.at > at OR excluded.at = at AND excluded.event > event`, table, column), of, t.Name, string(t.Value), t.At.UnixMicro(), t.Event, t.Source)
	if err != nil {
		return fmt.Errorf("store trait: %w", err)
	}
	return nil
}

// group stores a membership, and its account.
func (w *noter) group(g Group) error {
	at := g.At.UnixMicro()
	err := w.run(`INSERT INTO accounts (id, first_at, first_event, first_source) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (id) DO UPDATE SET first_at = ?2, first_event = ?3, first_source = ?4 WHERE ?2 < first_at OR ?2 = first_at AND ?3 < first_event`, g.Account, at, g.Event, g.Source)
	if err != nil {
		return fmt.Errorf("store account: %w", err)
	}
	if g.Member == (identity.Identifier{}) {
		return nil
	}
	id, err := w.id(g.Member)
	if err != nil {
		return err
	}
	if err := w.run(`INSERT INTO account_members (account, identifier, first_at, last_at) VALUES (?1, ?2, ?3, ?3)
		ON CONFLICT (account, identifier) DO UPDATE SET first_at = min(first_at, ?3), last_at = max(last_at, ?3)`, g.Account, id, at); err != nil {
		return fmt.Errorf("store member of account: %w", err)
	}
	return nil
}
