package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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

// Annotations are of times that events can have: not before 2000, and at most so far ahead.
const annotationAhead = 10 * 366 * 24 * time.Hour

var annotationFirst = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// checkAnnotation reports one that could stand on no chart.
func (s *server) checkAnnotation(ctx context.Context, a Annotation) error {
	if !a.At.IsZero() && (a.At.Before(annotationFirst) || a.At.After(time.Now().Add(annotationAhead))) {
		return &bodyError{fmt.Sprintf("at %s is no time that events have; it is from the year 2000 to ten years ahead", a.At.Format(time.RFC3339))}
	}
	if a.Source == "" || s.Sources == nil {
		return nil
	}
	list, err := s.Sources.Sources(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(x Source) bool { return x.ID == a.Source }) {
		return &bodyError{fmt.Sprintf("source %q is not known; give the id of one, or none for all", a.Source)}
	}
	return nil
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
		made := Annotation{At: body.At, Kind: body.Kind, Text: body.Text, Source: body.Source, Author: author}
		if err := s.checkAnnotation(ctx, made); err != nil {
			return Annotation{}, err
		}
		return a.AddAnnotation(ctx, made)
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
		if err := s.checkAnnotation(ctx, a); err != nil {
			return Annotation{}, err
		}
		return annotations.PutAnnotation(ctx, a)
	})
}

func (s *server) deleteAnnotation(c *call) error {
	return remove(c, s.Annotations, Annotations.DeleteAnnotation, c.r.PathValue("id"))
}
