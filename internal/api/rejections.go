package api

import "net/http"

func (s *server) listRejections(c *call) error {
	source, limit := c.text("source"), c.number("limit", 100, 1000)
	if err := c.done(); err != nil {
		return err
	}
	if s.Rejections == nil {
		return errNoUse
	}
	list, err := s.Rejections.Rejections(c.r.Context(), source, limit)
	if err != nil {
		return err
	}
	if list == nil {
		list = []Rejection{}
	}
	return c.answer(http.StatusOK, struct {
		Rejections []Rejection `json:"rejections"`
	}{list})
}
