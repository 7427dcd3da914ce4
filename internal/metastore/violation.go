package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// ViolationKey is one way in which calls of a source deviate from a version of a plan.
type ViolationKey struct {
	Source, Plan string
	Version      int
	Kind, Event  string
	Field        string
	Description  string
}

// ViolationCount is how often it happened on a day.
type ViolationCount struct {
	ViolationKey
	Day         time.Time // of receipt; cut to the day in UTC
	N           int64
	First, Last time.Time // of receipt
	Examples    []string  // event ids
}

// ViolationGroup is a way of deviating with its counts of some days.
type ViolationGroup struct {
	ViolationKey
	First, Last time.Time // of all days
	Examples    []string  // event ids, at most [KeptExamples], the oldest
	Days        []ViolationDay
	N           int64 // of the days asked for
}

// ViolationDay is the count of one day.
type ViolationDay struct {
	Day time.Time
	N   int64
}

const (
	// KeptExamples is how many event ids are kept of each way of deviating.
	KeptExamples = 5
	// KeptViolations is how many ways of deviating a workspace keeps: names come from clients. The ones
	// seen longest ago go.
	KeptViolations = 10_000
)

// addViolations adds counts.
func (s *Store) addViolations(ctx context.Context, tx *sql.Tx, workspace string, counts []ViolationCount) error {
	for i := range counts {
		if err := addViolation(ctx, tx, workspace, &counts[i]); err != nil {
			return fmt.Errorf("count violations of %s: %w", counts[i].Source, err)
		}
	}
	if len(counts) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM violations WHERE workspace = ? AND last_at <
		(SELECT last_at FROM violations WHERE workspace = ? ORDER BY last_at DESC LIMIT 1 OFFSET ?)`, workspace, workspace, KeptViolations-1)
	if err != nil {
		return fmt.Errorf("clear old violations: %w", err)
	}
	return nil
}

func addViolation(ctx context.Context, tx *sql.Tx, workspace string, c *ViolationCount) error {
	var id int64
	var examples []byte
	err := tx.QueryRowContext(ctx, `INSERT INTO violations (workspace, source, plan, version, kind, event, field, description, first_at, last_at, examples)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]')
		ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
		RETURNING id, examples`,
		workspace, c.Source, c.Plan, c.Version, c.Kind, c.Event, c.Field, c.Description, c.First.UnixMicro(), c.Last.UnixMicro()).Scan(&id, &examples)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO violation_days (violation, day, n) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET n = n + excluded.n`, id, dayNumber(c.Day), c.N)
	if err != nil {
		return err
	}
	var have []string
	if err := json.Unmarshal(examples, &have); err != nil {
		return err
	}
	if len(have) >= KeptExamples || len(c.Examples) == 0 {
		return nil
	}
	have = append(have, c.Examples...)
	text, err := json.Marshal(have[:min(len(have), KeptExamples)])
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE violations SET examples = ? WHERE id = ?`, string(text), id)
	return err
}

// ViolationQuestion selects violations; empty members select all.
type ViolationQuestion struct {
	Source, Plan, Event, Kind string
	From, Until               time.Time // the days that [From, Until) touches; a zero bound is open
	Limit                     int
}

// violationsOf is the condition of a question, whose arguments are those of [ViolationQuestion.args].
const violationsOf = `v.workspace = ?1 AND (?2 = '' OR v.source = ?2) AND (?3 = '' OR v.plan = ?3) AND (?4 = '' OR v.event = ?4)
	AND (?5 = '' OR v.kind = ?5) AND d.day >= ?6 AND d.day < ?7`

func (q *ViolationQuestion) args(workspace string) []any {
	first, end := int64(-1<<62), int64(1<<62)
	if !q.From.IsZero() {
		first = dayNumber(q.From)
	}
	if !q.Until.IsZero() {
		end = dayNumber(q.Until.Add(-1)) + 1
	}
	return []any{workspace, q.Source, q.Plan, q.Event, q.Kind, first, end}
}

// Violations returns the groups with most violations, and how many groups there are in all.
func (s *Store) Violations(ctx context.Context, workspace string, q ViolationQuestion) ([]ViolationGroup, int, error) {
	args := q.args(workspace)
	total := 0
	err := s.db.QueryRowContext(ctx, `SELECT count(DISTINCT v.id) FROM violations v JOIN violation_days d ON d.violation = v.id WHERE `+violationsOf, args...).Scan(&total)
	if err != nil {
		return nil, 0, fmt.Errorf("count violations: %w", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT v.source, v.plan, v.version, v.kind, v.event, v.field, v.description, v.first_at, v.last_at, v.examples,
			sum(d.n), json_group_array(json_array(d.day, d.n) ORDER BY d.day)
		FROM violations v JOIN violation_days d ON d.violation = v.id WHERE `+violationsOf+`
		GROUP BY v.id ORDER BY sum(d.n) DESC, v.last_at DESC, v.id LIMIT ?8`, append(args, q.Limit)...)
	all, err := sqlite.Collect(rows, err, scanViolation)
	if err != nil {
		return nil, 0, fmt.Errorf("list violations: %w", err)
	}
	return all, total, nil
}

func scanViolation(r sqlite.Scanner) (ViolationGroup, error) {
	var g ViolationGroup
	var examples, days []byte
	err := r.Scan(&g.Source, &g.Plan, &g.Version, &g.Kind, &g.Event, &g.Field, &g.Description, sqlite.Time(&g.First), sqlite.Time(&g.Last), &examples, &g.N, &days)
	if err != nil {
		return g, err
	}
	if err := json.Unmarshal(examples, &g.Examples); err != nil {
		return g, err
	}
	var pairs [][2]int64
	if err := json.Unmarshal(days, &pairs); err != nil {
		return g, err
	}
	for _, p := range pairs {
		g.Days = append(g.Days, ViolationDay{Day: time.Unix(p[0]*86400, 0).UTC(), N: p[1]})
	}
	return g, nil
}
