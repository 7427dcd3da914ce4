package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Views are pages as people left them, under names.
type Views interface {
	// Views returns all, pinned ones first, then by name.
	Views(ctx context.Context) ([]View, error)
	// CreateView adds one with an id and the time, or returns ErrConflict when the name is taken.
	CreateView(ctx context.Context, v View) (View, error)
	// PutView replaces one's name, page, query and pin; ErrNotFound or ErrConflict.
	PutView(ctx context.Context, v View) (View, error)
	// DeleteView removes one, or returns ErrNotFound.
	DeleteView(ctx context.Context, id string) error
}

// View is a page under a name. Its state is all in Query, as in the address of the page.
type View struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Page      string    `json:"page"`  // path: "/conversations"
	Query     string    `json:"query"` // query string without "?"
	Pinned    bool      `json:"pinned"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (s *server) listViews(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Views == nil {
		return errNoUse
	}
	list, err := s.Views.Views(c.r.Context())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Views []View `json:"views"`
	}{append([]View{}, list...)})
}

func (s *server) createView(c *call) error {
	var body struct {
		Name   string `json:"name"`
		Page   string `json:"page"`
		Query  string `json:"query"`
		Pinned bool   `json:"pinned"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if s.Views == nil {
		return errNoUse
	}
	author, err := s.author(c)
	if err != nil {
		return err
	}
	v, err := s.Views.CreateView(c.r.Context(), View{Name: body.Name, Page: body.Page, Query: body.Query, Pinned: body.Pinned, Author: author})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, v)
}

func (s *server) updateView(c *call) error {
	var body struct {
		Name   *string `json:"name"`
		Page   *string `json:"page"`
		Query  *string `json:"query"`
		Pinned *bool   `json:"pinned"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if s.Views == nil {
		return errNoUse
	}
	list, err := s.Views.Views(c.r.Context())
	if err != nil {
		return err
	}
	id := c.r.PathValue("id")
	i := slices.IndexFunc(list, func(v View) bool { return v.ID == id })
	if i < 0 {
		return fmt.Errorf("view %q: %w", id, ErrNotFound)
	}
	v := list[i]
	replace(&v.Name, body.Name)
	replace(&v.Page, body.Page)
	replace(&v.Query, body.Query)
	replace(&v.Pinned, body.Pinned)
	if v, err = s.Views.PutView(c.r.Context(), v); err != nil {
		return err
	}
	return c.answer(http.StatusOK, v)
}

// replace sets a value that a change names.
func replace[T any](v *T, with *T) {
	if with != nil {
		*v = *with
	}
}

func (s *server) deleteView(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Views == nil {
		return errNoUse
	}
	if err := s.Views.DeleteView(c.r.Context(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
