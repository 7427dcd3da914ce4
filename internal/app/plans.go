package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/auth"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
)

// plans are the tracking plans of one workspace, in the words of the API.
type plans struct {
	store     *metastore.Store
	workspace string
	enforcers *enforcers
}

var (
	_ api.Plans       = plans{}
	_ api.SourcePlans = plans{}
	_ api.Violations  = plans{}
)

// by names who asks, for people.
func by(ctx context.Context) string {
	if p := auth.From(ctx); p != nil {
		return p.Name
	}
	return "system"
}

// followers returns the sources that follow each plan.
func (p plans) followers(ctx context.Context) (map[string][]string, error) {
	settings, err := p.store.SourcePlans(ctx, p.workspace)
	out := map[string][]string{}
	for _, s := range settings {
		out[s.Plan] = append(out[s.Plan], s.Source)
	}
	return out, err
}

// Plans returns all plans, the built-in ones last.
func (p plans) Plans(ctx context.Context) ([]api.PlanRow, error) {
	followers, err := p.followers(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := p.store.Plans(ctx, p.workspace)
	if err != nil {
		return nil, err
	}
	var out []api.PlanRow
	for _, v := range stored {
		out = append(out, api.PlanRow{
			Name: v.Plan, Description: v.Description, Version: v.Version, Events: v.Events, Sources: followers[v.Plan],
			UpdatedAt: v.CreatedAt, UpdatedBy: v.CreatedBy,
		})
	}
	for _, b := range plan.Builtins() {
		if slices.ContainsFunc(stored, func(v metastore.PlanVersion) bool { return v.Plan == b.Name }) {
			continue // the workspace has its own of that name
		}
		out = append(out, api.PlanRow{
			Name: b.Name, Description: b.Description, Version: max(1, b.Version), Builtin: true, Events: len(b.Events), Sources: followers[b.Name],
		})
	}
	return out, nil
}

// Plan returns one version.
func (p plans) Plan(ctx context.Context, name string, version int) (api.Plan, error) {
	v, err := findPlan(ctx, p.store, p.workspace, name, version)
	if err != nil {
		return api.Plan{}, translated(err)
	}
	followers, err := p.followers(ctx)
	return planOf(v, followers[name]), translated(err)
}

func planOf(v metastore.PlanVersion, sources []string) api.Plan {
	return api.Plan{
		Name: v.Plan, Version: v.Version, Builtin: v.CreatedAt.IsZero(), Text: v.Text, Sources: sources,
		CreatedAt: v.CreatedAt, CreatedBy: v.CreatedBy, Note: v.Note,
	}
}

// PlanVersions returns the versions of a plan.
func (p plans) PlanVersions(ctx context.Context, name string) ([]api.PlanVersion, error) {
	all, err := p.store.PlanVersions(ctx, p.workspace, name)
	if errors.Is(err, metastore.ErrNotFound) {
		var v metastore.PlanVersion
		v, err = findPlan(ctx, p.store, p.workspace, name, 0)
		all = []metastore.PlanVersion{v}
	}
	if err != nil {
		return nil, translated(err)
	}
	out := make([]api.PlanVersion, len(all))
	for i, v := range all {
		out[i] = api.PlanVersion{Version: v.Version, Events: v.Events, CreatedAt: v.CreatedAt, CreatedBy: v.CreatedBy, Note: v.Note}
	}
	return out, nil
}

func versionOf(ctx context.Context, d api.PlanDraft) metastore.PlanVersion {
	return metastore.PlanVersion{
		Plan: d.Name, Text: d.Text, Description: d.Plan.Description, Events: len(d.Plan.Events), Note: d.Note, CreatedBy: by(ctx),
	}
}

// CreatePlan adds a plan.
func (p plans) CreatePlan(ctx context.Context, d api.PlanDraft) (api.Plan, error) {
	if _, builtin := plan.Builtin(d.Name); builtin {
		return api.Plan{}, fmt.Errorf("%w: a built-in plan is called %q; give yours another name", api.ErrConflict, d.Name)
	}
	v, err := p.store.CreatePlan(ctx, p.workspace, versionOf(ctx, d))
	if err != nil {
		return api.Plan{}, translated(err)
	}
	return planOf(v, nil), p.enforcers.reload(ctx)
}

// PutPlan adds a version.
func (p plans) PutPlan(ctx context.Context, d api.PlanDraft) (api.Plan, error) {
	if _, builtin := plan.Builtin(d.Name); builtin {
		return api.Plan{}, fmt.Errorf("%w: %q is a built-in plan; copy it under another name", api.ErrConflict, d.Name)
	}
	v, err := p.store.PutPlan(ctx, p.workspace, versionOf(ctx, d), d.From)
	if err != nil {
		return api.Plan{}, translated(err)
	}
	if err := p.enforcers.reload(ctx); err != nil {
		return api.Plan{}, err
	}
	followers, err := p.followers(ctx)
	return planOf(v, followers[d.Name]), err
}

// DeletePlan removes a plan.
func (p plans) DeletePlan(ctx context.Context, name string) error {
	if _, builtin := plan.Builtin(name); builtin {
		return fmt.Errorf("%w: %q is a built-in plan", api.ErrConflict, name)
	}
	return translated(p.store.DeletePlan(ctx, p.workspace, name))
}

// SourcePlan returns the plan that a source follows.
func (p plans) SourcePlan(ctx context.Context, source string) (api.SourcePlan, error) {
	if _, err := p.store.Source(ctx, p.workspace, source); err != nil {
		return api.SourcePlan{}, translated(err)
	}
	s, err := p.store.SourcePlan(ctx, source)
	if err != nil {
		return api.SourcePlan{}, err
	}
	out := api.SourcePlan{Source: source, Plan: s.Plan, Version: api.PlanPin(s.Version)}
	if err := json.Unmarshal(s.Enforcement, &out.Enforcement); err != nil {
		return out, fmt.Errorf("read enforcement of source %s: %w", source, err)
	}
	state := p.enforcers.state(source)
	if out.Problem = state.problem; state.enforcer != nil {
		_, out.AppliedVersion = state.enforcer.Plan()
	}
	return out, nil
}

// PutSourcePlan lets a source follow a plan.
func (p plans) PutSourcePlan(ctx context.Context, source string, c api.SourcePlanChange) (api.SourcePlan, error) {
	if _, err := p.store.Source(ctx, p.workspace, source); err != nil {
		return api.SourcePlan{}, translated(err)
	}
	if c.Plan != "" {
		if _, err := findPlan(ctx, p.store, p.workspace, c.Plan, int(c.Version)); errors.Is(err, metastore.ErrNotFound) {
			return api.SourcePlan{}, fmt.Errorf("%w: there is no plan %q of that version", api.ErrInvalid, c.Plan)
		} else if err != nil {
			return api.SourcePlan{}, err
		}
	}
	for _, to := range []string{c.Enforcement.ForwardViolationsTo, c.Enforcement.ForwardBlockedTo} {
		if _, ok := p.store.LookupID(to); to != "" && !ok {
			return api.SourcePlan{}, fmt.Errorf("%w: there is no source %q to forward to", api.ErrInvalid, to)
		}
	}
	enforcement, err := json.Marshal(c.Enforcement)
	if err != nil {
		return api.SourcePlan{}, fmt.Errorf("encode enforcement: %w", err)
	}
	err = p.store.PutSourcePlan(ctx, metastore.SourcePlan{Source: source, Plan: c.Plan, Version: int(c.Version), Enforcement: enforcement})
	if err != nil {
		return api.SourcePlan{}, err
	}
	if err := p.enforcers.reload(ctx); err != nil {
		return api.SourcePlan{}, err
	}
	return p.SourcePlan(ctx, source)
}

// Violations returns how calls deviated.
func (p plans) Violations(ctx context.Context, q api.ViolationQuestion) ([]api.ViolationGroup, int, error) {
	all, total, err := p.store.Violations(ctx, p.workspace, metastore.ViolationQuestion{
		Source: q.Source, Plan: q.Plan, Event: q.Event, Kind: q.Kind, From: q.From, Until: q.Until, Limit: q.Limit,
	})
	out := make([]api.ViolationGroup, len(all))
	for i, g := range all {
		out[i] = api.ViolationGroup{
			Source: g.Source, Plan: g.Plan, Version: g.Version, Kind: g.Kind, Event: g.Event, Field: g.Field, Description: g.Description,
			Count: g.N, FirstSeen: g.First, LastSeen: g.Last, Examples: g.Examples,
		}
		for _, d := range g.Days {
			out[i].Series = append(out[i].Series, api.DayCount{Day: d.Day.Format("2006-01-02"), Count: d.N})
		}
	}
	return out, total, err
}
