package api

import (
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/query"
)

// violationKinds are the kinds of violations of single calls.
func violationKinds() []string {
	all := []plan.Kind{
		plan.KindUnplannedEvent, plan.KindUnplannedProperty, plan.KindRequiredMissing, plan.KindTypeMismatch,
		plan.KindConstraint, plan.KindRepair, plan.KindUnknown,
	}
	out := make([]string, len(all))
	for i, k := range all {
		out[i] = string(k)
	}
	return out
}

func (s *server) listViolations(c *call) error {
	q := ViolationQuestion{
		Source: c.text("source"), Plan: c.text("plan"), Event: c.text("event"), Kind: c.choice("kind", "", violationKinds()...),
		From: c.instant("from", time.UTC), Until: c.instant("until", time.UTC), Limit: c.number("limit", 100, 1000),
	}
	if err := c.done(); err != nil {
		return err
	}
	if s.Violations == nil {
		return errNoUse
	}
	groups, total, err := s.Violations.Violations(c.r.Context(), q)
	if err != nil {
		return err
	}
	out := []ViolationGroup{}
	for _, g := range groups {
		g.Series, g.Examples = append([]DayCount{}, g.Series...), append([]string{}, g.Examples...)
		out = append(out, g)
	}
	return c.answer(http.StatusOK, struct {
		Violations []ViolationGroup `json:"violations"`
		Total      int              `json:"total"`
	}{out, total})
}

func (s *server) checkConversations(c *call) error {
	source := c.text("source")
	zone, err := query.LoadZone(c.text("zone"))
	if err != nil {
		c.fault("zone", "%w", err)
		zone = time.UTC
	}
	scope := insight.Scope{Zone: zone.String(), Range: query.Range{From: c.instant("from", zone), Until: c.instant("until", zone)}}
	if source != "" {
		scope.Where = []query.Condition{{Field: "source", Cmp: query.Eq, Values: []string{source}}}
	}
	if err := c.done(); err != nil {
		return err
	}
	checks, err := s.Insight.CheckConversations(c.r.Context(), scope)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, checks)
}
