package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Backfill is a period of the past that a destination gets once more, or what is computed of people.
type Backfill struct {
	ID          int64
	Computed    bool // Since and Until are when it began then
	Since       time.Time
	Until       time.Time
	State       string // running, done or cancelled
	Total, Done int64  // calls of the period, or values, and those looked at
	Cursor      string
	CreatedAt   time.Time
	CreatedBy   string
	FinishedAt  time.Time
}

const backfillColumns = `id, since, until, state, total, done, cursor, created_at, created_by, finished_at, computed`

func scanBackfill(r sqlite.Scanner) (Backfill, error) {
	var b Backfill
	err := r.Scan(&b.ID, sqlite.Time(&b.Since), sqlite.Time(&b.Until), &b.State, &b.Total, &b.Done, &b.Cursor, sqlite.Time(&b.CreatedAt), &b.CreatedBy, sqlite.Time(&b.FinishedAt), &b.Computed)
	return b, err
}

// AddBackfill begins one; ErrExists while another one of the destination runs.
func (s *Store) AddBackfill(ctx context.Context, destination string, b Backfill) (Backfill, error) {
	b.State, b.CreatedAt = "running", s.moment()
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		var running int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM destination_backfills WHERE destination = ? AND state = 'running'`, destination).Scan(&running); err != nil {
			return fmt.Errorf("add backfill: %w", err)
		}
		if running > 0 {
			return fmt.Errorf("a backfill that runs: %w", ErrExists)
		}
		err := tx.QueryRowContext(ctx, `INSERT INTO destination_backfills (destination, since, until, state, total, done, cursor, created_at, created_by, computed)
			VALUES (?, ?, ?, ?, ?, 0, '', ?, ?, ?) RETURNING id`, destination, sqlite.Micros(b.Since), sqlite.Micros(b.Until), b.State, b.Total, sqlite.Micros(b.CreatedAt), b.CreatedBy,
			b.Computed).Scan(&b.ID)
		if err != nil {
			return fmt.Errorf("add backfill: %w", err)
		}
		return s.audit(ctx, tx, "destination.backfill", destination, strconv.FormatInt(b.ID, 10))
	})
	return b, err
}

// Backfills returns those of a destination, the newest first, at most 50.
func (s *Store) Backfills(ctx context.Context, destination string) ([]Backfill, error) {
	return sqlite.List(ctx, s.db, "list backfills", scanBackfill, `SELECT `+backfillColumns+` FROM destination_backfills WHERE destination = ? ORDER BY id DESC LIMIT 50`, destination)
}

// CancelBackfill ends one that runs, or returns ErrNotFound.
func (s *Store) CancelBackfill(ctx context.Context, destination string, id int64) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE destination_backfills SET state = 'cancelled', finished_at = ? WHERE destination = ? AND id = ? AND state = 'running'`,
			s.now().UnixMicro(), destination, id)
		return affected(r, err, "running backfill", strconv.FormatInt(id, 10))
	})
}
