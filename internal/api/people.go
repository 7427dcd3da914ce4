package api

import (
	"context"
	"errors"
	"fmt"
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
	audience := c.text("audience")
	if err := c.done(); err != nil {
		return err
	}
	if audience != "" {
		members, err := s.membersOf(c.r.Context(), audience)
		if err != nil {
			return err
		}
		scope.Where = append(scope.Where, members)
	}
	page, err := s.Insight.ListPeople(c.r.Context(), scope, p)
	if err != nil {
		return err
	}
	people, err := s.listed(c.r.Context(), page.People)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		People []listedPerson `json:"people"`
		Next   *string        `json:"next"`
		Total  int            `json:"total"`
	}{people, orNull(page.Next), page.Total})
}

// listedPerson is a person of a list, with the name if it is known.
type listedPerson struct {
	insight.PersonRow
	Name string `json:"name,omitempty"`
}

// listed adds names.
func (s *server) listed(ctx context.Context, rows []insight.PersonRow) ([]listedPerson, error) {
	ids, out := make([]string, len(rows)), make([]listedPerson, len(rows))
	for n, p := range rows {
		ids[n] = p.ID
	}
	names, err := s.names(ctx, ids...)
	for n, p := range rows {
		out[n] = listedPerson{p, names[p.ID]}
	}
	return out, err
}

// maxMembers bounds the audience that people are listed by, who are all part of the question.
const maxMembers = 100_000

// membersOf is the condition on persons that holds for the members of an audience.
func (s *server) membersOf(ctx context.Context, audience string) (query.Condition, error) {
	is := query.Condition{Field: "person", Cmp: query.Eq}
	if s.Computations == nil {
		return is, errNoUse
	}
	all, err := s.Computations.Members(ctx, audience, "", maxMembers)
	switch {
	case errors.Is(err, ErrNotFound):
		return is, &insight.ParameterError{Parameter: "audience", Err: fmt.Errorf("there is no audience %q", audience)}
	case err != nil:
		return is, err
	case all.Next != nil:
		return is, &insight.ParameterError{Parameter: "audience", Err: fmt.Errorf("%q has %d members; people are listed by audiences of fewer than %d", audience, all.Total, maxMembers)}
	case len(all.Members) == 0:
		return query.Condition{Field: "person", Cmp: query.Exists, Not: true}, nil // nobody
	}
	for _, m := range all.Members {
		is.Values = append(is.Values, m.Person)
	}
	return is, nil
}

func (s *server) getPerson(c *call) error {
	var scope insight.Scope
	s.conversionScope(c, &scope)
	limit := c.number("limit", query.DefaultPage, maxPage)
	if err := c.done(); err != nil {
		return err
	}
	id := c.r.PathValue("id")
	p, err := s.Insight.Person(c.r.Context(), id, scope, limit)
	if errors.Is(err, insight.ErrNotFound) && s.Profiles != nil { // rows carry user ids and anonymous ids alone
		if one, found := s.Profiles.Profile(c.r.Context(), id); found == nil && one.Person != "" && one.Person != id {
			p, err = s.Insight.Person(c.r.Context(), one.Person, scope, limit)
		}
	}
	if err != nil {
		return err
	}
	names, err := s.names(c.r.Context(), p.ID)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		*insight.Person
		Name string `json:"name,omitempty"`
	}{p, names[p.ID]})
}
