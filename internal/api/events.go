package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/insight"
)

func (s *server) listEvents(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	scope.Where = c.conditions("where")
	p := c.page()
	p.Desc = c.flag("desc", true)
	if err := c.done(); err != nil {
		return err
	}
	page, err := s.Insight.ListEvents(c.r.Context(), scope, p)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Events []*event.Event `json:"events"`
		Next   *string        `json:"next"`
	}{page.Events, orNull(page.Next)})
}

// shortID is the length below which a client's id is not unique enough to be the event id.
const shortID = 16

func (s *server) getEvent(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	id := c.r.PathValue("id")
	e, err := s.Insight.Event(c.r.Context(), id)
	if errors.Is(err, insight.ErrNotFound) && len(id) < shortID {
		return fmt.Errorf("event %q: %w: a messageId shorter than %d characters is combined with the call's name, conversation and time, so look for the event in its conversation or the live tail", id, ErrNotFound, shortID)
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, e)
}
