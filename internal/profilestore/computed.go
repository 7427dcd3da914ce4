package profilestore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Computed is a value that was computed of a person.
type Computed struct {
	Key, Person string
	Value       json.RawMessage
	// Since is when the person came to have a value, Updated when it became this one.
	Since, Updated time.Time
}

const computedColumns = `key, person, value, since, updated`

func scanComputed(r sqlite.Scanner) (c Computed, err error) {
	err = r.Scan(&c.Key, &c.Person, (*[]byte)(&c.Value), sqlite.Time(&c.Since), sqlite.Time(&c.Updated))
	return
}

// WithKey returns who has a value under a key, in order of person after one, at most limit.
func (s *Store) WithKey(ctx context.Context, key, after string, limit int) ([]Computed, error) {
	return sqlite.List(ctx, s.db, "list computed values", scanComputed, `SELECT `+computedColumns+` FROM computed WHERE key = ? AND person > ? ORDER BY person LIMIT ?`, key, after, limit)
}

// ComputedOf returns what persons have, in order of person and key.
func (s *Store) ComputedOf(ctx context.Context, persons []string) ([]Computed, error) {
	var out []Computed
	err := s.some(ctx, persons, `SELECT `+computedColumns+` FROM computed WHERE person IN :keys`, func(r sqlite.Scanner) error {
		c, err := scanComputed(r)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read computed values of people: %w", err)
	}
	slices.SortFunc(out, func(a, b Computed) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.Key, b.Key))
	})
	return out, nil
}

// ComputedOfOne returns what one person has, in order of key.
func (s *Store) ComputedOfOne(ctx context.Context, person string) ([]Computed, error) {
	rows, err := s.reading.computed.QueryContext(ctx, person)
	all, err := sqlite.Collect(rows, err, scanComputed)
	if err != nil {
		return nil, fmt.Errorf("read computed values of a person: %w", err)
	}
	return all, nil
}

// ValueCount is how many people have a value.
type ValueCount struct {
	Value  json.RawMessage
	People int64
}

// TopValues returns the values that most people have under a key, the elements of lists by themselves, at most limit,
// and how many different ones there are.
func (s *Store) TopValues(ctx context.Context, key string, limit int) ([]ValueCount, int64, error) {
	var different int64
	rows, err := s.db.QueryContext(ctx, `SELECT v, n, count(*) OVER () FROM (
		SELECT CASE j.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN c.value ELSE json_quote(j.value) END AS v, count(*) AS n
		FROM computed c, json_each(c.value) j WHERE c.key = ? GROUP BY v) ORDER BY n DESC, v LIMIT ?`, key, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (v ValueCount, err error) {
		err = r.Scan((*[]byte)(&v.Value), &v.People, &different)
		return
	})
	if err != nil {
		return nil, 0, fmt.Errorf("count values: %w", err)
	}
	return all, different, nil
}

// Numbers are what the numbers that people have under a key are like.
type Numbers struct {
	People         int64
	Min, Max, Mean float64
}

// NumbersOf returns that; nil if nobody has a number.
func (s *Store) NumbersOf(ctx context.Context, key string) (*Numbers, error) {
	var n Numbers
	var least, most, mean sql.NullFloat64
	err := s.db.QueryRowContext(ctx, `SELECT count(*), min(n), max(n), avg(n) FROM (SELECT CAST(value AS REAL) AS n FROM computed
		WHERE key = ? AND (value GLOB '[0-9]*' OR value GLOB '-*'))`, key).Scan(&n.People, &least, &most, &mean)
	if err != nil {
		return nil, fmt.Errorf("read numbers: %w", err)
	}
	if n.People == 0 {
		return nil, nil
	}
	n.Min, n.Max, n.Mean = least.Float64, most.Float64, mean.Float64
	return &n, nil
}

// Computations returns how far what is computed is, by id.
func (s *Store) Computations(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	rows, err := s.db.QueryContext(ctx, `SELECT id, state FROM computations`)
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var id, state string
		err := r.Scan(&id, &state)
		out[id] = state
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read computations: %w", err)
	}
	return out, nil
}

// Sizes returns how many people have a value, by key; keys that nobody has are left out.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	rows, err := s.db.QueryContext(ctx, `SELECT key, people FROM computed_sizes`)
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var key string
		var n int64
		err := r.Scan(&key, &n)
		out[key] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count computed values: %w", err)
	}
	return out, nil
}
