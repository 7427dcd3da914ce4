package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Role is what a member or a token may do.
type Role string

// The roles. Each may do what those after it may.
const (
	Owner  Role = "owner"  // members and tokens
	Editor Role = "editor" // sources and definitions
	Viewer Role = "viewer" // read
)

func (r Role) check() error {
	if r != Owner && r != Editor && r != Viewer {
		return fmt.Errorf("%w: role is owner, editor or viewer", ErrInvalid)
	}
	return nil
}

// Member is a person who may log in.
type Member struct {
	ID           string
	Email        string
	Name         string
	Role         Role
	PasswordHash string // as package auth makes it; empty until one is set
	CreatedAt    time.Time
}

const memberColumns = `m.id, m.email, m.name, m.role, m.password_hash, m.created_at`

func scanMember(r sqlite.Scanner) (Member, error) {
	var m Member
	err := r.Scan(&m.ID, &m.Email, &m.Name, &m.Role, &m.PasswordHash, sqlite.Time(&m.CreatedAt))
	return m, err
}

// CreateMember adds a member without a password and returns it, or ErrExists.
func (s *Store) CreateMember(ctx context.Context, email, name string, role Role) (Member, error) {
	if err := checkMember(email, name, role); err != nil {
		return Member{}, err
	}
	id, err := s.secret("mem_", 9)
	if err != nil {
		return Member{}, err
	}
	err = s.db.Change(ctx, func(tx *sql.Tx) error { return s.insertMember(ctx, tx, id, email, name, role) })
	if err != nil {
		return Member{}, err
	}
	return s.Member(ctx, id)
}

func (s *Store) insertMember(ctx context.Context, tx *sql.Tx, id, email, name string, role Role) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO members (id, email, name, role, created_at) VALUES (?, ?, ?, ?, ?)`,
		id, email, name, role, s.now().UnixMicro())
	if err != nil {
		return taken(err, "member", email)
	}
	return s.audit(ctx, tx, "member.create", id, string(role))
}

func checkMember(email, name string, role Role) error {
	var errs []error
	if email != "" && !strings.Contains(email, "@") {
		errs = append(errs, fmt.Errorf("%w: email needs an @", ErrInvalid))
	}
	return errors.Join(append(errs, role.check(), checkText("email", email, 0), checkText("name", name, 1))...)
}

// Members returns all members, oldest first.
func (s *Store) Members(ctx context.Context) ([]Member, error) {
	return sqlite.List(ctx, s.db, "list members", scanMember, `SELECT `+memberColumns+` FROM members m ORDER BY m.created_at, m.id`)
}

// Member returns one member, or ErrNotFound.
func (s *Store) Member(ctx context.Context, id string) (Member, error) {
	m, err := scanMember(s.db.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members m WHERE m.id = ?`, id))
	return m, notFound(err, "member", id)
}

// MemberByEmail returns the member with the email, in any case of letters, or ErrNotFound.
func (s *Store) MemberByEmail(ctx context.Context, email string) (Member, error) {
	m, err := scanMember(s.db.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members m WHERE m.email = ? AND m.email <> ''`, email))
	return m, notFound(err, "member", email)
}

// SetPassword sets a member's email, name and password hash, and ends the sessions of that member but
// the one given.
func (s *Store) SetPassword(ctx context.Context, id, email, name, hash, keepSession string) error {
	if err := checkMember(email, name, Viewer); err != nil {
		return err
	}
	if email == "" || hash == "" {
		return fmt.Errorf("%w: email and password are required", ErrInvalid)
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE members SET email = ?, name = ?, password_hash = ? WHERE id = ?`, email, name, hash, id)
		if err != nil {
			return taken(err, "member", email)
		}
		if err := affected(r, nil, "member", id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE member = ? AND hash <> ?`, id, digest(keepSession)); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return s.audit(ctx, tx, "member.set_password", id, "")
	})
}

// HasPassword reports whether any member can log in with a password.
func (s *Store) HasPassword(ctx context.Context) (bool, error) {
	var yes bool
	if err := s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM members WHERE password_hash <> '')`).Scan(&yes); err != nil {
		return false, fmt.Errorf("read members: %w", err)
	}
	return yes, nil
}

// DeleteMember removes a member and ends the member's sessions and login links. The last owner stays:
// that is ErrInvalid. It returns ErrNotFound if there is no such member.
func (s *Store) DeleteMember(ctx context.Context, id string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		var last bool
		err := tx.QueryRowContext(ctx, `SELECT role = 'owner' AND (SELECT count(*) FROM members WHERE role = 'owner') = 1 FROM members WHERE id = ?`, id).Scan(&last)
		if err := notFound(err, "member", id); err != nil {
			return err
		}
		if last {
			return fmt.Errorf("%w: the last owner cannot be removed", ErrInvalid)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM members WHERE id = ?`, id); err != nil {
			return fmt.Errorf("remove member: %w", err)
		}
		return s.audit(ctx, tx, "member.delete", id, "")
	})
}
