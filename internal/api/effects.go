package api

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

func (s *server) getEffects(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	of, on := c.text("of"), c.text("on")
	limit := c.number("limit", insight.DefaultEffects, insight.MaxGroups)
	if err := c.done(); err != nil {
		return err
	}
	out, err := s.Insight.Effects(c.r.Context(), scope, of, on, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}

func (s *server) getChanges(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	scope.Where = c.conditions("where")
	q := insight.ChangeQuestion{
		Scope: scope, Metric: c.text("metric"), Dimensions: c.list("dimensions"),
		Limit: c.number("limit", insight.DefaultChanges, insight.MaxChanges),
	}
	if loc, err := query.LoadZone(scope.Zone); err == nil {
		q.Before.From, q.Before.Until = c.instant("before_from", loc), c.instant("before_until", loc)
	}
	if b := q.Before; b.From.IsZero() != b.Until.IsZero() || (!b.From.IsZero() && !b.From.Before(b.Until)) {
		c.fault("before_until", "give both before_from and before_until, the first before the second")
	}
	if err := c.done(); err != nil {
		return err
	}
	out, err := s.Insight.Changes(c.r.Context(), q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}

func (s *server) getOpportunities(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	dimensions := c.list("dimensions")
	limit := c.number("limit", insight.DefaultOpportunities, insight.MaxOpportunities)
	if err := c.done(); err != nil {
		return err
	}
	out, err := s.Insight.Opportunities(c.r.Context(), scope, dimensions, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}
