package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Token lets a program use the API. Its secret is shown once, when it is made.
type Token struct {
	ID         string
	Name       string
	Role       Role
	Hint       string // the last four characters of the secret
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute; zero: never
	ExpiresAt  time.Time // zero: never
}

const tokenColumns = `id, name, role, hint, created_at, last_used_at, expires_at`

func scanToken(r sqlite.Scanner) (Token, error) {
	var t Token
	err := r.Scan(&t.ID, &t.Name, &t.Role, &t.Hint, sqlite.Time(&t.CreatedAt), sqlite.Time(&t.LastUsedAt), sqlite.Time(&t.ExpiresAt))
	return t, err
}

// NewToken says what CreateToken creates.
type NewToken struct {
	Name   string
	Role   Role
	Life   time.Duration // 0: for ever
	Secret string        // "" makes one
}

// CreateToken adds a token and returns it with its secret, which is not stored; or ErrExists when the
// secret given is taken.
func (s *Store) CreateToken(ctx context.Context, n NewToken) (Token, string, error) {
	errs := []error{checkText("token name", n.Name, 1), n.Role.check()}
	if n.Secret != "" && len(n.Secret) < 16 {
		errs = append(errs, fmt.Errorf("%w: a token has at least 16 characters", ErrInvalid))
	}
	if err := errors.Join(errs...); err != nil {
		return Token{}, "", err
	}
	id, err := s.secret("tok_", 9)
	if err != nil {
		return Token{}, "", err
	}
	if n.Secret == "" {
		if n.Secret, err = s.secret("dbt_", 24); err != nil {
			return Token{}, "", err
		}
	}
	now := s.now()
	var expires time.Time
	if n.Life > 0 {
		expires = now.Add(n.Life)
	}
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE expires_at <= ?`, now.UnixMicro()); err != nil {
			return fmt.Errorf("clear tokens: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO tokens (id, hash, hint, name, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, digest(n.Secret), n.Secret[len(n.Secret)-4:], n.Name, n.Role, now.UnixMicro(), sqlite.Micros(expires))
		if err != nil {
			return taken(err, "token", n.Name)
		}
		return s.audit(ctx, tx, "token.create", id, fmt.Sprintf("name=%q role=%s", n.Name, n.Role))
	})
	if err != nil {
		return Token{}, "", err
	}
	t, err := scanToken(s.db.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE id = ?`, id))
	return t, n.Secret, notFound(err, "token", id)
}

// Tokens returns the living tokens, oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	return sqlite.List(ctx, s.db, "list tokens", scanToken, `SELECT `+tokenColumns+` FROM tokens WHERE expires_at IS NULL OR expires_at > ? ORDER BY created_at, id`,
		s.now().UnixMicro())
}

const tokenText = `SELECT ` + tokenColumns + ` FROM tokens WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)`

// UseToken returns the living token with a secret and notes its use, or ErrNotFound.
func (s *Store) UseToken(ctx context.Context, secret string) (Token, error) {
	now := s.now()
	t, err := scanToken(s.token.QueryRowContext(ctx, digest(secret), now.UnixMicro()))
	if err := notFound(err, "token", ""); err != nil {
		return Token{}, err
	}
	if now.Sub(t.LastUsedAt) >= touchEvery {
		t.LastUsedAt = now.UTC()
		err = s.touch(ctx, `UPDATE tokens SET last_used_at = ? WHERE id = ?`, now.UnixMicro(), t.ID)
	}
	return t, err
}

// DeleteToken revokes a token at once, or returns ErrNotFound.
func (s *Store) DeleteToken(ctx context.Context, id string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = ?`, id)
		if err := affected(r, err, "token", id); err != nil {
			return err
		}
		return s.audit(ctx, tx, "token.delete", id, "")
	})
}
