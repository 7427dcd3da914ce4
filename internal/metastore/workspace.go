package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Workspace is a tenant. Zone and WeekStart are the defaults of its questions.
type Workspace struct {
	ID        string
	Name      string
	Zone      string // IANA name
	WeekStart time.Weekday
	CreatedAt time.Time
}

func (s *Store) ensureWorkspace(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			id, "Default", s.now().UnixMicro())
		if err != nil {
			return fmt.Errorf("create workspace %s: %w", id, err)
		}
		return nil
	})
}

// Workspace returns one workspace, or ErrNotFound.
func (s *Store) Workspace(ctx context.Context, id string) (Workspace, error) {
	w := Workspace{ID: id}
	var created sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT name, zone, week_start, created_at FROM workspaces WHERE id = ?`, id).
		Scan(&w.Name, &w.Zone, &w.WeekStart, &created)
	w.CreatedAt = fromMicros(created)
	return w, notFound(err, "workspace", id)
}
