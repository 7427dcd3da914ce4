// Package profilestore keeps who the people of a workspace are: the identifiers that calls named, what was claimed
// and decided of them, traits, and accounts. It is one SQLite file beside the event store (ADR 0014), which
// can be made anew from stored calls, but for decisions and rules.
//
// It decides nothing: package identity says who is who, package people when. There is one implementation, so it is
// a concrete type.
package profilestore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// ErrNotFound is returned when the thing named does not exist.
var ErrNotFound = errors.New("not found")

// migrations holds one file a step of the format.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open profile store. All methods may be called at once from any number of goroutines.
type Store struct {
	db      *sqlite.DB
	reading reading

	excluded atomic.Int64 // how many calls decisions exclude

	mu    sync.Mutex // taken before changes begin that read or write what is known
	known known
}

// cacheKB is more than of other files: people are looked up here and there, by several indexes.
const cacheKB = 32_000

// Open opens the store, creating or upgrading its file, with the errors of [sqlite.Open].
func Open(ctx context.Context, path string) (*Store, error) {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Name: "profiles", Steps: migrations, CacheKB: cacheKB})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	if err := errors.Join(s.recall(ctx), s.prepare(ctx)); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// Close releases the file. It may be called twice.
func (s *Store) Close() error { return s.db.Close() }

// some asks for rows of any of some texts, with sqlite.Keys in the place of them, and args before them.
func (s *Store) some(ctx context.Context, texts []string, question string, row func(sqlite.Scanner) error, args ...any) error {
	return sqlite.EachOf(ctx, s.db, question, texts, func(v string) []any { return []any{v} }, row, args...)
}

// isOne holds for the identifiers i that [Store.each] asks for.
const isOne = `(i.type, i.value) IN ` + sqlite.Keys

// each asks for rows of any of some identifiers.
func (s *Store) each(ctx context.Context, ids []identity.Identifier, question string, row func(sqlite.Scanner) error) error {
	return sqlite.EachOf(ctx, s.db, question, ids, func(i identity.Identifier) []any { return []any{string(i.Type), i.Value} }, row)
}

// Setting returns a value that SetSetting stored; "" if there is none.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	var v string
	err := s.db.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = ?`, name).Scan(&v)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read setting %s of profiles: %w", name, err)
	}
	return v, nil
}

// SetSetting stores a value.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`, name, value); err != nil {
			return fmt.Errorf("write setting %s of profiles: %w", name, err)
		}
		return nil
	})
}
