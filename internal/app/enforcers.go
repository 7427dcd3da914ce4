package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
)

// enforcers hold what judges the calls of each source, in memory: it is asked for every record of the
// log. A plan that cannot be used stops nothing: what held before goes on, and [enforcers.problem] says so.
type enforcers struct {
	store     *metastore.Store
	workspace string
	log       *slog.Logger
	table     atomic.Pointer[map[string]enforced] // by source; replaced whole

	mu       sync.Mutex // serialises reload
	checkers map[[sha256.Size]byte]*plan.Checker
}

// enforced is what applies to one source.
type enforced struct {
	enforcer *plan.Enforcer // nil: none
	problem  string         // why it is not what was asked for
}

// newEnforcers compiles the plans that sources follow.
func newEnforcers(ctx context.Context, store *metastore.Store, workspace string, log *slog.Logger) (*enforcers, error) {
	e := &enforcers{store: store, workspace: workspace, log: log}
	e.table.Store(&map[string]enforced{})
	return e, e.reload(ctx)
}

// of returns what judges the calls of a source; nil for nothing.
func (e *enforcers) of(source string) *plan.Enforcer { return (*e.table.Load())[source].enforcer }

// state returns what applies to a source.
func (e *enforcers) state(source string) enforced { return (*e.table.Load())[source] }

// problems are those of all sources.
func (e *enforcers) problems() []string {
	var out []string
	table := *e.table.Load()
	for _, source := range slices.Sorted(maps.Keys(table)) {
		if p := table[source].problem; p != "" {
			out = append(out, "source "+source+": "+p)
		}
	}
	return out
}

// reload follows a change of plans or settings.
func (e *enforcers) reload(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	settings, err := e.store.SourcePlans(ctx, e.workspace)
	if err != nil {
		return err
	}
	before := *e.table.Load()
	next := make(map[string]enforced, len(settings))
	checkers := map[[sha256.Size]byte]*plan.Checker{}
	for _, s := range settings {
		enforcer, err := e.build(ctx, s, checkers)
		if err != nil {
			enforcer = before[s.Source].enforcer
			next[s.Source] = enforced{enforcer, err.Error()}
			e.log.Error("plan of a source cannot be used", slog.String("source", s.Source), slog.String("plan", s.Plan), slog.Any("error", err))
			if enforcer == nil {
				next[s.Source] = enforced{e.older(ctx, s, checkers), err.Error()}
			}
			continue
		}
		next[s.Source] = enforced{enforcer: enforcer}
	}
	e.checkers = checkers
	e.table.Store(&next)
	return nil
}

// older finds the newest older version that can be used: after a start, nothing held before.
func (e *enforcers) older(ctx context.Context, s metastore.SourcePlan, checkers map[[sha256.Size]byte]*plan.Checker) *plan.Enforcer {
	versions, err := e.store.PlanVersions(ctx, e.workspace, s.Plan)
	if err != nil {
		return nil
	}
	for _, v := range versions {
		s.Version = v.Version
		if enforcer, err := e.build(ctx, s, checkers); err == nil {
			return enforcer
		}
	}
	return nil
}

// build compiles the plan of one setting, unless that has been done before.
func (e *enforcers) build(ctx context.Context, s metastore.SourcePlan, checkers map[[sha256.Size]byte]*plan.Checker) (*plan.Enforcer, error) {
	var enforcement plan.Enforcement
	if err := json.Unmarshal(s.Enforcement, &enforcement); err != nil {
		return nil, fmt.Errorf("read enforcement of source %s: %w", s.Source, err)
	}
	v, err := findPlan(ctx, e.store, e.workspace, s.Plan, s.Version)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256([]byte(v.Text))
	checker := checkers[key]
	if checker == nil {
		checker = e.checkers[key]
	}
	if checker == nil {
		p, err := plan.Parse([]byte(v.Text))
		if err != nil {
			return nil, fmt.Errorf("plan %s, version %d: %w", v.Plan, v.Version, err)
		}
		p.Name, p.Version = v.Plan, v.Version
		if checker, err = plan.Compile(p); err != nil {
			return nil, fmt.Errorf("plan %s, version %d: %w", v.Plan, v.Version, err)
		}
	}
	checkers[key] = checker
	return plan.NewEnforcer(checker, enforcement, v.Plan, v.Version)
}

// findPlan returns a version of a plan, 0 for the newest; a built-in one if the workspace has none of that
// name.
func findPlan(ctx context.Context, store *metastore.Store, workspace, name string, version int) (metastore.PlanVersion, error) {
	v, err := store.Plan(ctx, workspace, name, version)
	if !errors.Is(err, metastore.ErrNotFound) {
		return v, err
	}
	p, ok := plan.Builtin(name)
	if !ok || version != 0 && version != max(1, p.Version) {
		return v, err
	}
	text, err := p.YAML()
	if err != nil {
		return v, err
	}
	return metastore.PlanVersion{Plan: name, Version: max(1, p.Version), Text: string(text), Description: p.Description, Events: len(p.Events)}, nil
}
