package duckstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// sealed is one generation of the file of a past month. Late events for the month stay in the hot file
// until the next generation folds them in.
type sealed struct {
	month         month
	generation    int
	events        int64
	firstReceived time.Time
	lastReceived  time.Time
	// dead says that some of its rows were replaced or retracted: table dead has their ids.
	dead bool
	// format of the file: it has the columns of that format.
	format int

	// readers that may still look at the file; the manifest in force counts as one.
	readers *atomic.Int32
}

func (f *sealed) fileName() string { return fmt.Sprintf("%s.g%d.duckdb", f.month, f.generation) }

// schema is the name under which the file is attached.
func (f *sealed) schema() string {
	return fmt.Sprintf("m%s_g%d", strings.ReplaceAll(f.month.String(), "-", "_"), f.generation)
}

// manifest says which files make the store up. It is never changed, only replaced.
type manifest struct {
	sealed []*sealed // by month
	// decided says that something may have been decided of ids; see whose.
	decided bool
}

func (m *manifest) clone() *manifest {
	out := *m
	out.sealed = slices.Clone(m.sealed)
	return &out
}

func (m *manifest) find(at month) *sealed {
	for _, f := range m.sealed {
		if f.month == at {
			return f
		}
	}
	return nil
}

// with returns a manifest with one file in the place of the one of the same month.
func (m *manifest) with(f *sealed) *manifest {
	out := m.clone()
	out.sealed = append(slices.DeleteFunc(out.sealed, func(old *sealed) bool { return old.month == f.month }), f)
	slices.SortFunc(out.sealed, func(a, b *sealed) int { return int(a.month - b.month) })
	return out
}

func (s *Store) sealedDir() string { return filepath.Join(s.cfg.Dir, "months") }

func (s *Store) sealedPath(f *sealed) string { return filepath.Join(s.sealedDir(), f.fileName()) }

// attach makes a sealed file readable by every connection.
func (s *Store) attach(ctx context.Context, f *sealed) error {
	path := strings.ReplaceAll(s.sealedPath(f), "'", "''")
	if _, err := s.own.ExecContext(ctx, fmt.Sprintf("ATTACH '%s' AS %s (READ_ONLY)", path, f.schema())); err != nil {
		return fmt.Errorf("attach %s: %w", f.fileName(), err)
	}
	return nil
}

func (s *Store) detach(ctx context.Context, f *sealed) error {
	if _, err := s.own.ExecContext(ctx, "DETACH "+f.schema()); err != nil {
		return fmt.Errorf("detach %s: %w", f.fileName(), err)
	}
	return nil
}

// release ends one use of files that a newer manifest may have dropped; the last use unlinks them.
func (s *Store) release(m *manifest) {
	for _, f := range m.sealed {
		if f.readers.Add(-1) > 0 {
			continue
		}
		err := s.detach(context.Background(), f)
		if err == nil {
			err = os.Remove(s.sealedPath(f))
		}
		if err != nil {
			s.fail(fmt.Errorf("drop %s: %w", f.fileName(), err))
		}
	}
}

func (m *manifest) hold() {
	for _, f := range m.sealed {
		f.readers.Add(1)
	}
}

// loadManifest reads the manifest at start, attaches what it names and removes what a crash left.
func (s *Store) loadManifest(ctx context.Context) error {
	if err := os.MkdirAll(s.sealedDir(), 0o755); err != nil {
		return err
	}
	m, err := s.readManifest(ctx, "m.format")
	if err != nil {
		return err
	}
	if err := s.own.QueryRowContext(ctx, "SELECT EXISTS (FROM decided_users) OR EXISTS (FROM decided_anonymous)").Scan(&m.decided); err != nil {
		return fmt.Errorf("look for decided ids: %w", err)
	}
	for _, f := range m.sealed {
		if err := s.attach(ctx, f); err != nil {
			return err
		}
	}
	m.hold()
	s.manifest = m
	return s.sweep(m)
}

// readManifest reads table months. format is the SQL of the format of each file.
func (s *Store) readManifest(ctx context.Context, format string) (*manifest, error) {
	rows, err := s.own.QueryContext(ctx, `SELECT m.month, m.generation, m.events, m.first_received_at, m.last_received_at, `+format+`,
		EXISTS (SELECT 1 FROM dead d WHERE d.month = m.month) FROM months m ORDER BY m.month`)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	defer rows.Close()
	m := &manifest{}
	for rows.Next() {
		f := &sealed{readers: &atomic.Int32{}}
		var first, last sql.NullTime
		if err := rows.Scan(&f.month, &f.generation, &f.events, &first, &last, &f.format, &f.dead); err != nil {
			return nil, fmt.Errorf("read manifest: %w", err)
		}
		f.firstReceived, f.lastReceived = first.Time, last.Time
		m.sealed = append(m.sealed, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return m, nil
}

// sweep removes generations that the manifest does not name: of a fold that a crash cut short, or old
// ones that were to be unlinked.
func (s *Store) sweep(m *manifest) error {
	files, err := os.ReadDir(s.sealedDir())
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".wal")
		if !slices.ContainsFunc(m.sealed, func(f *sealed) bool { return f.fileName() == name }) {
			errs = append(errs, os.Remove(filepath.Join(s.sealedDir(), file.Name())))
		}
	}
	return errors.Join(errs...)
}
