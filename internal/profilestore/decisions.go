package profilestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Decisions returns all, in their order.
func (s *Store) Decisions(ctx context.Context) ([]identity.Decision, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, body FROM decisions ORDER BY at`)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (d identity.Decision, err error) {
		var id int64
		var at time.Time
		var body []byte
		if err = r.Scan(&id, sqlite.Time(&at), &body); err != nil {
			return d, err
		}
		err = json.Unmarshal(body, &d)
		d.ID, d.At = decisionID(id), at
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	return all, nil
}

func decisionID(id int64) string { return fmt.Sprintf("d%06d", id) }

// Decide stores a decision, after all others in time, marks whom it touches, and returns it with its id and time.
func (s *Store) Decide(ctx context.Context, d identity.Decision, now time.Time, touched []identity.Identifier) (identity.Decision, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return d, fmt.Errorf("encode decision: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, `INSERT INTO decisions (at, body) VALUES (max(?, (SELECT coalesce(max(at), 0) + 1 FROM decisions)), ?) RETURNING id, at`, now.UnixMicro(), string(body)).Scan(&id, sqlite.Time(&d.At))
		if err != nil {
			return err
		}
		d.ID = decisionID(id)
		return newNoter(ctx, s, tx).note(Note{Dirty: touched})
	})
	if err != nil {
		return d, fmt.Errorf("store decision: %w", err)
	}
	return d, s.recall(ctx)
}
