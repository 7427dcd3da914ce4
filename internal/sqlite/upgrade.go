package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrNewer is returned by [Open] for a file of a newer version of Debrief.
var ErrNewer = errors.New("written by a newer version of debrief")

// upgrade brings the file to the format of the steps in one transaction, so that a file has its old format or the
// new one.
func (db *DB) upgrade(ctx context.Context, c Config) error {
	if c.Steps == nil {
		return db.PingContext(ctx)
	}
	steps, err := fs.Glob(c.Steps, "migrations/*.sql") // sorted
	if err != nil {
		return fmt.Errorf("list steps: %w", err)
	}
	var v int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&v); err != nil {
		return fmt.Errorf("read format version of %s: %w", c.Name, err)
	}
	switch {
	case v > len(steps):
		return fmt.Errorf("%s: %w: the format is %d, this program knows %d; use the newer program, or the copy made before the upgrade", c.Name, ErrNewer, v, len(steps))
	case v == len(steps):
		return nil
	case c.Existing:
		return fmt.Errorf("%s: the format is %d, an older one; start the server once to upgrade it to %d", c.Name, v, len(steps))
	case v > 0:
		if err := db.copyTo(ctx, fmt.Sprintf("%s.format-%d", c.Path, v)); err != nil {
			return fmt.Errorf("copy %s before the upgrade: %w", c.Name, err)
		}
	}
	return db.Change(ctx, func(tx *sql.Tx) error {
		for i := v; i < len(steps); i++ {
			if err := step(ctx, tx, c.Steps, steps[i]); err != nil {
				return fmt.Errorf("upgrade %s to format %d: %w", c.Name, i+1, err)
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, len(steps)))
		return err
	})
}

func step(ctx context.Context, tx *sql.Tx, steps fs.FS, name string) error {
	text, err := fs.ReadFile(steps, name)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, string(text))
	return err
}

// copyTo writes a whole, consistent copy of the file, durably and for its owner alone, in the place of one of an
// earlier attempt: as upgrades are atomic, a file that still has the old format has lost nothing.
func (db *DB) copyTo(ctx context.Context, path string) error {
	partial := path + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := touch(partial); err != nil { // SQLite would let everybody read it
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, partial); err != nil {
		return err
	}
	if err := flush(partial); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// flush makes a file durable: VACUUM INTO leaves that to others.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
