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
	"embed"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

var (
	// ErrNotFound is returned when the thing named does not exist, or is expired or revoked.
	ErrNotFound = errors.New("not found")
	// ErrExists is returned when a name, key or email is taken.
	ErrExists = errors.New("exists already")
	// ErrInvalid wraps what is wrong with a value; its text is for the person who sent it.
	ErrInvalid = errors.New("invalid")
)

// DefaultWorkspace is the id of the one workspace that Open creates.
const DefaultWorkspace = "default"

// Config says where the store is. Only Path is required.
type Config struct {
	Path string
	// Existing refuses to create or upgrade the file, as [sqlite.Config] says.
	Existing bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Random is where keys and tokens come from; nil is crypto/rand.
	Random io.Reader
}

// migrations holds one file a step of the format.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open metadata store. All methods may be called at once from any number of goroutines,
// and other processes may have the same file open.
type Store struct {
	db     *sqlite.DB
	now    func() time.Time
	random io.Reader

	table atomic.Pointer[sourceTable] // what Lookup answers from
	// What programs ask with each request: UseToken and Origins.
	token, origins *sql.Stmt
}

// Open opens the store, creating or upgrading its file, with the errors of [sqlite.Open].
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: c.Path, Name: "metadata", Steps: migrations, Existing: c.Existing})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, now: c.Now, random: c.Random}
	if err := s.start(ctx, c); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", c.Path, err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, c Config) error {
	if !c.Existing {
		if err := s.ensureWorkspace(ctx, DefaultWorkspace); err != nil {
			return err
		}
	}
	return s.ready(ctx)
}

// ready reads and prepares what is asked for all the time.
func (s *Store) ready(ctx context.Context) (err error) {
	if s.token, err = s.db.PrepareContext(ctx, tokenText); err != nil {
		return fmt.Errorf("prepare finding tokens: %w", err)
	}
	if s.origins, err = s.db.PrepareContext(ctx, originsText); err != nil {
		return fmt.Errorf("prepare finding definitions: %w", err)
	}
	return s.reloadSources(ctx)
}

// Close releases the file. It may be called twice.
func (s *Store) Close() error {
	return s.db.Close()
}

// Check writes to the file and undoes it, to find out whether it can be written; readiness asks it.
func (s *Store) Check(ctx context.Context) error {
	err := s.db.Try(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE workspaces SET name = name`)
		return err
	})
	if err != nil {
		return fmt.Errorf("check metadata: %w", err)
	}
	return nil
}
