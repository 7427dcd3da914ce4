package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Share is a link by which anybody can read one conversation, until it expires or is taken back. The secret
// in the link is shown once, when it is made.
type Share struct {
	ID           string
	Workspace    string
	Conversation string
	Author       string // the name of who made it
	CreatedAt    time.Time
	ExpiresAt    time.Time
}

// Bounds of a share's life.
const (
	MinShareLife = time.Hour
	MaxShareLife = 365 * 24 * time.Hour
)

const shareColumns = `id, workspace, conversation, author, created_at, expires_at`

func scanShare(r sqlite.Scanner) (Share, error) {
	var h Share
	err := r.Scan(&h.ID, &h.Workspace, &h.Conversation, &h.Author, sqlite.Time(&h.CreatedAt), sqlite.Time(&h.ExpiresAt))
	return h, err
}

// CreateShare makes a link to a conversation that lives so long, and returns it with its secret.
func (s *Store) CreateShare(ctx context.Context, workspace, conversation, author string, life time.Duration) (Share, string, error) {
	if life < MinShareLife || life > MaxShareLife {
		return Share{}, "", fmt.Errorf("%w: a link lives from an hour to a year", ErrInvalid)
	}
	id, err := s.secret("shr_", 9)
	if err != nil {
		return Share{}, "", err
	}
	secret, err := s.secret("", 24)
	if err != nil {
		return Share{}, "", err
	}
	now := s.moment()
	h := Share{ID: id, Workspace: workspace, Conversation: conversation, Author: author, CreatedAt: now, ExpiresAt: now.Add(life)}
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM shares WHERE expires_at <= ?`, now.UnixMicro()); err != nil {
			return fmt.Errorf("clear shares: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO shares (id, hash, workspace, conversation, author, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.ID, digest(secret), h.Workspace, h.Conversation, h.Author, h.CreatedAt.UnixMicro(), h.ExpiresAt.UnixMicro())
		if err != nil {
			return fmt.Errorf("add share: %w", err)
		}
		return s.audit(ctx, tx, "share.create", h.ID, h.Conversation)
	})
	return h, secret, err
}

// Shares returns the living links to a conversation, the oldest first.
func (s *Store) Shares(ctx context.Context, workspace, conversation string) ([]Share, error) {
	return sqlite.List(ctx, s.db, "list shares", scanShare, `SELECT `+shareColumns+` FROM shares WHERE workspace = ? AND conversation = ? AND expires_at > ? ORDER BY created_at, id`,
		workspace, conversation, s.now().UnixMicro())
}

// UseShare returns the living link with a secret, or ErrNotFound.
func (s *Store) UseShare(ctx context.Context, secret string) (Share, error) {
	h, err := scanShare(s.db.QueryRowContext(ctx, `SELECT `+shareColumns+` FROM shares WHERE hash = ? AND expires_at > ?`, digest(secret), s.now().UnixMicro()))
	return h, notFound(err, "share", "")
}

// DeleteShare takes a link back at once, or returns ErrNotFound.
func (s *Store) DeleteShare(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "share", `DELETE FROM shares WHERE workspace = ? AND id = ?`, workspace, id)
}
