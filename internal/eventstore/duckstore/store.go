// Package duckstore is the embedded event store, on DuckDB: a hot file that takes every write, one
// sealed file for each past month, and raw files with the calls as they were sent. ADR 0003 says why it
// is laid out like this, docs/formats/event-store.md what is in the files. All SQL that asks of
// events lives here.
//
// It is an engine behind package eventstore: only package app imports it, and eventstore/storetest
// holds it to the contract.
package duckstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	duckdb "github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

var _ eventstore.Store = (*Store)(nil)

// Config says how to open a store. Only Dir is required.
type Config struct {
	// Dir is the store's directory, made if it does not exist. One process may have it open.
	Dir string
	// MemoryLimit bounds DuckDB's memory, in bytes. 0 is a quarter of the machine's, at least 512 MB.
	MemoryLimit int64
	// Threads that one question may use. 0 is GOMAXPROCS.
	Threads int
	// Readers is how many questions run at once; more wait. 0 is 8.
	Readers int
	// Logger takes what an operator acts on. Nil discards it.
	Logger *slog.Logger
	// Now is the clock by which months are past. Nil is time.Now.
	Now func() time.Time
	// CompactEvery is how often past months are folded into sealed files when there is enough to fold.
	// 0 is a quarter of an hour; below 0 never, only by Compact.
	CompactEvery time.Duration
}

func (c *Config) setDefaults() {
	if c.MemoryLimit == 0 {
		c.MemoryLimit = defaultMemory()
	}
	if c.Threads == 0 {
		c.Threads = defaultThreads()
	}
	if c.Readers == 0 {
		c.Readers = 8
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.CompactEvery == 0 {
		c.CompactEvery = 15 * time.Minute
	}
}

// Validate reports what is wrong with the configuration.
func (c *Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("event store needs a directory"))
	}
	if c.MemoryLimit < 0 || c.Threads < 0 || c.Readers < 0 {
		errs = append(errs, errors.New("memory limit, threads and readers of the event store cannot be negative"))
	}
	return errors.Join(errs...)
}

// Store is an open event store. Use Open.
type Store struct {
	cfg   Config
	shape *shape
	db    *sql.DB // of readers
	own   *sql.DB // of the store's own work, which must not wait for readers

	instances mapping.InstanceCache // where DuckDB finds the hot file that is open already

	callsMu sync.Mutex
	closed  bool
	calls   sync.WaitGroup // under way

	// swap is held for writing while a commit changes which files hold which rows, and for reading
	// while a reader takes its snapshot, so that the two agree.
	swap     sync.RWMutex
	manifest *manifest

	writer writer

	console chan struct{} // holds the place of the one statement of the SQL console
	words   *vocabulary   // of who has that place

	folding    sync.Mutex // one fold at a time
	background sync.WaitGroup
	stop       context.CancelFunc

	errMu sync.Mutex
	err   error
}

// Open opens the store in cfg.Dir, making it if there is none. Files of a newer format are refused.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	s := &Store{cfg: cfg, shape: newShape(), console: make(chan struct{}, 1)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open event store %s: %w", cfg.Dir, err), s.disconnect())
	}
	run, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.background.Go(func() { s.remember(run) })
	if cfg.CompactEvery > 0 {
		s.background.Go(func() { s.compactNowAndThen(run) })
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := os.MkdirAll(s.cfg.Dir, 0o755); err != nil {
		return err
	}
	if err := s.connect(); err != nil {
		return err
	}
	format, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	if format < formatVersion {
		if err := s.upgrade(ctx, format); err != nil {
			return fmt.Errorf("upgrade: %w", err)
		}
	}
	if err := s.loadManifest(ctx); err != nil {
		return err
	}
	if err := s.writer.open(ctx, s, s.hotPath(), s.cfg.settings()); err != nil {
		return err
	}
	return s.confine(ctx)
}

// hotFile is the name of the hot file.
const hotFile = "hot.duckdb"

func (s *Store) hotPath() string { return filepath.Join(s.cfg.Dir, hotFile) }

// connect opens the hot file.
func (s *Store) connect() error {
	s.instances = mapping.CreateInstanceCache()
	connector, err := connectorIn(s.instances, dsn(s.hotPath(), s.cfg.settings()))
	if err != nil {
		return err
	}
	s.db = sql.OpenDB(connector)
	s.db.SetMaxOpenConns(s.cfg.Readers)
	s.db.SetMaxIdleConns(s.cfg.Readers)
	s.own = sql.OpenDB(connector)
	return nil
}

// instancesMu is held while the driver's own place of databases is exchanged.
var instancesMu sync.Mutex

// connectorIn opens a database among instances. By itself the driver opens all of a process among the same, where a database
// that is closed is waited for until it is gone. But a statement that was cut short can leave tasks that nobody runs any
// more, and these hold their database for ever: so would wait who opens the store again.
func connectorIn(instances mapping.InstanceCache, dsn string) (*duckdb.Connector, error) {
	instancesMu.Lock()
	defer instancesMu.Unlock()
	before := duckdb.GetInstanceCache
	duckdb.GetInstanceCache = func() mapping.InstanceCache { return instances }
	defer func() { duckdb.GetInstanceCache = before }()
	return duckdb.NewConnector(dsn, nil)
}

// enter begins a call; leave ends it.
func (s *Store) enter() error {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	if s.closed {
		return eventstore.ErrClosed
	}
	s.calls.Add(1)
	return nil
}

func (s *Store) leave() { s.calls.Done() }

// Err returns the first error of the work in the background: folding months, dropping old files. The
// store goes on answering; an operator has to look.
func (s *Store) Err() error {
	s.errMu.Lock()
	defer s.errMu.Unlock()
	return s.err
}

func (s *Store) fail(err error) {
	s.errMu.Lock()
	defer s.errMu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.cfg.Logger.Error("event store: background work failed", slog.Any("error", err))
}

// Close implements [eventstore.Store].
func (s *Store) Close() error {
	s.callsMu.Lock()
	closed := s.closed
	s.closed = true
	s.callsMu.Unlock()
	if closed {
		return nil
	}
	s.stop()
	s.calls.Wait()
	s.background.Wait()
	return s.disconnect()
}

// disconnect lets go of the hot file, and of what the writer has open.
func (s *Store) disconnect() error {
	var err error
	if s.own != nil {
		// One of DuckDB's threads may still be at the end of an interrupted statement. If it let go of the
		// database last, the database would wait for that very thread, and this process could not open
		// it again. Without threads there is none.
		_, err = s.own.Exec("SET threads = 1")
	}
	err = errors.Join(err, s.writer.close())
	if s.own != nil {
		// So that nothing is left to be written by what is left of the database; see connectorIn. What fails here DuckDB
		// tries once more as it closes.
		_, _ = s.own.Exec("CHECKPOINT")
	}
	for _, db := range []*sql.DB{s.own, s.db} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	s.own, s.db = nil, nil
	mapping.DestroyInstanceCache(&s.instances)
	return err
}

// Stats implements [eventstore.Store]. Bytes are of "events" (the hot file: rows that are not sealed, and
// roll-ups), "months" (the sealed ones), "raw" (the calls) and "free" (room in the hot file).
func (s *Store) Stats(ctx context.Context) (eventstore.Stats, error) {
	var st eventstore.Stats
	v, err := s.view(ctx)
	if err != nil {
		return st, fmt.Errorf("event store statistics: %w", err)
	}
	defer v.close()
	row := v.tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM dead), (SELECT count(*) FROM conversations)")
	var dead int64
	if err := row.Scan(&st.Events, &dead, &st.Conversations); err != nil {
		return st, fmt.Errorf("event store statistics: %w", err)
	}
	st.Events -= dead
	for _, f := range v.manifest.sealed {
		st.Events += f.events
	}
	st.Bytes = map[string]int64{}
	for dir, purpose := range map[string]string{"": "events", "months": "months", "raw": "raw"} {
		files, err := os.ReadDir(filepath.Join(s.cfg.Dir, dir))
		if err != nil {
			return st, fmt.Errorf("event store statistics: %w", err)
		}
		for _, file := range files {
			if info, err := file.Info(); err == nil && info.Mode().IsRegular() { // else dropped meanwhile
				st.Bytes[purpose] += info.Size()
			}
		}
	}
	// What folding left behind in the hot file is used again, so it is told apart.
	var free int64
	row = v.tx.QueryRowContext(ctx, "SELECT free_blocks * block_size FROM pragma_database_size() WHERE database_name = current_database()")
	if err := row.Scan(&free); err != nil {
		return st, fmt.Errorf("event store statistics: %w", err)
	}
	st.Bytes["events"] -= free
	st.Bytes["free"] = free
	return st, nil
}

// Checkpoint moves what the write-ahead log of the hot file holds into the file. DuckDB does it by
// itself when the log is long; after it, sizes on disk say what is stored.
func (s *Store) Checkpoint(ctx context.Context) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.writer.checkpoint()
}
