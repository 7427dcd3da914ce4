package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/plan"
)

// planMemory keeps plans, quarantine and receipts in memory.
type planMemory struct {
	plans    map[string][]Plan // by name, the oldest version first
	settings map[string]SourcePlan
	groups   []ViolationGroup
	entries  []QuarantineEntry
	receipts map[string]Receipt
	asked    struct {
		source     string
		violations ViolationQuestion
	}
}

func newPlanMemory() *planMemory {
	return &planMemory{plans: map[string][]Plan{}, settings: map[string]SourcePlan{"src_web": {Source: "src_web"}}, receipts: map[string]Receipt{}}
}

func (m *planMemory) Plans(context.Context) ([]PlanRow, error) {
	var out []PlanRow
	for name, versions := range m.plans {
		out = append(out, PlanRow{Name: name, Version: len(versions), UpdatedAt: noon, UpdatedBy: "Ada"})
	}
	return out, nil
}

func (m *planMemory) Plan(_ context.Context, name string, version int) (Plan, error) {
	versions := m.plans[name]
	if version == 0 {
		version = len(versions)
	}
	if version == 0 || version > len(versions) {
		return Plan{}, fmt.Errorf("plan %q: %w", name, ErrNotFound)
	}
	return versions[version-1], nil
}

func (m *planMemory) PlanVersions(ctx context.Context, name string) ([]PlanVersion, error) {
	if _, err := m.Plan(ctx, name, 0); err != nil {
		return nil, err
	}
	var out []PlanVersion
	for _, p := range slices.Backward(m.plans[name]) {
		out = append(out, PlanVersion{Version: p.Version, CreatedAt: noon, CreatedBy: "Ada", Note: p.Note})
	}
	return out, nil
}

func (m *planMemory) CreatePlan(_ context.Context, d PlanDraft) (Plan, error) {
	if len(m.plans[d.Name]) > 0 {
		return Plan{}, fmt.Errorf("plan %q: %w", d.Name, ErrConflict)
	}
	return m.add(d), nil
}

func (m *planMemory) add(d PlanDraft) Plan {
	p := Plan{Name: d.Name, Version: len(m.plans[d.Name]) + 1, Text: d.Text, Note: d.Note, CreatedAt: noon, CreatedBy: "Ada"}
	m.plans[d.Name] = append(m.plans[d.Name], p)
	return p
}

func (m *planMemory) PutPlan(ctx context.Context, d PlanDraft) (Plan, error) {
	p, err := m.Plan(ctx, d.Name, 0)
	if err != nil {
		return p, err
	}
	if d.From != 0 && d.From != p.Version {
		return p, fmt.Errorf("version %d: %w", p.Version, ErrConflict)
	}
	return m.add(d), nil
}

func (m *planMemory) DeletePlan(ctx context.Context, name string) error {
	_, err := m.Plan(ctx, name, 0)
	delete(m.plans, name)
	return err
}

func (m *planMemory) SourcePlan(_ context.Context, source string) (SourcePlan, error) {
	s, ok := m.settings[source]
	if !ok {
		return s, fmt.Errorf("source %q: %w", source, ErrNotFound)
	}
	return s, nil
}

func (m *planMemory) PutSourcePlan(ctx context.Context, source string, c SourcePlanChange) (SourcePlan, error) {
	s, err := m.SourcePlan(ctx, source)
	if err == nil {
		s.Plan, s.Version, s.Enforcement = c.Plan, c.Version, c.Enforcement
		m.settings[source] = s
	}
	return s, err
}

func (m *planMemory) Violations(_ context.Context, q ViolationQuestion) ([]ViolationGroup, int, error) {
	m.asked.violations = q
	return m.groups[:min(q.Limit, len(m.groups))], len(m.groups), nil
}

func (m *planMemory) Quarantined(_ context.Context, q QuarantineQuestion) ([]QuarantineEntry, string, error) {
	var out []QuarantineEntry
	for _, e := range m.entries {
		if e.Status == q.Status && (q.Source == "" || e.Source == q.Source) {
			out = append(out, e)
		}
	}
	if len(out) > q.Limit {
		return out[:q.Limit], out[q.Limit-1].ID, nil
	}
	return out, "", nil
}

func (m *planMemory) QuarantineGroups(context.Context, string, string) ([]QuarantineGroup, int64, error) {
	return []QuarantineGroup{{Source: "src_web", Event: "Rated", Type: "track", Action: "block", Code: "constraint", Plan: "web", Count: 2, FirstAt: noon, LastAt: noon}}, 2, nil
}

// selected returns the entries that a selection means.
func (m *planMemory) selected(s QuarantineSelection) (n int64) {
	for i := range m.entries {
		if e := &m.entries[i]; e.Status == StatusHeld && (s.Filter != nil || slices.Contains(s.IDs, e.ID)) {
			n++
		}
	}
	return n
}

func (m *planMemory) Replay(_ context.Context, s QuarantineSelection) (ReplayJob, error) {
	n := m.selected(s)
	return ReplayJob{ID: "1", State: "running", Total: n, Waiting: n, CreatedAt: noon, CreatedBy: "Ada"}, nil
}

func (m *planMemory) ReplayJob(_ context.Context, id string) (ReplayJob, error) {
	if id != "1" {
		return ReplayJob{}, fmt.Errorf("replay %q: %w", id, ErrNotFound)
	}
	return ReplayJob{ID: "1", State: "done", Total: 2, Replayed: 2, CreatedAt: noon, FinishedAt: noon}, nil
}

func (m *planMemory) Discard(_ context.Context, s QuarantineSelection) (int64, error) {
	return m.selected(s), nil
}

func (m *planMemory) Receipts(_ context.Context, source string, ids []string) ([]Receipt, error) {
	m.asked.source = source
	var out []Receipt
	for _, id := range ids {
		r, ok := m.receipts[id]
		if !ok {
			r = Receipt{ID: id, Status: "unknown"}
		}
		out = append(out, r)
	}
	return out, nil
}

func (m *planMemory) Journey(_ context.Context, id string) (Journey, error) {
	j := Journey{ID: id, Status: "unknown"}
	for _, step := range []string{"accepted", "redacted", "mapped", "checked", "identified", "stored", "delivered"} {
		j.Steps = append(j.Steps, JourneyStep{Step: step, State: "skipped"})
	}
	if r, ok := m.receipts[id]; ok {
		j.Status, j.EventID = r.Status, r.EventID
		j.Steps[0] = JourneyStep{Step: "accepted", State: "done", At: noon, Summary: "received", Payload: json.RawMessage(`{"type":"track"}`)}
	}
	return j, nil
}

// entries are two held calls and one that the door refused.
func entries() []QuarantineEntry {
	v := []plan.Violation{{Kind: plan.KindConstraint, Event: "Rated", Field: "properties.rating", Description: "must be at most 4", Rule: "Rated#/properties/rating/maximum", Version: 1}}
	e := QuarantineEntry{ID: "2", Source: "src_web", ReceivedAt: noon, EventID: "evt-2", Type: "track", Event: "Rated", Action: "quarantine", Plan: "web", Version: 1, Violations: v, Call: "{}", Status: StatusHeld, HeldAt: noon}
	older, refused := e, e
	older.ID, older.EventID = "1", "evt-1"
	refused.ID, refused.Action, refused.Status, refused.Plan, refused.Version, refused.Violations = "1", "reject", StatusRejected, "", 0, nil
	return []QuarantineEntry{e, older, refused}
}

// withPlans serves plans, quarantine and receipts too.
func withPlans(m *planMemory) func(*Config) {
	return func(c *Config) {
		c.Plans, c.SourcePlans, c.Violations, c.Quarantine, c.Receipts = m, m, m, m, m
		c.SourceOf = func(key string) (string, bool) { return "src_web", key == "wk_1" }
	}
}
