package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/plan"
)

// Plans are the tracking plans of the workspace and the built-in ones.
type Plans interface {
	// Plans returns all; those of the workspace by name, then the built-in ones by name.
	Plans(ctx context.Context) ([]PlanRow, error)
	// Plan returns a version of a plan, 0 for the newest, or ErrNotFound. Description, Document and
	// Problems are for the caller to fill.
	Plan(ctx context.Context, name string, version int) (Plan, error)
	// PlanVersions returns the versions of a plan, the newest first, or ErrNotFound.
	PlanVersions(ctx context.Context, name string) ([]PlanVersion, error)
	// CreatePlan adds a plan that parses and has no errors, or returns ErrConflict when the name is taken.
	CreatePlan(ctx context.Context, p PlanDraft) (Plan, error)
	// PutPlan adds a version. It returns ErrNotFound, or ErrConflict when the newest version is not From;
	// 0 is any.
	PutPlan(ctx context.Context, p PlanDraft) (Plan, error)
	// DeletePlan removes a plan, or returns ErrNotFound; ErrConflict for one that a source follows, and for
	// built-in ones.
	DeletePlan(ctx context.Context, name string) error
}

// PlanRow is one plan in the list.
type PlanRow struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Version     int       `json:"version"`
	Builtin     bool      `json:"builtin"`
	Events      int       `json:"events"`
	Sources     []string  `json:"sources"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	UpdatedBy   string    `json:"updated_by,omitempty"`
}

// Plan is one version of a plan.
type Plan struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Version     int             `json:"version"`
	Builtin     bool            `json:"builtin"`
	Text        string          `json:"text"` // as it was written
	Document    json.RawMessage `json:"document"`
	Problems    []plan.Problem  `json:"problems"`
	Sources     []string        `json:"sources"` // that follow it
	CreatedAt   time.Time       `json:"created_at,omitzero"`
	CreatedBy   string          `json:"created_by,omitempty"`
	Note        string          `json:"note"`
}

// PlanDraft is a plan to be stored.
type PlanDraft struct {
	Name, Text, Note string
	Plan             *plan.Plan // what the text says
	From             int        // the version that it was made from; 0: not said
}

// PlanVersion is one version in the list of a plan's.
type PlanVersion struct {
	Version   int       `json:"version"`
	Events    int       `json:"events"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	CreatedBy string    `json:"created_by,omitempty"`
	Note      string    `json:"note"`
}

// SourcePlans say which plan each source follows.
type SourcePlans interface {
	// SourcePlan returns the setting of a source, or ErrNotFound.
	SourcePlan(ctx context.Context, source string) (SourcePlan, error)
	// PutSourcePlan changes it and returns it as it is then.
	PutSourcePlan(ctx context.Context, source string, c SourcePlanChange) (SourcePlan, error)
}

// SourcePlan is the plan that a source follows.
type SourcePlan struct {
	Source         string           `json:"source"`
	Plan           string           `json:"plan"` // "" for none
	Version        PlanPin          `json:"version"`
	AppliedVersion int              `json:"applied_version"` // 0: none
	Enforcement    plan.Enforcement `json:"enforcement"`
	Problem        string           `json:"problem"` // why another version than wanted applies
}

// SourcePlanChange says what PutSourcePlan sets.
type SourcePlanChange struct {
	Plan        string           `json:"plan"`
	Version     PlanPin          `json:"version"`
	Enforcement plan.Enforcement `json:"enforcement"`
}

// PlanPin is a version of a plan that a source stays with; 0 follows the newest and is "latest" in JSON.
type PlanPin int

// MarshalJSON writes "latest" or the number.
func (p PlanPin) MarshalJSON() ([]byte, error) {
	if p == 0 {
		return []byte(`"latest"`), nil
	}
	return strconv.AppendInt(nil, int64(p), 10), nil
}

// UnmarshalJSON reads "latest" or a number from 1 on.
func (p *PlanPin) UnmarshalJSON(text []byte) error {
	if string(text) == `"latest"` {
		*p = 0
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("version %s: it is \"latest\" or a number from 1 on", text)
	}
	*p = PlanPin(n)
	return nil
}

// Violations are the ways in which calls deviated from their plans.
type Violations interface {
	// Violations returns the groups with most violations of the question's range, and how many groups
	// there are in all.
	Violations(ctx context.Context, q ViolationQuestion) (groups []ViolationGroup, total int, err error)
}

// ViolationQuestion selects violations; empty members select all.
type ViolationQuestion struct {
	Source, Plan, Event, Kind string
	From, Until               time.Time // cut to days in UTC
	Limit                     int
}

// ViolationGroup is one way in which calls of a source deviated from a version of a plan.
type ViolationGroup struct {
	Source      string     `json:"source"`
	Plan        string     `json:"plan"`
	Version     int        `json:"version"`
	Kind        string     `json:"kind"`
	Event       string     `json:"event"`
	Field       string     `json:"field"`
	Description string     `json:"description"`
	Count       int64      `json:"count"` // in the range
	FirstSeen   time.Time  `json:"first_seen"`
	LastSeen    time.Time  `json:"last_seen"`
	Series      []DayCount `json:"series"`   // days of the range that have any
	Examples    []string   `json:"examples"` // event ids
}

// DayCount is a number of a day.
type DayCount struct {
	Day   string `json:"day"` // 2026-05-01
	Count int64  `json:"count"`
}
