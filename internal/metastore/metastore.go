// Package metastore keeps what is configured and who may see it: workspaces, sources and their write
// keys, members, sessions, tokens, conversion definitions, the newest rejected calls and exact counts
// of what became of calls, and a log of changes. It is one SQLite file.
//
// It holds no analytics data and knows no HTTP. Packages auth and app use it; there is one
// implementation, so it is a concrete type.
package metastore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // registers the database/sql driver "sqlite"
)

var (
	// ErrNotFound is returned when the thing named does not exist, or is expired or revoked.
	ErrNotFound = errors.New("not found")
	// ErrExists is returned when a name, key or email is taken.
	ErrExists = errors.New("exists already")
	// ErrInvalid wraps what is wrong with a value; its text is for the person who sent it.
	ErrInvalid = errors.New("invalid")
	// ErrNewer is returned by Open for a file of a newer version of Debrief.
	ErrNewer = errors.New("metadata was written by a newer version of debrief")
	// ErrMissing is returned by Open with Config.Existing when there is no file.
	ErrMissing = errors.New("no metadata here")
)

// DefaultWorkspace is the id of the one workspace that Open creates.
const DefaultWorkspace = "default"

// Config says where the store is. Only Path is required.
type Config struct {
	Path string
	// Existing refuses to create or upgrade the file: for commands that look into the directory of a
	// server that may be running.
	Existing bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Random is where keys and tokens come from; nil is crypto/rand.
	Random io.Reader
}

// Store is an open metadata store. All methods may be called at once from any number of goroutines,
// and other processes may have the same file open.
type Store struct {
	db     *sql.DB
	now    func() time.Time
	random io.Reader

	table atomic.Pointer[sourceTable] // what Lookup answers from
	token *sql.Stmt                   // what UseToken finds one by: programs ask with each request

	mu     sync.Mutex // serialises changes of this process, so that SQLite has no one to turn away
	closed bool
}

// Open opens the store, creating or upgrading its file. Before an upgrade it copies the file beside
// itself, with the old format version in its name.
func Open(ctx context.Context, c Config) (*Store, error) {
	_, err := os.Stat(c.Path)
	if c.Existing && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", c.Path, ErrMissing)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if !c.Existing {
		if err := os.MkdirAll(filepath.Dir(c.Path), 0o700); err != nil {
			return nil, fmt.Errorf("create metadata directory: %w", err)
		}
		if err := private(c.Path); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", dsn(c.Path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Path, err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4) // opening one costs more than most questions
	s := &Store{db: db, now: c.Now, random: c.Random}
	if err := s.start(ctx, c); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", c.Path, err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, c Config) error {
	if c.Existing {
		if err := s.checkVersion(ctx); err != nil {
			return err
		}
		return s.ready(ctx)
	}
	if err := s.migrate(ctx, c.Path); err != nil {
		return err
	}
	if err := s.ensureWorkspace(ctx, DefaultWorkspace); err != nil {
		return err
	}
	return s.ready(ctx)
}

// ready reads and prepares what is asked for all the time.
func (s *Store) ready(ctx context.Context) (err error) {
	if s.token, err = s.db.PrepareContext(ctx, tokenText); err != nil {
		return fmt.Errorf("prepare finding tokens: %w", err)
	}
	return s.reloadSources(ctx)
}

// private creates the file readable by its owner alone: it holds write keys.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create metadata file: %w", err)
	}
	return f.Close()
}

// dsn names the file with the settings of every connection. Transactions take the write lock when
// they begin, so that none fails half way for want of it.
func dsn(path string) string {
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String()
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
		return fmt.Errorf("close metadata: %w", err)
	}
	return nil
}

// Check writes to the file and undoes it, to find out whether it can be written; readiness asks it.
func (s *Store) Check(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("check metadata: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `UPDATE workspaces SET name = name`); err != nil {
		return fmt.Errorf("check metadata: %w", err)
	}
	return nil
}

// change runs f in a transaction and commits it unless f fails.
func (s *Store) change(ctx context.Context, f func(tx *sql.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin change: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit change: %w", err)
	}
	return nil
}
