package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Destination is a place that calls are handed on to, as it was set up.
type Destination struct {
	ID        string
	Name      string
	Kind      string // name of the spec
	Enabled   bool
	Settings  string // JSON object of those that are no secrets
	Secrets   []byte // sealed; nil: none
	Rules     string // JSON object: filter, functions, mapping; package deliver reads it
	CreatedAt time.Time
	CreatedBy string
	UpdatedAt time.Time
}

// MaxDestinations bounds the destinations of a workspace.
const MaxDestinations = 50

const destinationColumns = `id, name, kind, enabled, settings, secrets, rules, created_at, created_by, updated_at`

func scanDestination(r sqlite.Scanner) (Destination, error) {
	var d Destination
	err := r.Scan(&d.ID, &d.Name, &d.Kind, &d.Enabled, &d.Settings, &d.Secrets, &d.Rules, sqlite.Time(&d.CreatedAt), &d.CreatedBy, sqlite.Time(&d.UpdatedAt))
	return d, err
}

func (d *Destination) check() error {
	if n := utf8.RuneCountInString(d.Name); n < 1 || n > 100 || strings.TrimSpace(d.Name) != d.Name || !utf8.ValidString(d.Name) {
		return fmt.Errorf("%w: a destination has a name of 1 to 100 characters, without space around it", ErrInvalid)
	}
	return nil
}

// Destinations returns all of a workspace, the oldest first.
func (s *Store) Destinations(ctx context.Context, workspace string) ([]Destination, error) {
	return sqlite.List(ctx, s.db, "list destinations", scanDestination, `SELECT `+destinationColumns+` FROM destinations WHERE workspace = ? ORDER BY created_at, id`, workspace)
}

// Destination returns one, or ErrNotFound.
func (s *Store) Destination(ctx context.Context, workspace, id string) (Destination, error) {
	d, err := scanDestination(s.db.QueryRowContext(ctx, `SELECT `+destinationColumns+` FROM destinations WHERE workspace = ? AND id = ?`, workspace, id))
	return d, notFound(err, "destination", id)
}

// DestinationIDs is how ids of destinations begin.
const DestinationIDs = "dst_"

// NewDestinationID returns an id for AddDestination: secrets are sealed for it before it is stored.
func (s *Store) NewDestinationID() (string, error) { return s.secret(DestinationIDs, 9) }

// AddDestination adds one, whose cursors stand at the given positions, by log.
func (s *Store) AddDestination(ctx context.Context, workspace string, d Destination, cursors map[string]uint64) (Destination, error) {
	if err := d.check(); err != nil {
		return d, err
	}
	now := s.moment()
	d.CreatedAt, d.UpdatedAt = now, now
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM destinations WHERE workspace = ?`, workspace).Scan(&n); err != nil {
			return fmt.Errorf("count destinations: %w", err)
		}
		if n >= MaxDestinations {
			return fmt.Errorf("%w: there are %d destinations already, and no more are allowed", ErrInvalid, n)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO destinations (workspace, `+destinationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, workspace,
			d.ID, d.Name, d.Kind, d.Enabled, d.Settings, nonNil(d.Secrets), d.Rules, now.UnixMicro(), d.CreatedBy, now.UnixMicro())
		if err != nil {
			return taken(err, "destination", d.Name)
		}
		for log, position := range cursors {
			if err := setCursor(ctx, tx, d.ID, log, position); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, "destination.create", d.ID, d.Kind)
	})
	return d, err
}

// nonNil makes a blob of no bytes, which SQLite tells from NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// UpdateDestination replaces name, enabled, settings, secrets and rules of one, or returns ErrNotFound.
func (s *Store) UpdateDestination(ctx context.Context, workspace string, d Destination) (Destination, error) {
	if err := d.check(); err != nil {
		return d, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE destinations SET name = ?, enabled = ?, settings = ?, secrets = ?, rules = ?, updated_at = ? WHERE workspace = ? AND id = ?`,
			d.Name, d.Enabled, d.Settings, nonNil(d.Secrets), d.Rules, s.now().UnixMicro(), workspace, d.ID)
		if err != nil {
			return taken(err, "destination", d.Name)
		}
		if err := affected(r, err, "destination", d.ID); err != nil {
			return err
		}
		return s.audit(ctx, tx, "destination.update", d.ID, fmt.Sprintf("enabled=%t", d.Enabled))
	})
	if err != nil {
		return d, err
	}
	return s.Destination(ctx, workspace, d.ID)
}

// DeleteDestination removes one with all that waits for it, or returns ErrNotFound.
func (s *Store) DeleteDestination(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "destination", `DELETE FROM destinations WHERE workspace = ? AND id = ?`, workspace, id)
}

func setCursor(ctx context.Context, tx *sql.Tx, destination, log string, position uint64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO destination_cursors (destination, log, position) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET position = excluded.position`, destination, log, int64(position))
	if err != nil {
		return fmt.Errorf("set cursor of destination: %w", err)
	}
	return nil
}

// DestinationCursors returns how far a destination is, by log.
func (s *Store) DestinationCursors(ctx context.Context, destination string) (map[string]uint64, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT log, position FROM destination_cursors WHERE destination = ?`, destination)
	out := map[string]uint64{}
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var log string
		var position int64
		err := r.Scan(&log, &position)
		out[log] = uint64(position)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read cursors of destination: %w", err)
	}
	return out, nil
}
