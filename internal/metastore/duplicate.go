package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// KeptDuplicates is how many ids of calls that came more than once a workspace keeps: the newest.
const KeptDuplicates = 100_000

// DuplicateCount is a call that came again.
type DuplicateCount struct {
	Source  string
	EventID string
	At      time.Time // of the repetition's receipt
}

// Repetition is how often a call came again.
type Repetition struct {
	Source      string
	EventID     string
	Copies      int64     // beside the first
	First, Last time.Time // of the repetitions
}

func (s *Store) addDuplicates(ctx context.Context, tx *sql.Tx, workspace string, all []DuplicateCount) error {
	for _, d := range all {
		_, err := tx.ExecContext(ctx, `INSERT INTO duplicates (workspace, event_id, source, copies, first_at, last_at) VALUES (?1, ?2, ?3, 1, ?4, ?4)
			ON CONFLICT DO UPDATE SET copies = copies + 1, first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
			workspace, d.EventID, d.Source, d.At.UnixMicro())
		if err != nil {
			return fmt.Errorf("note duplicate of %s: %w", d.Source, err)
		}
	}
	if len(all) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM duplicates WHERE workspace = ? AND last_at <
		(SELECT last_at FROM duplicates WHERE workspace = ? ORDER BY last_at DESC LIMIT 1 OFFSET ?)`, workspace, workspace, KeptDuplicates-1)
	if err != nil {
		return fmt.Errorf("clear old duplicates: %w", err)
	}
	return nil
}

// Duplicates returns what is known of calls that came again, of those with these event ids.
func (s *Store) Duplicates(ctx context.Context, workspace string, eventIDs []string) ([]Repetition, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT source, event_id, copies, first_at, last_at FROM duplicates
		WHERE workspace = ? AND event_id IN (SELECT value FROM json_each(?))`, workspace, mustJSON(eventIDs))
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (Repetition, error) {
		var d Repetition
		err := r.Scan(&d.Source, &d.EventID, &d.Copies, sqlite.Time(&d.First), sqlite.Time(&d.Last))
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	return all, nil
}
