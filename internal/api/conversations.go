package api

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// maxTranscript and defaultTranscript bound the events of one transcript.
const (
	maxTranscript     = 10_000
	defaultTranscript = 2_000
)

// maxPage bounds the rows of one page.
const maxPage = 1000

// page reads the parameters of a page but its order.
func (c *call) page() insight.Page {
	return insight.Page{Limit: c.number("limit", query.DefaultPage, maxPage), After: c.text("after")}
}

// orNull is a text that is null when empty.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *server) listConversations(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	p := c.page()
	p.Sort, p.Desc = c.text("sort"), c.flag("desc", true)
	if err := c.done(); err != nil {
		return err
	}
	page, err := s.Insight.ListConversations(c.r.Context(), scope, p)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Conversations []eventstore.ConversationRow `json:"conversations"`
		Next          *string                      `json:"next"`
		Total         int64                        `json:"total"`
	}{page.Conversations, orNull(page.Next), page.Total})
}

func (s *server) getFacets(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	fields, limit := c.list("fields"), c.number("limit", 10, 1000)
	if err := c.done(); err != nil {
		return err
	}
	facets, err := s.Insight.Facets(c.r.Context(), scope, fields, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Facets []insight.Facet `json:"facets"`
	}{facets})
}

func (s *server) getConversation(c *call) error {
	var scope insight.Scope
	s.conversionScope(c, &scope)
	limit := c.number("limit", defaultTranscript, maxTranscript)
	if err := c.done(); err != nil {
		return err
	}
	t, err := s.Insight.Transcript(c.r.Context(), c.r.PathValue("id"), scope, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, t)
}
