package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
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

// pages are the addresses of the web UI; what stands below one ("/topics/…") belongs to it.
var pages = []string{"/", "/conversations", "/people", "/audiences", "/traits", "/accounts", "/flagged", "/id-rules", "/ask", "/topics", "/signals", "/funnels", "/retention", "/components", "/experiments",
	"/data/sources", "/data/live", "/data/plans", "/data/violations", "/data/quarantine", "/data/journey", "/data/destinations", "/data/functions", "/data/privacy", "/data/conversions"}

// check reports a view that nobody could open.
func (v *View) check() error {
	if err := checkName(v.Name); err != nil {
		return err
	}
	for _, p := range pages {
		if v.Page == p || p != "/" && strings.HasPrefix(v.Page, p+"/") {
			return nil
		}
	}
	return &bodyError{fmt.Sprintf("page %q is none of the web UI; it has %s", v.Page, strings.Join(pages, ", "))}
}

func (s *server) listViews(c *call) error { return list(c, "views", s.Views, Views.Views) }

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
	return ask(c, http.StatusCreated, s.Views, func(v Views, ctx context.Context) (View, error) {
		author, err := s.author(c)
		if err != nil {
			return View{}, err
		}
		made := View{Name: body.Name, Page: body.Page, Query: body.Query, Pinned: body.Pinned, Author: author}
		if err := made.check(); err != nil {
			return View{}, err
		}
		return v.CreateView(ctx, made)
	})
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
	return ask(c, http.StatusOK, s.Views, func(views Views, ctx context.Context) (View, error) {
		all, err := views.Views(ctx)
		if err != nil {
			return View{}, err
		}
		v, err := find(all, "view", c.r.PathValue("id"), func(v View) string { return v.ID })
		if err != nil {
			return View{}, err
		}
		replace(&v.Name, body.Name)
		replace(&v.Page, body.Page)
		replace(&v.Query, body.Query)
		replace(&v.Pinned, body.Pinned)
		if err := v.check(); err != nil {
			return View{}, err
		}
		return views.PutView(ctx, v)
	})
}

// replace sets a value that a change names.
func replace[T any](v *T, with *T) {
	if with != nil {
		*v = *with
	}
}

func (s *server) deleteView(c *call) error {
	return remove(c, s.Views, Views.DeleteView, c.r.PathValue("id"))
}
