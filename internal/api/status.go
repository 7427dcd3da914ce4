package api

import (
	"net/http"
)

func (s *server) getStatus(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Status == nil {
		return errNoUse
	}
	st, err := s.Status(c.r.Context())
	if err != nil {
		return err
	}
	if st.Problems == nil {
		st.Problems = []Problem{}
	}
	if st.Store.BytesByPurpose == nil {
		st.Store.BytesByPurpose = map[string]int64{}
	}
	return c.answer(http.StatusOK, st)
}

func (s *server) getMe(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Me == nil || s.Workspace == nil {
		return errNoUse
	}
	me, err := s.Me(c.r)
	if err != nil {
		return err
	}
	if me.Workspace, err = s.Workspace(c.r.Context()); err != nil {
		return err
	}
	return c.answer(http.StatusOK, me)
}

// sendTest sends a test conversation through the real door, so that a person sees the whole path work.
func (s *server) sendTest(c *call) error {
	var body struct {
		Source string `json:"source"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if body.Source == "" {
		return &bodyError{"source is missing"}
	}
	if s.SendTest == nil {
		return errNoUse
	}
	sent, err := s.SendTest(c.r.Context(), body.Source)
	if err != nil {
		return err
	}
	return c.answer(http.StatusAccepted, sent)
}
