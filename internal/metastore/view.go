package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// View is a page as somebody left it, under a name.
type View struct {
	ID        string
	Name      string // unique in the workspace
	Page      string // path, starts with "/"
	Query     string // query string without "?"
	Pinned    bool
	Author    string // the name shown
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MaxViewQuery bounds the query string of a view, in bytes.
const MaxViewQuery = 8000

const viewColumns = `id, name, page, query, pinned, author, created_at, updated_at`

func scanView(r sqlite.Scanner) (View, error) {
	var v View
	err := r.Scan(&v.ID, &v.Name, &v.Page, &v.Query, &v.Pinned, &v.Author, sqlite.Time(&v.CreatedAt), sqlite.Time(&v.UpdatedAt))
	return v, err
}

func (v *View) check() error {
	errs := []error{checkText("view name", v.Name, 1), checkText("page", v.Page, 1)}
	if v.Name != "" && strings.TrimSpace(v.Name) == "" {
		errs = append(errs, fmt.Errorf("%w: a view's name is more than spaces", ErrInvalid))
	}
	// "//host" would lead to another site.
	if !strings.HasPrefix(v.Page, "/") || strings.HasPrefix(v.Page, "//") || strings.ContainsAny(v.Page, `?#\`) {
		errs = append(errs, fmt.Errorf("%w: page is a path of this server such as \"/conversations\"", ErrInvalid))
	}
	if len(v.Query) > MaxViewQuery || !utf8.ValidString(v.Query) || strings.ContainsAny(v.Query, "#\x00\r\n") {
		errs = append(errs, fmt.Errorf("%w: query is a query string of at most %d bytes", ErrInvalid, MaxViewQuery))
	}
	return errors.Join(errs...)
}

// Views returns those of a workspace, pinned ones first, then by name.
func (s *Store) Views(ctx context.Context, workspace string) ([]View, error) {
	return sqlite.List(ctx, s.db, "list views", scanView, `SELECT `+viewColumns+` FROM views WHERE workspace = ? ORDER BY pinned DESC, lower(name), id`, workspace)
}

// View returns one, or ErrNotFound.
func (s *Store) View(ctx context.Context, workspace, id string) (View, error) {
	v, err := scanView(s.db.QueryRowContext(ctx, `SELECT `+viewColumns+` FROM views WHERE workspace = ? AND id = ?`, workspace, id))
	return v, notFound(err, "view", id)
}

// CreateView adds a view with an id and the time, or returns ErrExists when the name is taken.
func (s *Store) CreateView(ctx context.Context, workspace string, v View) (View, error) {
	if err := v.check(); err != nil {
		return View{}, err
	}
	id, err := s.secret("view_", 9)
	if err != nil {
		return View{}, err
	}
	v.ID, v.CreatedAt = id, s.moment()
	v.UpdatedAt = v.CreatedAt
	return v, s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO views (workspace, `+viewColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			workspace, v.ID, v.Name, v.Page, v.Query, v.Pinned, v.Author, v.CreatedAt.UnixMicro(), v.UpdatedAt.UnixMicro())
		if err != nil {
			return taken(err, "view", v.Name)
		}
		return s.audit(ctx, tx, "view.create", v.ID, v.Name)
	})
}

// PutView replaces the name, page, query and pin of the view with v's id; ErrNotFound or ErrExists.
func (s *Store) PutView(ctx context.Context, workspace string, v View) (View, error) {
	if err := v.check(); err != nil {
		return View{}, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE views SET name = ?, page = ?, query = ?, pinned = ?, updated_at = ? WHERE workspace = ? AND id = ?`,
			v.Name, v.Page, v.Query, v.Pinned, s.now().UnixMicro(), workspace, v.ID)
		if err != nil {
			return taken(err, "view", v.Name)
		}
		if err := affected(r, err, "view", v.ID); err != nil {
			return err
		}
		return s.audit(ctx, tx, "view.put", v.ID, v.Name)
	})
	if err != nil {
		return View{}, err
	}
	return s.View(ctx, workspace, v.ID)
}

// DeleteView removes one, or returns ErrNotFound.
func (s *Store) DeleteView(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "view", `DELETE FROM views WHERE workspace = ? AND id = ?`, workspace, id)
}
