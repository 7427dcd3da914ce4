package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
)

var (
	_ api.Views       = settings{}
	_ api.Annotations = settings{}
	_ api.Experiments = settings{}
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

func experimentOf(e metastore.Experiment) (api.Experiment, error) {
	out := api.Experiment{CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}
	if err := json.Unmarshal(e.Definition, &out.Experiment); err != nil {
		return out, fmt.Errorf("read experiment %s: %w", e.Name, err)
	}
	out.Name = e.Name
	return out, nil
}

// Experiments returns all.
func (s settings) Experiments(ctx context.Context) ([]api.Experiment, error) {
	all, err := s.store.Experiments(ctx, s.workspace)
	if err != nil {
		return nil, translated(err)
	}
	out := make([]api.Experiment, len(all))
	for i, e := range all {
		if out[i], err = experimentOf(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Experiment returns one.
func (s settings) Experiment(ctx context.Context, name string) (api.Experiment, error) {
	e, err := s.store.Experiment(ctx, s.workspace, name)
	if err != nil {
		return api.Experiment{}, translated(err)
	}
	return experimentOf(e)
}

// PutExperiment adds or replaces one.
func (s settings) PutExperiment(ctx context.Context, e insight.Experiment) (api.Experiment, error) {
	definition, err := json.Marshal(e)
	if err != nil {
		return api.Experiment{}, fmt.Errorf("write experiment %s: %w", e.Name, err)
	}
	put, err := s.store.PutExperiment(ctx, s.workspace, metastore.Experiment{Name: e.Name, Definition: definition})
	if err != nil {
		return api.Experiment{}, translated(err)
	}
	return experimentOf(put)
}

// DeleteExperiment removes one.
func (s settings) DeleteExperiment(ctx context.Context, name string) error {
	return translated(s.store.DeleteExperiment(ctx, s.workspace, name))
}
