package profilestore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Stale is a person, or a conversation whose persons, are to be computed anew.
type Stale struct {
	ID           string
	Conversation bool
	stamp        int64
}

// MarkStale marks durably.
func (s *Store) MarkStale(ctx context.Context, ids []string, conversations bool) error {
	if len(ids) == 0 {
		return nil
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error { return markStale(ctx, tx, ids, conversations) })
}

func markStale(ctx context.Context, tx *sql.Tx, ids []string, conversations bool) error {
	st, err := tx.PrepareContext(ctx, `INSERT INTO stale (id, conversation) VALUES (?, ?) ON CONFLICT DO UPDATE SET stamp = stamp + 1`)
	if err != nil {
		return fmt.Errorf("mark what is to be computed: %w", err)
	}
	for _, id := range ids {
		if _, err := st.ExecContext(ctx, id, conversations); err != nil {
			return fmt.Errorf("mark what is to be computed: %w", err)
		}
	}
	return nil
}

// StaleNow returns marks, at most limit of persons and of conversations each.
func (s *Store) StaleNow(ctx context.Context, limit int) ([]Stale, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT * FROM (SELECT id, conversation, stamp FROM stale WHERE conversation = 0 LIMIT ?1)
		UNION ALL SELECT * FROM (SELECT id, conversation, stamp FROM stale WHERE conversation = 1 LIMIT ?1)`, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (m Stale, err error) {
		err = r.Scan(&m.ID, &m.Conversation, &m.stamp)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("list what is to be computed: %w", err)
	}
	return all, nil
}

// StaleCount counts the marks.
func (s *Store) StaleCount(ctx context.Context) (n int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM stale`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what is to be computed: %w", err)
	}
	return n, nil
}
