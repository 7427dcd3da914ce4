package profilestore

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// ClaimsOf returns the claims of a call.
func (s *Store) ClaimsOf(ctx context.Context, event string) ([]identity.Claim, error) {
	return s.claims(ctx, `c.event = ?`, event)
}

// Claim returns the claim of an id, or ErrNotFound.
func (s *Store) Claim(ctx context.Context, id string) (identity.Claim, error) {
	all, err := s.claims(ctx, `'c' || c.id = ?1 AND c.id = CAST(substr(?1, 2) AS INTEGER)`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("merge %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return identity.Claim{}, err
	}
	return all[0], nil
}

func (s *Store) claims(ctx context.Context, where string, args ...any) ([]identity.Claim, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT c.id, c.at, c.event, c.source, c.basis, a.type, a.value, b.type, b.value
		FROM claims c JOIN identifiers a ON a.id = c.a JOIN identifiers b ON b.id = c.b WHERE `+where, args...)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (c identity.Claim, err error) {
		var id int64
		err = r.Scan(&id, sqlite.Time(&c.At), &c.Event, &c.Source, &c.Basis, &c.A.Type, &c.A.Value, &c.B.Type, &c.B.Value)
		c.ID = claimID(id)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	return all, nil
}

// Companion is a user id that rows with an anonymous id had.
type Companion struct {
	Standing
	// Derived says that all such rows are derived of others, and may be taken back.
	Derived bool
}

// Companions returns the user ids that rows with an anonymous id had, by the anonymous id: whom the event store
// finds it with. Each has at most most.
func (s *Store) Companions(ctx context.Context, anonymous []identity.Identifier, most int) (map[identity.Identifier][]Companion, error) {
	out := map[identity.Identifier][]Companion{}
	err := s.each(ctx, anonymous, `SELECT i.type, i.value, u.type, u.value, u.state, u.person, u.told, c.basis = 1
		FROM identifiers i JOIN (SELECT a AS one, b AS other, basis FROM claims WHERE basis < 2 UNION ALL SELECT b, a, basis FROM claims WHERE basis < 2) c ON c.one = i.id
		JOIN identifiers u ON u.id = c.other AND u.type = 'user_id' WHERE `+isOne, func(r sqlite.Scanner) error {
		var i identity.Identifier
		var u Companion
		if err := r.Scan(&i.Type, &i.Value, &u.Type, &u.Value, &u.State, &u.Person, &u.Told, &u.Derived); err != nil {
			return err
		}
		if len(out[i]) < most {
			out[i] = append(out[i], u)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read users of anonymous ids: %w", err)
	}
	return out, nil
}

// Nobodys returns the anonymous ids that calls with some user ids had and that are nobody's: the event store takes one
// for its users' when these are one person.
func (s *Store) Nobodys(ctx context.Context, users []identity.Identifier) ([]string, error) {
	var out []string
	err := s.each(ctx, users, `SELECT o.value FROM identifiers i
		JOIN (SELECT a AS one, b AS other FROM claims WHERE basis < 2 UNION ALL SELECT b, a FROM claims WHERE basis < 2) c ON c.one = i.id
		JOIN identifiers o ON o.id = c.other AND o.type = 'anonymous_id' AND o.person = '' WHERE `+isOne, func(r sqlite.Scanner) error {
		var id string
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read anonymous ids of users: %w", err)
	}
	return out, nil
}

func claimID(id int64) string { return fmt.Sprintf("c%d", id) }
