package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Workspace is a tenant. Zone and WeekStart are the defaults of its questions.
type Workspace struct {
	ID        string
	Name      string
	Zone      string // IANA name
	WeekStart time.Weekday
	// HashKey is the secret key of the hashes of message texts. It never changes, or equal texts would
	// have different hashes.
	HashKey   []byte
	CreatedAt time.Time
}

func (s *Store) ensureWorkspace(ctx context.Context, id string) error {
	key := make([]byte, 32)
	if _, err := io.ReadFull(s.random, key); err != nil {
		return fmt.Errorf("make workspace key: %w", err)
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workspaces (id, name, hash_key, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, "Default", key, s.now().UnixMicro())
		if err != nil {
			return fmt.Errorf("create workspace %s: %w", id, err)
		}
		return nil
	})
}

// Workspace returns one workspace, or ErrNotFound.
func (s *Store) Workspace(ctx context.Context, id string) (Workspace, error) {
	w := Workspace{ID: id}
	err := s.db.QueryRowContext(ctx, `SELECT name, zone, week_start, hash_key, created_at FROM workspaces WHERE id = ?`, id).
		Scan(&w.Name, &w.Zone, &w.WeekStart, &w.HashKey, sqlite.Time(&w.CreatedAt))
	return w, notFound(err, "workspace", id)
}
