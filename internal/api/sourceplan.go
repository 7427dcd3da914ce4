package api

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/plan"
)

func (s *server) getSourcePlan(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.SourcePlans == nil {
		return errNoUse
	}
	p, err := s.SourcePlans.SourcePlan(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, p)
}

func (s *server) putSourcePlan(c *call) error {
	var change struct {
		Plan        *string          `json:"plan"`
		Version     PlanPin          `json:"version"`
		Enforcement plan.Enforcement `json:"enforcement"`
	}
	if err := c.bodyAlone(&change, false); err != nil {
		return err
	}
	if change.Plan == nil {
		return &bodyError{`say which plan, or "" for none`}
	}
	if err := change.Enforcement.Validate(); err != nil {
		return &bodyError{err.Error()}
	}
	if s.SourcePlans == nil {
		return errNoUse
	}
	p, err := s.SourcePlans.PutSourcePlan(c.r.Context(), c.r.PathValue("id"), SourcePlanChange{*change.Plan, change.Version, change.Enforcement})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, p)
}
