// Package sqlite opens files of SQLite the way that all of ours are: readable by their owner alone, in one format
// that steps lead up to, changed by one at a time. It also reads rows, times and lists of keys.
//
// It knows no table. The stores that are SQLite files import it, metastore and profilestore; the driver is named
// here alone (ADR 0004).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // registers the database/sql driver "sqlite"
)

// maxConns is how many connections to a file there are at once: readers do not wait for who writes.
const maxConns = 4

// Config says which file is opened. Path and Name are required.
type Config struct {
	Path string
	Name string // what is kept there, for errors: "metadata"
	// Steps are the files migrations/*.sql that make its format, one after the other in order of their names; their number
	// is the format version. A released step never changes. Nil takes a file of whatever format as it is.
	Steps fs.FS
	// Existing refuses to create or upgrade the file: for commands that look into the directory of a server that may be
	// running. A file that is not there is then [fs.ErrNotExist].
	Existing bool
	// CacheKB bounds the memory for pages of each of four connections; 0 is SQLite's own 2 MB.
	CacheKB int
}

// DB is an open file. Questions are asked of the pool that it embeds, from any number of goroutines at once, and
// what changes anything goes through [DB.Change]; other processes may have the same file open.
type DB struct {
	*sql.DB
	name string

	mu sync.Mutex // one change at a time, so that SQLite has no one of this process to turn away
}

// Open opens a file, creating or upgrading it as steps say; all or nothing. Before an upgrade from format N it
// copies the file to the name with ".format-N" behind it, where it stays. A file of a newer version is [ErrNewer].
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := c.prepare(); err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name, err)
	}
	pool, err := sql.Open("sqlite", c.dsn())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Path, err)
	}
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns) // opening one costs more than most questions
	db := &DB{DB: pool, name: c.Name}
	if err := db.upgrade(ctx, c); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("open %s: %w", c.Path, err)
	}
	return db, nil
}

// prepare sees to it that there is a file, and that it is its owner's alone: write keys are in one, and whose ids
// are whose in another. SQLite gives the files beside it the same mode.
func (c *Config) prepare() error {
	if c.Existing {
		_, err := os.Stat(c.Path)
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o700); err != nil {
		return err
	}
	return touch(c.Path)
}

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn names the file with the settings of every connection:
//   - a transaction takes the write lock when it begins, so that none fails half way for want of it, and waits ten
//     seconds for another process that has it;
//   - WAL lets readers go on while somebody writes;
//   - synchronous FULL makes a commit durable, which WAL alone does not;
//   - foreign keys are off in SQLite unless asked for.
func (c *Config) dsn() string {
	pragmas := []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}
	if c.CacheKB > 0 {
		pragmas = append(pragmas, fmt.Sprintf("cache_size(-%d)", c.CacheKB)) // negative: not pages but KiB
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(c.Path)}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Change runs f in a transaction, after those of others, and commits it unless f fails; then nothing changed. f
// must not ask for another change.
func (db *DB) Change(ctx context.Context, f func(tx *sql.Tx) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin change of %s: %w", db.name, err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit change of %s: %w", db.name, err)
	}
	return nil
}

// errUndo ends a change that is only tried.
var errUndo = errors.New("undo")

// Try makes a change and undoes it, to find out whether the file can be written.
func (db *DB) Try(ctx context.Context, f func(tx *sql.Tx) error) error {
	err := db.Change(ctx, func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}

// Close releases the file after the change that is under way. It may be called twice.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := db.DB.Close(); err != nil {
		return fmt.Errorf("close %s: %w", db.name, err)
	}
	return nil
}
