package profilestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// whose is the key of the person of an identifier i.
const whose = `CASE i.person WHEN '' THEN i.value ELSE i.person END`

// isPerson holds for identifiers i that a person may be named by. The plus keeps questions about several persons from
// reading every identifier of these types instead, which SQLite takes for few.
const isPerson = `+i.type IN ('user_id', 'anonymous_id') AND i.first_at IS NOT NULL AND i.state <> 'blocked'`

// Known returns the keys of persons, each once, that the next identifiers in the order of their first sight name, after
// one; and the last identifier's place, 0 at the end.
func (s *Store) Known(ctx context.Context, after int64, limit int) (persons []string, last int64, err error) {
	return s.walk(ctx, `i.id > ? ORDER BY i.id`, after, limit)
}

// Newest is Known from the other end, before a place; 0 is the newest.
func (s *Store) Newest(ctx context.Context, before int64, limit int) (persons []string, last int64, err error) {
	return s.walk(ctx, `(?1 = 0 OR i.id < ?1) ORDER BY i.id DESC`, before, limit)
}

func (s *Store) walk(ctx context.Context, order string, place int64, limit int) (persons []string, last int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT i.id, `+whose+` FROM identifiers i WHERE `+isPerson+` AND `+order+` LIMIT ?`, place, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (person string, err error) {
		err = r.Scan(&last, &person)
		return
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list people: %w", err)
	}
	if len(all) < limit {
		last = 0
	}
	slices.Sort(all)
	return slices.Compact(all), last, nil
}

// LastPlace is the place of the newest identifier.
func (s *Store) LastPlace(ctx context.Context) (n int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM identifiers`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return n, nil
}

// Living returns those of some keys that a person has now: others were merged, or name nobody.
func (s *Store) Living(ctx context.Context, persons []string) (map[string]bool, error) {
	out := map[string]bool{}
	see := func(r sqlite.Scanner) error {
		var person string
		err := r.Scan(&person)
		out[person] = true
		return err
	}
	err := s.some(ctx, persons, `SELECT DISTINCT i.person FROM identifiers i WHERE `+isPerson+` AND i.person <> '' AND i.person IN :keys`, see)
	if err == nil {
		for _, t := range []string{"user_id", "anonymous_id"} { // one each: both in one condition would miss the index
			err = errors.Join(err, s.some(ctx, persons, `SELECT i.value FROM identifiers i WHERE `+isPerson+` AND i.person = '' AND i.type = '`+t+`' AND i.value IN :keys`, see))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return out, nil
}

// PersonsOf returns the keys of the persons that user ids, or anonymous ids, name now; ids of nobody are left out.
func (s *Store) PersonsOf(ctx context.Context, anonymous bool, ids []string) (map[string]string, error) {
	t := "user_id"
	if anonymous {
		t = "anonymous_id"
	}
	out := map[string]string{}
	err := s.some(ctx, ids, `SELECT i.value, `+whose+` FROM identifiers i WHERE `+isPerson+` AND i.type = '`+t+`' AND i.value IN :keys`, func(r sqlite.Scanner) error {
		var id, person string
		err := r.Scan(&id, &person)
		out[id] = person
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find people of ids: %w", err)
	}
	return out, nil
}

// Anonymous returns those of some persons whose key is an anonymous id, and no user id.
func (s *Store) Anonymous(ctx context.Context, persons []string) (map[string]bool, error) {
	anonymous, users := map[string]bool{}, map[string]bool{}
	err := s.some(ctx, persons, `SELECT type, value FROM identifiers WHERE type IN ('user_id', 'anonymous_id') AND value IN :keys`, func(r sqlite.Scanner) error {
		var kind, value string
		err := r.Scan(&kind, &value)
		if kind == "user_id" {
			users[value] = true
		} else {
			anonymous[value] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tell who is anonymous: %w", err)
	}
	maps.DeleteFunc(anonymous, func(person string, _ bool) bool { return users[person] })
	return anonymous, nil
}
