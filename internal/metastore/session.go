package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

const (
	// SessionLife is how long a session lasts after it was last used.
	SessionLife = 30 * 24 * time.Hour
	// touchEvery is how often the use of a session or token is noted at most, to spare the disk.
	touchEvery = time.Minute
)

// CreateSession starts a session and returns its secret, which is not stored.
func (s *Store) CreateSession(ctx context.Context, member string) (string, error) {
	secret, err := s.secret("", 32)
	if err != nil {
		return "", err
	}
	err = s.db.Change(ctx, func(tx *sql.Tx) error { return s.insertSession(ctx, tx, secret, member) })
	return secret, err
}

func (s *Store) insertSession(ctx context.Context, tx *sql.Tx, secret, member string) error {
	now := s.now()
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= ?`, now.UnixMicro()); err != nil {
		return fmt.Errorf("clear sessions: %w", err)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, member, created_at, last_seen_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
		digest(secret), member, now.UnixMicro(), now.UnixMicro(), now.Add(SessionLife).UnixMicro())
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return s.audit(ctx, tx, "session.start", member, "")
}

// SessionMember returns the member of a living session and keeps the session alive, or ErrNotFound.
func (s *Store) SessionMember(ctx context.Context, secret string) (Member, error) {
	now := s.now()
	var seen int64
	row := s.db.QueryRowContext(ctx, `SELECT `+memberColumns+`, s.last_seen_at FROM sessions s JOIN members m ON m.id = s.member
		WHERE s.hash = ? AND s.expires_at > ?`, digest(secret), now.UnixMicro())
	m, err := scanMember(also{row, &seen})
	if err := notFound(err, "session", ""); err != nil {
		return Member{}, err
	}
	if now.Sub(time.UnixMicro(seen)) >= touchEvery {
		err = s.touch(ctx, `UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE hash = ?`,
			now.UnixMicro(), now.Add(SessionLife).UnixMicro(), digest(secret))
	}
	return m, err
}

// EndSession ends a session; one that is not there is ended already.
func (s *Store) EndSession(ctx context.Context, secret string) error {
	return s.touch(ctx, `DELETE FROM sessions WHERE hash = ?`, digest(secret))
}

// CreateLoginLink returns the secret of a link that logs a member in once, within life. With no
// member, it is for the first one: who follows it becomes an owner.
func (s *Store) CreateLoginLink(ctx context.Context, member string, life time.Duration) (string, error) {
	secret, err := s.secret("", 24)
	if err != nil {
		return "", err
	}
	now := s.now()
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM login_links WHERE expires_at <= ?`, now.UnixMicro()); err != nil {
			return fmt.Errorf("clear login links: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO login_links (hash, member, created_at, expires_at) VALUES (?, ?, ?, ?)`,
			digest(secret), sql.NullString{String: member, Valid: member != ""}, now.UnixMicro(), now.Add(life).UnixMicro())
		if err != nil {
			return fmt.Errorf("add login link: %w", err)
		}
		return s.audit(ctx, tx, "login_link.create", member, "")
	})
	return secret, err
}

// UseLoginLink uses a link up and starts a session of its member, whose secret it returns; or
// ErrNotFound. A link without a member is for the oldest owner, who is created if there is none.
func (s *Store) UseLoginLink(ctx context.Context, link string) (string, error) {
	session, err := s.secret("", 32)
	if err != nil {
		return "", err
	}
	newMember, err := s.secret("mem_", 9)
	if err != nil {
		return "", err
	}
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		var member sql.NullString
		err := tx.QueryRowContext(ctx, `DELETE FROM login_links WHERE hash = ? AND expires_at > ? RETURNING member`,
			digest(link), s.now().UnixMicro()).Scan(&member)
		if err := notFound(err, "login link", ""); err != nil {
			return err
		}
		if !member.Valid {
			err = tx.QueryRowContext(ctx, `SELECT id FROM members WHERE role = ? ORDER BY created_at, id LIMIT 1`, Owner).Scan(&member.String)
			if errors.Is(err, sql.ErrNoRows) {
				member.String, err = newMember, s.insertMember(ctx, tx, newMember, "", "Owner", Owner)
			}
			if err != nil {
				return fmt.Errorf("find first member: %w", err)
			}
		}
		return s.insertSession(ctx, tx, session, member.String)
	})
	return session, err
}

// touch runs one statement that is no change of the configuration.
func (s *Store) touch(ctx context.Context, statement string, args ...any) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("note use: %w", err)
		}
		return nil
	})
}

// also scans one more column than the function it is given to knows of.
type also struct {
	sqlite.Scanner
	more any
}

// Scan adds the further column.
func (a also) Scan(dest ...any) error { return a.Scanner.Scan(append(dest, a.more)...) }
