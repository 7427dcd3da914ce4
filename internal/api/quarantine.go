package api

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/plan"
)

// maxSelected bounds the ids of a selection.
const maxSelected = 10_000

func (s *server) listQuarantine(c *call) error {
	q := QuarantineQuestion{
		Source: c.text("source"), Event: c.text("event"), Code: c.text("code"),
		Status: c.choice("status", StatusHeld, StatusHeld, StatusReplaying, StatusReplayed, StatusDiscarded, StatusRejected),
		After:  c.text("after"), Limit: c.number("limit", 100, 1000),
	}
	if err := c.done(); err != nil {
		return err
	}
	if s.Quarantine == nil {
		return errNoUse
	}
	entries, next, err := s.Quarantine.Quarantined(c.r.Context(), q)
	if err != nil {
		return err
	}
	out := []QuarantineEntry{}
	for _, e := range entries {
		e.Violations = append([]plan.Violation{}, e.Violations...)
		out = append(out, e)
	}
	return c.answer(http.StatusOK, struct {
		Entries []QuarantineEntry `json:"entries"`
		Next    *string           `json:"next"`
	}{out, orNull(next)})
}

func (s *server) summarizeQuarantine(c *call) error {
	source := c.text("source")
	status := c.choice("status", StatusHeld, StatusHeld, StatusReplaying, StatusReplayed, StatusDiscarded)
	if err := c.done(); err != nil {
		return err
	}
	if s.Quarantine == nil {
		return errNoUse
	}
	groups, total, err := s.Quarantine.QuarantineGroups(c.r.Context(), source, status)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Groups []QuarantineGroup `json:"groups"`
		Total  int64             `json:"total"`
	}{append([]QuarantineGroup{}, groups...), total})
}

// selection reads which calls are meant.
func (c *call) selection() (QuarantineSelection, error) {
	var sel QuarantineSelection
	if err := c.done(); err != nil {
		return sel, err
	}
	if err := c.bodyUpTo(&sel, 1<<20); err != nil {
		return sel, err
	}
	if (len(sel.IDs) > 0) == (sel.Filter != nil) {
		return sel, &bodyError{"give either ids or a filter; an empty filter is all that is held"}
	}
	if len(sel.IDs) > maxSelected {
		return sel, &bodyError{"give at most 10000 ids, or a filter"}
	}
	return sel, nil
}

func (s *server) replayQuarantine(c *call) error {
	sel, err := c.selection()
	if err != nil {
		return err
	}
	if s.Quarantine == nil {
		return errNoUse
	}
	job, err := s.Quarantine.Replay(c.r.Context(), sel)
	if err != nil {
		return err
	}
	return c.answer(http.StatusAccepted, job)
}

func (s *server) getReplayJob(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Quarantine == nil {
		return errNoUse
	}
	job, err := s.Quarantine.ReplayJob(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, job)
}

func (s *server) discardQuarantine(c *call) error {
	sel, err := c.selection()
	if err != nil {
		return err
	}
	if s.Quarantine == nil {
		return errNoUse
	}
	n, err := s.Quarantine.Discard(c.r.Context(), sel)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Discarded int64 `json:"discarded"`
	}{n})
}
