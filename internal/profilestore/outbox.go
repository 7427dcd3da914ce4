package profilestore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Call is one that tells of a change.
type Call struct {
	ID, Type string
	JSON     []byte
	seq      int64
}

// emittedSetting is how far the log of emitted calls went when calls were last taken off the outbox.
const emittedSetting = "emitted"

// Outbox returns the oldest calls that are not taken off, at most limit.
func (s *Store) Outbox(ctx context.Context, limit int) ([]Call, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT seq, id, type, call FROM outbox ORDER BY seq LIMIT ?`, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (c Call, err error) {
		err = r.Scan(&c.seq, &c.ID, &c.Type, &c.JSON)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return all, nil
}

// Emitted takes calls off the outbox that are in the log, which goes up to a position now.
func (s *Store) Emitted(ctx context.Context, calls []Call, position uint64) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, c := range calls {
			if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE seq = ?`, c.seq); err != nil {
				return fmt.Errorf("take calls off the outbox: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`, emittedSetting, fmt.Sprint(position)); err != nil {
			return fmt.Errorf("take calls off the outbox: %w", err)
		}
		return nil
	})
}

// EmittedUpTo returns the position of the last Emitted; 0 before any.
func (s *Store) EmittedUpTo(ctx context.Context) (uint64, error) {
	text, err := s.Setting(ctx, emittedSetting)
	if err != nil || text == "" {
		return 0, err
	}
	var at uint64
	if _, err := fmt.Sscan(text, &at); err != nil {
		return 0, fmt.Errorf("read setting %s of profiles: %w", emittedSetting, err)
	}
	return at, nil
}
