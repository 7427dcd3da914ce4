package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxName bounds names of sources and tokens.
const maxName = 200

func checkName(name string) error {
	if strings.TrimSpace(name) == "" || len(name) > maxName {
		return &bodyError{fmt.Sprintf("name has from 1 to %d characters", maxName)}
	}
	return nil
}

// present makes the lists of a source lists, also when they are empty.
func (s Source) present() Source {
	if s.WriteKeys == nil {
		s.WriteKeys = []string{}
	}
	if s.Settings == nil {
		s.Settings = map[string]string{}
	}
	return s
}

func (s *server) listSources(c *call) error {
	return list(c, "sources", s.Sources, func(p Sources, ctx context.Context) ([]Source, error) {
		all, err := p.Sources(ctx)
		for i := range all {
			all[i] = all[i].present()
		}
		return all, err
	})
}

func (s *server) createSource(c *call) error {
	var n NewSource
	if err := c.bodyAlone(&n, false); err != nil {
		return err
	}
	if err := checkName(n.Name); err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Sources, func(p Sources, ctx context.Context) (Source, error) {
		src, err := p.CreateSource(ctx, n)
		return src.present(), err
	})
}

func (s *server) updateSource(c *call) error {
	var change SourceChange
	if err := c.bodyAlone(&change, false); err != nil {
		return err
	}
	if change.Name == nil && change.Enabled == nil && change.RatingScale == nil && change.Settings == nil && change.Redaction == nil && change.Content == nil {
		return &bodyError{"nothing to change: give name, enabled, rating_scale, redaction, content or settings"}
	}
	if change.Name != nil {
		if err := checkName(*change.Name); err != nil {
			return err
		}
	}
	if s.Sources == nil {
		return errNoUse
	}
	src, err := s.Sources.UpdateSource(c.r.Context(), c.r.PathValue("id"), change)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, src.present())
}

func (s *server) rotateKey(c *call) error {
	var body struct {
		Revoke bool `json:"revoke"`
	}
	if err := c.bodyAlone(&body, true); err != nil {
		return err
	}
	if s.Keys == nil {
		return errNoUse
	}
	src, err := s.Keys.RotateKey(c.r.Context(), c.r.PathValue("id"), body.Revoke)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, src.present())
}

// bodyAlone reads the body of an endpoint that has no query parameters.
func (c *call) bodyAlone(v any, optional bool) error {
	if err := c.done(); err != nil {
		return err
	}
	return c.body(v, optional)
}

// hasSource returns ErrNotFound unless there is a source of that id.
func (s *server) hasSource(c *call, id string) error {
	if s.Sources == nil {
		return errNoUse
	}
	list, err := s.Sources.Sources(c.r.Context())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(src Source) bool { return src.ID == id }) {
		return fmt.Errorf("source %q: %w", id, ErrNotFound)
	}
	return nil
}
