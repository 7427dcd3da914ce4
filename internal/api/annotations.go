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
	return list(c, "annotations", s.Annotations, func(a Annotations, ctx context.Context) ([]Annotation, error) {
		return a.Annotations(ctx, source, scope.Range)
	})
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
	return ask(c, http.StatusCreated, s.Annotations, func(a Annotations, ctx context.Context) (Annotation, error) {
		author, err := s.author(c)
		if err != nil {
			return Annotation{}, err
		}
		return a.AddAnnotation(ctx, Annotation{At: body.At, Kind: body.Kind, Text: body.Text, Source: body.Source, Author: author})
	})
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
	return ask(c, http.StatusOK, s.Annotations, func(annotations Annotations, ctx context.Context) (Annotation, error) {
		a, err := annotations.Annotation(ctx, c.r.PathValue("id"))
		if err != nil {
			return Annotation{}, err
		}
		replace(&a.At, body.At)
		replace(&a.Kind, body.Kind)
		replace(&a.Text, body.Text)
		replace(&a.Source, body.Source)
		return annotations.PutAnnotation(ctx, a)
	})
}

func (s *server) deleteAnnotation(c *call) error {
	return remove(c, s.Annotations, Annotations.DeleteAnnotation, c.r.PathValue("id"))
}
