package metastore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// migrations holds one file a step; the number of files is the format version. A released step never
// changes.
//
//go:embed migrations/*.sql
var migrations embed.FS

// FormatVersion is the version of the file format that this program writes.
func FormatVersion() int {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(fmt.Sprintf("BUG: list migrations: %v", err))
	}
	return len(steps)
}

func (s *Store) version(ctx context.Context) (int, error) {
	var v int
	if err := s.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&v); err != nil {
		return 0, fmt.Errorf("read format version: %w", err)
	}
	return v, nil
}

// checkVersion refuses files that this program does not write.
func (s *Store) checkVersion(ctx context.Context) error {
	v, err := s.version(ctx)
	if err != nil {
		return err
	}
	return checkVersion(v)
}

func checkVersion(v int) error {
	switch want := FormatVersion(); {
	case v > want:
		return fmt.Errorf("%w: its format is %d, this program knows %d; use the newer program, or the copy made before the upgrade", ErrNewer, v, want)
	case v < want:
		return fmt.Errorf("metadata has the older format %d; start the server once to upgrade it to %d", v, want)
	}
	return nil
}

// migrate brings the file to the current format, one step and one transaction at a time.
func (s *Store) migrate(ctx context.Context, path string) error {
	v, err := s.version(ctx)
	if err != nil {
		return err
	}
	if v > FormatVersion() {
		return checkVersion(v)
	}
	if v > 0 && v < FormatVersion() {
		if err := s.copyTo(ctx, fmt.Sprintf("%s.format-%d", path, v)); err != nil {
			return err
		}
	}
	steps, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	for i := v; i < len(steps); i++ {
		if err := s.step(ctx, steps[i], i+1); err != nil {
			return fmt.Errorf("upgrade metadata to format %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *Store) step(ctx context.Context, name string, to int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, to)); err != nil {
		return err
	}
	return tx.Commit()
}

// copyTo writes a whole, consistent copy of the store, replacing one of an earlier attempt: as steps
// are atomic, a file that still has the old version has lost nothing.
func (s *Store) copyTo(ctx context.Context, path string) error {
	partial := path + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy metadata: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, partial); err != nil {
		return fmt.Errorf("copy metadata to %s: %w", path, err)
	}
	if err := os.Rename(partial, path); err != nil {
		return fmt.Errorf("copy metadata: %w", err)
	}
	return nil
}
