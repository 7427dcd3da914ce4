package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Computed is the definition of something that is computed of people: a trait or an audience. What Kind, Body
// and Emit say is their writer's business.
type Computed struct {
	Key  string // unique in the workspace, whatever the kind
	ID   string // never used again
	Kind string
	Name string
	Doc  string
	Body json.RawMessage
	Emit string
	// Destinations are the ids of those that are told of changes; none: all are.
	Destinations []string
	Enabled      bool
	// Version is raised when Body or Destinations change, when it is enabled again, and by RaiseComputed: then all is to be
	// computed anew.
	Version              int64
	CreatedAt, UpdatedAt time.Time
}

// Bounds of definitions of what is computed: characters of a doc, bytes of a body, definitions of a workspace.
const (
	MaxComputedDoc  = 2000
	MaxComputedBody = 64 << 10
	MaxComputed     = 500
)

const computedColumns = `key, id, kind, name, doc, body, emit, destinations, enabled, version, created_at, updated_at`

func scanComputed(r sqlite.Scanner) (Computed, error) {
	var c Computed
	var body, destinations string
	err := r.Scan(&c.Key, &c.ID, &c.Kind, &c.Name, &c.Doc, &body, &c.Emit, &destinations, &c.Enabled, &c.Version, sqlite.Time(&c.CreatedAt), sqlite.Time(&c.UpdatedAt))
	if err == nil {
		err = json.Unmarshal([]byte(destinations), &c.Destinations)
	}
	c.Body = json.RawMessage(body)
	return c, err
}

func (c *Computed) check() error {
	errs := []error{checkText("name", c.Name, 1), checkText("key", c.Key, 1)}
	if utf8.RuneCountInString(c.Doc) > MaxComputedDoc || !storable(c.Doc) {
		errs = append(errs, fmt.Errorf("%w: doc has at most %d characters", ErrInvalid, MaxComputedDoc))
	}
	if len(c.Body) > MaxComputedBody || !json.Valid(c.Body) {
		errs = append(errs, fmt.Errorf("%w: a definition is JSON of at most %d bytes", ErrInvalid, MaxComputedBody))
	}
	return errors.Join(errs...)
}

// Computed returns the definitions of a workspace by key.
func (s *Store) Computed(ctx context.Context, workspace string) ([]Computed, error) {
	return sqlite.List(ctx, s.db, "list what is computed", scanComputed, `SELECT `+computedColumns+` FROM computed WHERE workspace = ? ORDER BY key`, workspace)
}

// Origin is by which definition something is computed.
type Origin struct{ ID, Kind string }

// originsText finds definitions by key, and those by SQL by their columns: compute keeps them as columns of the body.
const originsText = `SELECT key, id, kind FROM computed WHERE workspace = ?1 AND key IN (SELECT value FROM json_each(?2))
	UNION ALL SELECT x.value, c.id, c.kind FROM computed c, json_each(c.body, '$.columns') x
	WHERE c.workspace = ?1 AND c.kind = 'sql' AND x.value IN (SELECT value FROM json_each(?2))`

// Origins returns those of some keys, of a trait by SQL the one that has it as a column; keys that no definition has are left out. It reads no definition, since it is
// asked for with each profile.
func (s *Store) Origins(ctx context.Context, workspace string, keys []string) (map[string]Origin, error) {
	out := make(map[string]Origin, len(keys))
	rows, err := s.origins.QueryContext(ctx, workspace, mustJSON(keys))
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var key string
		var o Origin
		err := r.Scan(&key, &o.ID, &o.Kind)
		out[key] = o
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find definitions: %w", err)
	}
	return out, nil
}

// CreateComputed adds a definition with an id, a first version and the time, or returns ErrExists when its key is
// taken.
func (s *Store) CreateComputed(ctx context.Context, workspace string, c Computed) (Computed, error) {
	if err := c.check(); err != nil {
		return Computed{}, err
	}
	id, err := s.secret(c.Kind+"_", 9)
	if err != nil {
		return Computed{}, err
	}
	c.ID, c.Version, c.CreatedAt = id, 1, s.moment()
	c.UpdatedAt = c.CreatedAt
	return c, s.db.Change(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM computed WHERE workspace = ?`, workspace).Scan(&n); err != nil {
			return fmt.Errorf("count what is computed: %w", err)
		}
		if n >= MaxComputed {
			return fmt.Errorf("%w: there are %d traits and audiences; remove one first", ErrInvalid, n)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO computed (workspace, `+computedColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			workspace, c.Key, c.ID, c.Kind, c.Name, c.Doc, string(c.Body), c.Emit, mustJSON(c.Destinations), c.Enabled, c.Version, c.CreatedAt.UnixMicro(), c.UpdatedAt.UnixMicro())
		if err != nil {
			return taken(err, "key", c.Key)
		}
		return s.audit(ctx, tx, c.Kind+".create", c.Key, c.Name)
	})
}

// PutComputed replaces name, doc, body, emit, destinations and enabled of the definition with c's key, raises its version if its
// body or destinations are others or it is enabled again, and returns it as it is then; or ErrNotFound.
func (s *Store) PutComputed(ctx context.Context, workspace string, c Computed) (Computed, error) {
	if err := c.check(); err != nil {
		return Computed{}, err
	}
	var put Computed
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE computed SET name = ?1, doc = ?2, version = version + (body <> ?3 OR enabled < ?5 OR destinations <> ?9), body = ?3, emit = ?4,
			enabled = ?5, updated_at = ?6, destinations = ?9 WHERE workspace = ?7 AND key = ?8`, c.Name, c.Doc, string(c.Body), c.Emit, c.Enabled, s.now().UnixMicro(), workspace, c.Key,
			mustJSON(c.Destinations))
		if err := affected(r, err, "key", c.Key); err != nil {
			return err
		}
		put, err = scanComputed(tx.QueryRowContext(ctx, `SELECT `+computedColumns+` FROM computed WHERE workspace = ? AND key = ?`, workspace, c.Key))
		if err != nil {
			return notFound(err, "key", c.Key)
		}
		return s.audit(ctx, tx, put.Kind+".put", c.Key, c.Name)
	})
	return put, err
}

// RaiseComputed raises the versions of some definitions; keys that are none are passed over.
func (s *Store) RaiseComputed(ctx context.Context, workspace string, keys ...string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			r, err := tx.ExecContext(ctx, `UPDATE computed SET version = version + 1 WHERE workspace = ? AND key = ?`, workspace, key)
			if err := affected(r, err, "key", key); errors.Is(err, ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			if err := s.audit(ctx, tx, "computed.rebuild", key, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteComputed removes a definition, or returns ErrNotFound.
func (s *Store) DeleteComputed(ctx context.Context, workspace, key string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `DELETE FROM computed WHERE workspace = ? AND key = ?`, workspace, key)
		if err := affected(r, err, "key", key); err != nil {
			return err
		}
		return s.audit(ctx, tx, "computed.delete", key, "")
	})
}
