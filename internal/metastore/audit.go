package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// AuditEntry is one change of the configuration.
type AuditEntry struct {
	ID      int64
	At      time.Time
	Actor   string // "member:ID", "token:ID" or "system"
	Action  string // "source.create"
	Subject string // id or name of what changed
	Detail  string // never a secret
}

type actorKey struct{}

// WithActor names who makes the changes done with ctx, for the audit log.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// audit notes a change in the transaction that makes it.
func (s *Store) audit(ctx context.Context, tx *sql.Tx, action, subject, detail string) error {
	actor, _ := ctx.Value(actorKey{}).(string)
	if actor == "" {
		actor = "system"
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)`,
		s.now().UnixMicro(), actor, action, subject, detail)
	if err != nil {
		return fmt.Errorf("audit %s of %s: %w", action, subject, err)
	}
	return nil
}

// Audit returns the newest changes, newest first, at most limit.
func (s *Store) Audit(ctx context.Context, limit int) ([]AuditEntry, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id DESC LIMIT ?`, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (AuditEntry, error) {
		var e AuditEntry
		err := r.Scan(&e.ID, sqlite.Time(&e.At), &e.Actor, &e.Action, &e.Subject, &e.Detail)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("list audit log: %w", err)
	}
	return all, nil
}
