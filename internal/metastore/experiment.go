package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Experiment is a comparison of variants that people follow. What a definition means is package insight's
// business.
type Experiment struct {
	Name       string
	Definition json.RawMessage // a JSON object
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func scanExperiment(r sqlite.Scanner) (Experiment, error) {
	var e Experiment
	err := r.Scan(&e.Name, (*[]byte)(&e.Definition), sqlite.Time(&e.CreatedAt), sqlite.Time(&e.UpdatedAt))
	return e, err
}

// Experiments returns those of a workspace, the newest first.
func (s *Store) Experiments(ctx context.Context, workspace string) ([]Experiment, error) {
	return sqlite.List(ctx, s.db, "list experiments", scanExperiment, `SELECT name, definition, created_at, updated_at FROM experiments WHERE workspace = ? ORDER BY created_at DESC, name`, workspace)
}

// Experiment returns one, or ErrNotFound.
func (s *Store) Experiment(ctx context.Context, workspace, name string) (Experiment, error) {
	e, err := scanExperiment(s.db.QueryRowContext(ctx, `SELECT name, definition, created_at, updated_at FROM experiments WHERE workspace = ? AND name = ?`, workspace, name))
	return e, notFound(err, "experiment", name)
}

// PutExperiment adds an experiment or replaces its definition, and returns it.
func (s *Store) PutExperiment(ctx context.Context, workspace string, e Experiment) (Experiment, error) {
	errs := []error{checkText("experiment name", e.Name, 1)}
	if !json.Valid(e.Definition) {
		errs = append(errs, fmt.Errorf("%w: the definition is no JSON", ErrInvalid))
	}
	if err := errors.Join(errs...); err != nil {
		return Experiment{}, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		now := s.now().UnixMicro()
		_, err := tx.ExecContext(ctx, `INSERT INTO experiments (workspace, name, definition, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET definition = excluded.definition, updated_at = excluded.updated_at`,
			workspace, e.Name, string(e.Definition), now, now)
		if err != nil {
			return fmt.Errorf("put experiment %s: %w", e.Name, err)
		}
		return s.audit(ctx, tx, "experiment.put", e.Name, string(e.Definition))
	})
	if err != nil {
		return Experiment{}, err
	}
	return s.Experiment(ctx, workspace, e.Name)
}

// DeleteExperiment removes one, or returns ErrNotFound.
func (s *Store) DeleteExperiment(ctx context.Context, workspace, name string) error {
	return s.remove(ctx, "experiment", `DELETE FROM experiments WHERE workspace = ? AND name = ?`, workspace, name)
}
