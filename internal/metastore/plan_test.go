package metastore

import (
	"errors"
	"testing"
)

func TestPlansHaveVersionsAndAreNotOverwrittenUnseen(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	put := func(text string, from int) (PlanVersion, error) {
		return s.PutPlan(ctx, DefaultWorkspace, PlanVersion{Plan: "web", Text: text, CreatedBy: "Ada"}, from)
	}
	if _, err := put("a", 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("version of no plan: %v", err)
	}
	if v, err := s.CreatePlan(ctx, DefaultWorkspace, PlanVersion{Plan: "web", Text: "a"}); err != nil || v.Version != 1 {
		t.Fatalf("created version %d, %v", v.Version, err)
	}
	if _, err := s.CreatePlan(ctx, DefaultWorkspace, PlanVersion{Plan: "web", Text: "b"}); !errors.Is(err, ErrExists) {
		t.Errorf("second plan of the name: %v", err)
	}
	if v, err := put("b", 1); err != nil || v.Version != 2 {
		t.Errorf("version %d, %v; want 2", v.Version, err)
	}
	if _, err := put("c", 1); !errors.Is(err, ErrStale) {
		t.Errorf("change of a version that is not the newest: %v", err)
	}
	if v, err := put("b", 2); err != nil || v.Version != 2 {
		t.Errorf("the same text: version %d, %v; want 2", v.Version, err)
	}
	if v, err := s.Plan(ctx, DefaultWorkspace, "web", 0); err != nil || v.Text != "b" || v.CreatedBy != "Ada" {
		t.Errorf("newest %+v, %v", v, err)
	}
	if v, err := s.Plan(ctx, DefaultWorkspace, "web", 1); err != nil || v.Text != "a" {
		t.Errorf("version 1 %+v, %v", v, err)
	}
	if all, err := s.PlanVersions(ctx, DefaultWorkspace, "web"); err != nil || len(all) != 2 || all[0].Version != 2 {
		t.Errorf("versions %+v, %v", all, err)
	}
	audit, err := s.Audit(ctx, 10)
	if err != nil || len(audit) < 2 || audit[0].Action != "plan.update" || audit[1].Action != "plan.create" {
		t.Errorf("audit %+v, %v", audit, err)
	}
}

func TestPlansInUseStay(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	src, err := s.CreateSource(ctx, NewSource{Name: "Web"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreatePlan(ctx, DefaultWorkspace, PlanVersion{Plan: "web", Text: "a"}); err != nil {
		t.Fatal(err)
	}
	set := func(p SourcePlan) {
		t.Helper()
		p.Source = src.ID
		if err := s.PutSourcePlan(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	set(SourcePlan{Plan: "web", Version: 1, Enforcement: []byte(`{"strict":true}`)})
	set(SourcePlan{Plan: "web", Enforcement: []byte(`{}`)})
	if p, err := s.SourcePlan(ctx, src.ID); err != nil || p.Plan != "web" || p.Version != 0 || string(p.Enforcement) != "{}" {
		t.Errorf("setting %+v, %v", p, err)
	}
	if err := s.DeletePlan(ctx, DefaultWorkspace, "web"); !errors.Is(err, ErrInUse) {
		t.Errorf("delete a plan in use: %v", err)
	}
	set(SourcePlan{})
	if all, err := s.SourcePlans(ctx, DefaultWorkspace); err != nil || len(all) != 0 {
		t.Errorf("settings %+v, %v", all, err)
	}
	if err := s.DeletePlan(ctx, DefaultWorkspace, "web"); err != nil {
		t.Errorf("delete a plan that nobody uses: %v", err)
	}
	if err := s.DeletePlan(ctx, DefaultWorkspace, "web"); !errors.Is(err, ErrNotFound) {
		t.Errorf("delete it again: %v", err)
	}
}
