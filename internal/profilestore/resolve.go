package profilestore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Mark says that an identifier is to be looked at.
type Mark struct {
	identity.Identifier
	// Dirty: who it is may have changed. Else rows came.
	Dirty bool

	id, stamp int64
}

// Due returns marks whose rows are stored up to a position of the log, at most limit.
func (s *Store) Due(ctx context.Context, cursor uint64, limit int) ([]Mark, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT i.id, i.type, i.value, m.dirty, m.stamp FROM marks m JOIN identifiers i ON i.id = m.identifier WHERE m.position <= ? LIMIT ?`, int64(cursor), limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (m Mark, err error) {
		err = r.Scan(&m.id, &m.Type, &m.Value, &m.Dirty, &m.stamp)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("list marks of people: %w", err)
	}
	return all, nil
}

// Waiting counts the marks.
func (s *Store) Waiting(ctx context.Context) (n int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM marks`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count marks of people: %w", err)
	}
	return n, nil
}

// Standing is what an identifier was last resolved to.
type Standing struct {
	identity.Identifier
	State  identity.State
	Person string // key of its person; empty before it is resolved, and where there is none
	// Told is what the event store was told of it; the caller's words.
	Told string
}

// Standings returns those of identifiers; what is not stored is left out.
func (s *Store) Standings(ctx context.Context, ids []identity.Identifier) (map[identity.Identifier]Standing, error) {
	out := map[identity.Identifier]Standing{}
	err := s.each(ctx, ids, `SELECT type, value, state, person, told FROM identifiers i WHERE `+isOne, func(r sqlite.Scanner) error {
		var x Standing
		err := r.Scan(&x.Type, &x.Value, &x.State, &x.Person, &x.Told)
		out[x.Identifier] = x
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	return out, nil
}

// Identifiers returns those that were last resolved to a person, in order of when they were first seen.
func (s *Store) Identifiers(ctx context.Context, person string) ([]identity.Sighting, error) {
	return s.sightings(ctx, `person = ? ORDER BY first_at`, person)
}

// Settle stores what identifiers were resolved to, removes marks, but for those renewed since, and marks persons as stale;
// all or nothing.
func (s *Store) Settle(ctx context.Context, standings []Standing, done []Mark, stale []string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, `UPDATE identifiers SET state = ?, person = ?, told = ? WHERE type = ? AND value = ?`)
		if err != nil {
			return fmt.Errorf("settle people: %w", err)
		}
		for _, x := range standings {
			if _, err := put.ExecContext(ctx, string(x.State), x.Person, x.Told, string(x.Type), x.Value); err != nil {
				return fmt.Errorf("settle people: %w", err)
			}
		}
		remove, err := tx.PrepareContext(ctx, `DELETE FROM marks WHERE identifier = ? AND stamp = ?`)
		if err != nil {
			return fmt.Errorf("settle people: %w", err)
		}
		for _, m := range done {
			if _, err := remove.ExecContext(ctx, m.id, m.stamp); err != nil {
				return fmt.Errorf("settle people: %w", err)
			}
		}
		return markStale(ctx, tx, stale, false)
	})
}

// Load returns what is kept of identifiers, for [identity.Resolver.Component]: of each at most the earliest claims
// claims of either order, and those that decisions exclude beside.
func (s *Store) Load(ctx context.Context, ids []identity.Identifier, claims int) (identity.Loaded, error) {
	l := identity.Loaded{States: map[identity.Identifier]identity.State{}}
	see := func(x identity.Sighting) {
		if !x.At.IsZero() { // else an alias alone named it
			l.Seen = append(l.Seen, x)
		}
	}
	var keys []int64
	err := s.each(ctx, ids, `SELECT i.id, i.type, i.value, i.first_at, i.first_event, i.first_source, i.state FROM identifiers i WHERE `+isOne, func(r sqlite.Scanner) error {
		var x identity.Sighting
		var key int64
		var state identity.State
		if err := r.Scan(&key, &x.Type, &x.Value, sqlite.Time(&x.At), &x.Event, &x.Source, &state); err != nil {
			return err
		}
		keys = append(keys, key)
		l.States[x.Identifier] = state
		see(x)
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("load identifiers: %w", err)
	}
	claims += 8 * int(s.excluded.Load()) // a call claims few pairs of one identifier
	for _, key := range keys {
		if err := s.loadClaims(ctx, key, claims, &l, see); err != nil {
			return l, fmt.Errorf("load claims: %w", err)
		}
	}
	return l, nil
}

// loadClaims adds the claims of one identifier, and the sightings of their other ends.
func (s *Store) loadClaims(ctx context.Context, key int64, most int, l *identity.Loaded, see func(identity.Sighting)) error {
	rows, err := s.db.QueryContext(ctx, `SELECT c.id, c.at, c.event, c.source, c.basis, x.type, x.value, o.type, o.value, o.first_at, o.first_event, o.first_source
		FROM (SELECT *, b AS other FROM claims WHERE a = ?1 UNION ALL SELECT *, a AS other FROM claims WHERE b = ?1) c
		JOIN identifiers x ON x.id = ?1 JOIN identifiers o ON o.id = c.other LIMIT ?2`, key, most)
	return sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var c identity.Claim
		var o identity.Sighting
		var id int64
		if err := r.Scan(&id, sqlite.Time(&c.At), &c.Event, &c.Source, &c.Basis, &c.A.Type, &c.A.Value, &o.Type, &o.Value, sqlite.Time(&o.At), &o.Event, &o.Source); err != nil {
			return err
		}
		c.ID, c.B = claimID(id), o.Identifier
		l.Claims = append(l.Claims, c)
		see(o)
		return nil
	})
}

// Redo marks everything to be resolved anew, as when rules change.
func (s *Store) Redo(ctx context.Context) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO marks (identifier, position, dirty) SELECT id, 0, 1 FROM identifiers WHERE true
			ON CONFLICT (identifier) DO UPDATE SET dirty = 1, stamp = stamp + 1`)
		if err != nil {
			return fmt.Errorf("mark all people: %w", err)
		}
		return nil
	})
}

// OfState returns identifiers of a state, at most limit, the latest seen first.
func (s *Store) OfState(ctx context.Context, state identity.State, limit int) ([]identity.Sighting, error) {
	return s.sightings(ctx, `state = ? ORDER BY first_at DESC LIMIT ?`, string(state), limit)
}

const sightingColumns = `type, value, first_at, first_event, first_source`

func scanSighting(r sqlite.Scanner) (x identity.Sighting, err error) {
	err = r.Scan(&x.Type, &x.Value, sqlite.Time(&x.At), &x.Event, &x.Source)
	return
}

// sightings returns those of identifiers that were seen and of which a condition holds.
func (s *Store) sightings(ctx context.Context, where string, args ...any) ([]identity.Sighting, error) {
	return sqlite.List(ctx, s.db, "list identifiers", scanSighting, `SELECT `+sightingColumns+` FROM identifiers WHERE first_at IS NOT NULL AND `+where, args...)
}
