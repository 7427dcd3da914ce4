package api

import (
	"net/http"
	"slices"
)

func (s *server) listTokens(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Tokens == nil {
		return errNoUse
	}
	list, err := s.Tokens.Tokens(c.r.Context())
	if err != nil {
		return err
	}
	if list == nil {
		list = []Token{}
	}
	return c.answer(http.StatusOK, struct {
		Tokens []Token `json:"tokens"`
	}{list})
}

func (s *server) createToken(c *call) error {
	n := NewToken{Role: Viewer}
	if err := c.bodyAlone(&n, false); err != nil {
		return err
	}
	if err := checkName(n.Name); err != nil {
		return err
	}
	if !slices.Contains([]Role{Viewer, Editor, Owner}, n.Role) {
		return &bodyError{"role is viewer, editor or owner"}
	}
	if s.Tokens == nil {
		return errNoUse
	}
	t, err := s.Tokens.CreateToken(c.r.Context(), n)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, t)
}

func (s *server) deleteToken(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Tokens == nil {
		return errNoUse
	}
	if err := s.Tokens.DeleteToken(c.r.Context(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
