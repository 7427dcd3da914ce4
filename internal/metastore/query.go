package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Query is an SQL statement that somebody keeps, with how its answer is drawn.
type Query struct {
	ID        string
	Name      string // unique in the workspace
	SQL       string
	Chart     string // one of QueryCharts
	Author    string // the name shown
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MaxQuerySQL bounds the statement of a query, in bytes.
const MaxQuerySQL = 32 << 10

// QueryCharts are the ways to draw an answer.
var QueryCharts = []string{"table", "line", "bar"}

const queryColumns = `id, name, statement, chart, author, created_at, updated_at`

func scanQuery(r sqlite.Scanner) (Query, error) {
	var q Query
	err := r.Scan(&q.ID, &q.Name, &q.SQL, &q.Chart, &q.Author, sqlite.Time(&q.CreatedAt), sqlite.Time(&q.UpdatedAt))
	return q, err
}

func (q *Query) check() error {
	errs := []error{checkText("query name", q.Name, 1)}
	if strings.TrimSpace(q.SQL) == "" || len(q.SQL) > MaxQuerySQL || !storable(q.SQL) {
		errs = append(errs, fmt.Errorf("%w: sql is a statement of at most %d bytes", ErrInvalid, MaxQuerySQL))
	}
	if !slices.Contains(QueryCharts, q.Chart) {
		errs = append(errs, fmt.Errorf("%w: chart is one of %s", ErrInvalid, strings.Join(QueryCharts, ", ")))
	}
	return errors.Join(errs...)
}

// Queries returns those of a workspace by name.
func (s *Store) Queries(ctx context.Context, workspace string) ([]Query, error) {
	return sqlite.List(ctx, s.db, "list queries", scanQuery, `SELECT `+queryColumns+` FROM queries WHERE workspace = ? ORDER BY lower(name), id`, workspace)
}

// Query returns one, or ErrNotFound.
func (s *Store) Query(ctx context.Context, workspace, id string) (Query, error) {
	q, err := scanQuery(s.db.QueryRowContext(ctx, `SELECT `+queryColumns+` FROM queries WHERE workspace = ? AND id = ?`, workspace, id))
	return q, notFound(err, "query", id)
}

// CreateQuery adds a query with an id and the time, or returns ErrExists when the name is taken.
func (s *Store) CreateQuery(ctx context.Context, workspace string, q Query) (Query, error) {
	if err := q.check(); err != nil {
		return Query{}, err
	}
	id, err := s.secret("query_", 9)
	if err != nil {
		return Query{}, err
	}
	q.ID, q.CreatedAt = id, s.moment()
	q.UpdatedAt = q.CreatedAt
	return q, s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO queries (workspace, `+queryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			workspace, q.ID, q.Name, q.SQL, q.Chart, q.Author, q.CreatedAt.UnixMicro(), q.UpdatedAt.UnixMicro())
		if err != nil {
			return taken(err, "query", q.Name)
		}
		return s.audit(ctx, tx, "query.create", q.ID, q.Name)
	})
}

// PutQuery replaces the name, statement and chart of the query with q's id; ErrNotFound or ErrExists.
func (s *Store) PutQuery(ctx context.Context, workspace string, q Query) (Query, error) {
	if err := q.check(); err != nil {
		return Query{}, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE queries SET name = ?, statement = ?, chart = ?, updated_at = ? WHERE workspace = ? AND id = ?`,
			q.Name, q.SQL, q.Chart, s.now().UnixMicro(), workspace, q.ID)
		if err != nil {
			return taken(err, "query", q.Name)
		}
		if err := affected(r, err, "query", q.ID); err != nil {
			return err
		}
		return s.audit(ctx, tx, "query.put", q.ID, q.Name)
	})
	if err != nil {
		return Query{}, err
	}
	return s.Query(ctx, workspace, q.ID)
}

// DeleteQuery removes one, or returns ErrNotFound.
func (s *Store) DeleteQuery(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "query", `DELETE FROM queries WHERE workspace = ? AND id = ?`, workspace, id)
}

// What the audit log keeps of statements that were run.
const (
	auditedSQL      = 2000 // bytes of each
	auditedSQLCount = 5000 // of them; older ones are dropped
)

// AuditSQL notes that a statement is run: who reads what is of interest although nothing changes.
func (s *Store) AuditSQL(ctx context.Context, workspace, statement string) error {
	if len(statement) > auditedSQL {
		statement = strings.ToValidUTF8(statement[:auditedSQL], "") + "…"
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		if err := s.audit(ctx, tx, "sql.run", workspace, statement); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE action = 'sql.run' AND id <=
			(SELECT id FROM audit WHERE action = 'sql.run' ORDER BY id DESC LIMIT 1 OFFSET ?)`, auditedSQLCount)
		if err != nil {
			return fmt.Errorf("drop old statements from the audit log: %w", err)
		}
		return nil
	})
}
