package api

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

func (s *server) listPeople(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	scope.Where = c.conditions("where")
	p := c.page()
	p.Sort = c.choice("sort", "", insight.PeopleOrders()...)
	if err := c.done(); err != nil {
		return err
	}
	page, err := s.Insight.ListPeople(c.r.Context(), scope, p)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		People []insight.PersonRow `json:"people"`
		Next   *string             `json:"next"`
		Total  int                 `json:"total"`
	}{page.People, orNull(page.Next), page.Total})
}

func (s *server) getPerson(c *call) error {
	var scope insight.Scope
	s.conversionScope(c, &scope)
	limit := c.number("limit", query.DefaultPage, maxPage)
	if err := c.done(); err != nil {
		return err
	}
	p, err := s.Insight.Person(c.r.Context(), c.r.PathValue("id"), scope, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, p)
}
