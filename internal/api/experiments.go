package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// Experiments are comparisons of variants that people follow.
type Experiments interface {
	// Experiments returns all, the newest first.
	Experiments(ctx context.Context) ([]Experiment, error)
	// Experiment returns one, or ErrNotFound.
	Experiment(ctx context.Context, name string) (Experiment, error)
	// PutExperiment adds one or replaces its definition, and returns it.
	PutExperiment(ctx context.Context, e insight.Experiment) (Experiment, error)
	// DeleteExperiment removes one, or returns ErrNotFound.
	DeleteExperiment(ctx context.Context, name string) error
}

// Experiment is a definition with when it was made.
type Experiment struct {
	insight.Experiment
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (s *server) listExperiments(c *call) error {
	return list(c, "experiments", s.Experiments, func(e Experiments, ctx context.Context) ([]Experiment, error) {
		all, err := e.Experiments(ctx)
		for i := range all {
			all[i].Complete()
		}
		return all, err
	})
}

func (s *server) experiment(c *call) (Experiment, error) {
	if s.Experiments == nil {
		return Experiment{}, errNoUse
	}
	e, err := s.Experiments.Experiment(c.r.Context(), c.r.PathValue("name"))
	e.Complete()
	return e, err
}

func (s *server) getExperiment(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	e, err := s.experiment(c)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, e)
}

func (s *server) putExperiment(c *call) error {
	var e insight.Experiment
	if err := c.bodyAlone(&e, false); err != nil {
		return err
	}
	name := c.r.PathValue("name")
	if e.Name != "" && e.Name != name {
		return &bodyError{fmt.Sprintf("name %q is not the name in the path", e.Name)}
	}
	e.Name = name
	e.Complete()
	if err := e.Validate(); err != nil {
		return &bodyError{err.Error()}
	}
	return ask(c, http.StatusOK, s.Experiments, func(all Experiments, ctx context.Context) (Experiment, error) {
		kept, err := all.PutExperiment(ctx, e)
		kept.Complete()
		return kept, err
	})
}

func (s *server) deleteExperiment(c *call) error {
	return remove(c, s.Experiments, Experiments.DeleteExperiment, c.r.PathValue("name"))
}

func (s *server) getExperimentResult(c *call) error {
	ws, err := s.workspace(c)
	if err != nil {
		return err
	}
	zone := c.text("zone")
	if zone == "" {
		zone = ws.Zone
	}
	if err := c.done(); err != nil {
		return err
	}
	e, err := s.experiment(c)
	if err != nil {
		return err
	}
	out, err := s.Insight.Experiment(c.r.Context(), e.Experiment, zone)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}
