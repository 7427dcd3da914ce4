package api

import (
	"context"
	"net/http"
	"slices"
)

func (s *server) listTokens(c *call) error { return list(c, "tokens", s.Tokens, Tokens.Tokens) }

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
	return ask(c, http.StatusCreated, s.Tokens, func(t Tokens, ctx context.Context) (Token, error) {
		return t.CreateToken(ctx, n)
	})
}

func (s *server) deleteToken(c *call) error {
	return remove(c, s.Tokens, Tokens.DeleteToken, c.r.PathValue("id"))
}
