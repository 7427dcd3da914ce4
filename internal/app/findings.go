package app

import (
	"context"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
)

var (
	_ api.Views       = settings{}
	_ api.Annotations = settings{}
)

func viewOf(v metastore.View) api.View { return api.View(v) }

// Views returns all.
func (s settings) Views(ctx context.Context) ([]api.View, error) {
	all, err := s.store.Views(ctx, s.workspace)
	out := make([]api.View, len(all))
	for i, v := range all {
		out[i] = viewOf(v)
	}
	return out, translated(err)
}

// CreateView adds one.
func (s settings) CreateView(ctx context.Context, v api.View) (api.View, error) {
	made, err := s.store.CreateView(ctx, s.workspace, metastore.View(v))
	return viewOf(made), translated(err)
}

// PutView replaces one.
func (s settings) PutView(ctx context.Context, v api.View) (api.View, error) {
	put, err := s.store.PutView(ctx, s.workspace, metastore.View(v))
	return viewOf(put), translated(err)
}

// DeleteView removes one.
func (s settings) DeleteView(ctx context.Context, id string) error {
	return translated(s.store.DeleteView(ctx, s.workspace, id))
}

func annotationOf(a metastore.Annotation) api.Annotation { return api.Annotation(a) }

// Annotations returns those of a range.
func (s settings) Annotations(ctx context.Context, source string, r query.Range) ([]api.Annotation, error) {
	all, err := s.store.Annotations(ctx, s.workspace, source, r.From, r.Until)
	out := make([]api.Annotation, len(all))
	for i, a := range all {
		out[i] = annotationOf(a)
	}
	return out, translated(err)
}

// Annotation returns one.
func (s settings) Annotation(ctx context.Context, id string) (api.Annotation, error) {
	a, err := s.store.Annotation(ctx, s.workspace, id)
	return annotationOf(a), translated(err)
}

// AddAnnotation adds one.
func (s settings) AddAnnotation(ctx context.Context, a api.Annotation) (api.Annotation, error) {
	made, err := s.store.AddAnnotation(ctx, s.workspace, metastore.Annotation(a))
	return annotationOf(made), translated(err)
}

// PutAnnotation replaces one.
func (s settings) PutAnnotation(ctx context.Context, a api.Annotation) (api.Annotation, error) {
	put, err := s.store.PutAnnotation(ctx, s.workspace, metastore.Annotation(a))
	return annotationOf(put), translated(err)
}

// DeleteAnnotation removes one.
func (s settings) DeleteAnnotation(ctx context.Context, id string) error {
	return translated(s.store.DeleteAnnotation(ctx, s.workspace, id))
}
