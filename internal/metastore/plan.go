package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// PlanVersion is one version of a tracking plan. What its text says is package plan's business.
type PlanVersion struct {
	Plan        string
	Version     int // from 1
	Text        string
	Description string
	Events      int // how many it plans
	Note        string
	CreatedAt   time.Time
	CreatedBy   string
}

// ErrStale is returned by PutPlan when another version has been made meanwhile.
var ErrStale = errors.New("changed meanwhile")

// ErrInUse is returned by DeletePlan for a plan that a source follows.
var ErrInUse = errors.New("in use")

const planColumns = `v.name, v.version, v.text, v.description, v.events, v.note, v.created_at, v.created_by`

func scanPlan(r sqlite.Scanner) (PlanVersion, error) {
	var v PlanVersion
	err := r.Scan(&v.Plan, &v.Version, &v.Text, &v.Description, &v.Events, &v.Note, sqlite.Time(&v.CreatedAt), &v.CreatedBy)
	return v, err
}

// Plans returns the newest version of every plan, by name.
func (s *Store) Plans(ctx context.Context, workspace string) ([]PlanVersion, error) {
	return sqlite.List(ctx, s.db, "list plans", scanPlan, `SELECT `+planColumns+` FROM plans p
		JOIN plan_versions v ON v.workspace = p.workspace AND v.name = p.name AND v.version = p.newest
		WHERE p.workspace = ? ORDER BY p.name`, workspace)
}

// Plan returns a version of a plan, 0 for the newest, or ErrNotFound.
func (s *Store) Plan(ctx context.Context, workspace, name string, version int) (PlanVersion, error) {
	v, err := scanPlan(s.db.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan_versions v
		WHERE v.workspace = ? AND v.name = ? AND (? = 0 OR v.version = ?) ORDER BY v.version DESC LIMIT 1`, workspace, name, version, version))
	return v, notFound(err, "plan", name)
}

// PlanVersions returns the versions of a plan, the newest first, or ErrNotFound.
func (s *Store) PlanVersions(ctx context.Context, workspace, name string) ([]PlanVersion, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+planColumns+` FROM plan_versions v WHERE v.workspace = ? AND v.name = ? ORDER BY v.version DESC`, workspace, name)
	all, err := sqlite.Collect(rows, err, scanPlan)
	if err != nil {
		return nil, fmt.Errorf("list versions of plan %s: %w", name, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("plan %q: %w", name, ErrNotFound)
	}
	return all, nil
}

// CreatePlan adds a plan with its first version, or returns ErrExists. Version and CreatedAt of v are set here.
func (s *Store) CreatePlan(ctx context.Context, workspace string, v PlanVersion) (PlanVersion, error) {
	if err := checkText("plan name", v.Plan, 1); err != nil {
		return PlanVersion{}, err
	}
	v.Version = 1
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO plans (workspace, name, newest) VALUES (?, ?, 1)`, workspace, v.Plan)
		if err := taken(err, "plan", v.Plan); err != nil {
			return err
		}
		if err := s.addPlanVersion(ctx, tx, workspace, &v); err != nil {
			return err
		}
		return s.audit(ctx, tx, "plan.create", v.Plan, v.Note)
	})
	return v, err
}

// PutPlan adds a version to a plan, or returns ErrNotFound; ErrStale if the newest version is not from,
// unless that is 0. A text that is the newest version's changes nothing.
func (s *Store) PutPlan(ctx context.Context, workspace string, v PlanVersion, from int) (PlanVersion, error) {
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		newest, err := scanPlan(tx.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan_versions v
			WHERE v.workspace = ? AND v.name = ? ORDER BY v.version DESC LIMIT 1`, workspace, v.Plan))
		if err := notFound(err, "plan", v.Plan); err != nil {
			return err
		}
		if from != 0 && from != newest.Version {
			return fmt.Errorf("plan %q has version %d now: %w", v.Plan, newest.Version, ErrStale)
		}
		if newest.Text == v.Text {
			v = newest
			return nil
		}
		v.Version = newest.Version + 1
		if err := s.addPlanVersion(ctx, tx, workspace, &v); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE plans SET newest = ? WHERE workspace = ? AND name = ?`, v.Version, workspace, v.Plan); err != nil {
			return fmt.Errorf("change plan %s: %w", v.Plan, err)
		}
		return s.audit(ctx, tx, "plan.update", v.Plan, fmt.Sprintf("version=%d %s", v.Version, v.Note))
	})
	return v, err
}

func (s *Store) addPlanVersion(ctx context.Context, tx *sql.Tx, workspace string, v *PlanVersion) error {
	v.CreatedAt = s.moment()
	_, err := tx.ExecContext(ctx, `INSERT INTO plan_versions (workspace, name, version, text, description, events, note, created_at, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		workspace, v.Plan, v.Version, v.Text, v.Description, v.Events, v.Note, v.CreatedAt.UnixMicro(), v.CreatedBy)
	if err != nil {
		return fmt.Errorf("add version %d of plan %s: %w", v.Version, v.Plan, err)
	}
	return nil
}

// DeletePlan removes a plan with all versions, or returns ErrNotFound, or ErrInUse.
func (s *Store) DeletePlan(ctx context.Context, workspace, name string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		var source string
		err := tx.QueryRowContext(ctx, `SELECT p.source FROM source_plans p JOIN sources s ON s.id = p.source
			WHERE s.workspace = ? AND p.plan = ? LIMIT 1`, workspace, name).Scan(&source)
		if err == nil {
			return fmt.Errorf("source %q follows plan %q: %w", source, name, ErrInUse)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("find sources of plan %s: %w", name, err)
		}
		r, err := tx.ExecContext(ctx, `DELETE FROM plans WHERE workspace = ? AND name = ?`, workspace, name)
		if err := affected(r, err, "plan", name); err != nil {
			return err
		}
		return s.audit(ctx, tx, "plan.delete", name, "")
	})
}

// SourcePlan is the plan that a source follows.
type SourcePlan struct {
	Source      string
	Plan        string // "": none
	Version     int    // 0: the newest
	Enforcement []byte // JSON; package plan knows what it says
}

func scanSourcePlan(r sqlite.Scanner) (p SourcePlan, err error) {
	err = r.Scan(&p.Source, &p.Plan, &p.Version, &p.Enforcement)
	return p, err
}

// SourcePlans returns the settings of all sources that follow a plan, by source.
func (s *Store) SourcePlans(ctx context.Context, workspace string) ([]SourcePlan, error) {
	return sqlite.List(ctx, s.db, "list plans of sources", scanSourcePlan, `SELECT p.source, p.plan, p.version, p.enforcement FROM source_plans p
		JOIN sources s ON s.id = p.source WHERE s.workspace = ? ORDER BY p.source`, workspace)
}

// SourcePlan returns the setting of a source; an empty one if it has none.
func (s *Store) SourcePlan(ctx context.Context, source string) (SourcePlan, error) {
	p, err := scanSourcePlan(s.db.QueryRowContext(ctx, `SELECT source, plan, version, enforcement FROM source_plans WHERE source = ?`, source))
	if errors.Is(err, sql.ErrNoRows) {
		return SourcePlan{Source: source, Enforcement: []byte("{}")}, nil
	}
	return p, notFound(err, "plan of source", source)
}

// PutSourcePlan sets the plan that a source follows, which must exist; an empty plan ends it.
func (s *Store) PutSourcePlan(ctx context.Context, p SourcePlan) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		var err error
		if p.Plan == "" {
			_, err = tx.ExecContext(ctx, `DELETE FROM source_plans WHERE source = ?`, p.Source)
		} else {
			_, err = tx.ExecContext(ctx, `INSERT INTO source_plans (source, plan, version, enforcement) VALUES (?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET plan = excluded.plan, version = excluded.version, enforcement = excluded.enforcement`,
				p.Source, p.Plan, p.Version, string(p.Enforcement))
		}
		if err != nil {
			return fmt.Errorf("set plan of source %s: %w", p.Source, err)
		}
		return s.audit(ctx, tx, "source.plan", p.Source, fmt.Sprintf("plan=%q version=%d enforcement=%s", p.Plan, p.Version, p.Enforcement))
	})
}
