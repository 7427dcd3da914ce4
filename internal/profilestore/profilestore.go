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
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // registers the database/sql driver "sqlite"
)

var (
	// ErrNotFound is returned when the thing named does not exist.
	ErrNotFound = errors.New("not found")
	// ErrNewer is returned by Open for a file of a newer version of Debrief.
	ErrNewer = errors.New("profiles were written by a newer version of debrief")
)

// migrations holds one file a step; the number of files is the format version. A released step never changes.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open profile store. All methods may be called at once from any number of goroutines.
type Store struct {
	db      *sql.DB
	reading reading

	excluded atomic.Int64 // how many calls decisions exclude

	mu     sync.Mutex // serialises changes
	known  known
	closed bool
}

// maxConns is how many connections to the file there are at once.
const maxConns = 4

// Open opens the store, creating or upgrading its file.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create directory of profiles: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create profiles: %w", err)
	}
	_ = f.Close()
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns) // opening one costs more than most questions
	s := &Store{db: db}
	if err = s.migrate(ctx); err == nil {
		err = s.recall(ctx)
	}
	if err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// dsn names the file with the settings of every connection. Transactions take the write lock when they begin.
func dsn(path string) string {
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "cache_size(-32000)"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// migrate brings the file to the current format, one step and one transaction at a time.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	var v int
	if err := s.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&v); err != nil {
		return fmt.Errorf("read format version: %w", err)
	}
	if v > len(steps) {
		return fmt.Errorf("%w: its format is %d, this program knows %d", ErrNewer, v, len(steps))
	}
	for i := v; i < len(steps); i++ {
		text, err := migrations.ReadFile(steps[i])
		if err != nil {
			return err
		}
		err = s.change(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, i+1))
			return err
		})
		if err != nil {
			return fmt.Errorf("upgrade profiles to format %d: %w", i+1, err)
		}
	}
	return nil
}

// Close releases the file. It may be called twice.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close profiles: %w", err)
	}
	return nil
}

// change runs f in a transaction and commits it unless f fails.
func (s *Store) change(ctx context.Context, f func(tx *sql.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin change of profiles: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit change of profiles: %w", err)
	}
	return nil
}

// collect reads all rows with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

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
	return s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`, name, value); err != nil {
			return fmt.Errorf("write setting %s of profiles: %w", name, err)
		}
		return nil
	})
}
