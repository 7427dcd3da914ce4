package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// moment is now, as precise as times are stored.
func (s *Store) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// storable says that a text is one, and not cut short by what reads it as C does.
func storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// notFound names what was looked for when there is no row.
func notFound(err error, what, name string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s %q: %w", what, name, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// affected turns "no row changed" into ErrNotFound.
func affected(r sql.Result, err error, what, name string) error {
	if err != nil {
		return fmt.Errorf("change %s: %w", what, err)
	}
	if n, err := r.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%s %q: %w", what, name, ErrNotFound)
	}
	return nil
}

// taken turns a broken uniqueness into ErrExists. SQLite's text is the only thing that its Go drivers
// agree on.
func taken(err error, what, name string) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "UNIQUE constraint failed") {
		return fmt.Errorf("%s %q: %w", what, name, ErrExists)
	}
	return fmt.Errorf("add %s: %w", what, err)
}

// remove takes something of a workspace away by the statement that deletes it, and notes it as "what.delete"; ErrNotFound
// if it is not there.
func (s *Store) remove(ctx context.Context, what, statement, workspace, id string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, statement, workspace, id)
		if err := affected(r, err, what, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, what+".delete", id, "")
	})
}
