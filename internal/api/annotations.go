package api

import (
	"context"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// Annotations are moments that may explain a figure.
type Annotations interface {
	// Annotations returns those of the range, the newest thousand, the oldest first; with a source, its
	// and those of all sources.
	Annotations(ctx context.Context, source string, r query.Range) ([]Annotation, error)
	// Annotation returns one, or ErrNotFound.
	Annotation(ctx context.Context, id string) (Annotation, error)
	// AddAnnotation adds one with an id; without a time it is now. The same twice is once.
	AddAnnotation(ctx context.Context, a Annotation) (Annotation, error)
	// PutAnnotation replaces one's time, kind, text and source; ErrNotFound or ErrConflict.
	PutAnnotation(ctx context.Context, a Annotation) (Annotation, error)
	// DeleteAnnotation removes one, or returns ErrNotFound.
	DeleteAnnotation(ctx context.Context, id string) error
}

// Annotation is a mark on the time axis: a deploy, a prompt's new version, a note.
type Annotation struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"` // deploy, prompt, note
	Text      string    `json:"text"`
	Source    string    `json:"source"` // "": of all sources
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
}

func (s *server) listAnnotations(c *call) error {
	ws, err := s.workspace(c)
	if err != nil {
		return err
	}
	var scope insight.Scope
	s.rangeScope(c, ws, &scope)
	source := c.text("source")
	if err := c.done(); err != nil {
		return err
	}
	if s.Annotations == nil {
		return errNoUse
	}
	list, err := s.Annotations.Annotations(c.r.Context(), source, scope.Range)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Annotations []Annotation `json:"annotations"`
	}{append([]Annotation{}, list...)})
}

func (s *server) addAnnotation(c *call) error {
	var body struct {
		At     time.Time `json:"at"`
		Kind   string    `json:"kind"`
		Text   string    `json:"text"`
		Source string    `json:"source"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if s.Annotations == nil {
		return errNoUse
	}
	author, err := s.author(c)
	if err != nil {
		return err
	}
	a, err := s.Annotations.AddAnnotation(c.r.Context(), Annotation{At: body.At, Kind: body.Kind, Text: body.Text, Source: body.Source, Author: author})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, a)
}

func (s *server) updateAnnotation(c *call) error {
	var body struct {
		At     *time.Time `json:"at"`
		Kind   *string    `json:"kind"`
		Text   *string    `json:"text"`
		Source *string    `json:"source"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if s.Annotations == nil {
		return errNoUse
	}
	a, err := s.Annotations.Annotation(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	replace(&a.At, body.At)
	replace(&a.Kind, body.Kind)
	replace(&a.Text, body.Text)
	replace(&a.Source, body.Source)
	if a, err = s.Annotations.PutAnnotation(c.r.Context(), a); err != nil {
		return err
	}
	return c.answer(http.StatusOK, a)
}

func (s *server) deleteAnnotation(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Annotations == nil {
		return errNoUse
	}
	if err := s.Annotations.DeleteAnnotation(c.r.Context(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
