package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestSupervisorSurfacesTheFirstFailureAndClosesInReverse(t *testing.T) {
	s := newSupervisor(slog.New(slog.DiscardHandler))
	var order []string
	for _, name := range []string{"metadata", "log", "store"} {
		s.opened(name, func() error { order = append(order, name); return nil })
	}
	s.run("other", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	s.run("pipeline", func(context.Context) error { return errors.New("disk on fire") })
	<-s.failed
	if err := s.err(); err == nil || !strings.Contains(err.Error(), "pipeline: disk on fire") {
		t.Errorf("failure %v", err)
	}
	if err := s.stop(t.Context()); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("stop returns %v, want the failure", err)
	}
	if got := strings.Join(order, " "); got != "store log metadata" {
		t.Errorf("closed %s", got)
	}
}

func TestSupervisorTakesAnEarlyEndForAFailure(t *testing.T) {
	s := newSupervisor(slog.New(slog.DiscardHandler))
	s.run("pipeline", func(context.Context) error { return nil })
	<-s.failed
	if err := s.stop(t.Context()); err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("got %v", err)
	}
}

func TestSupervisorStopsWithoutFailure(t *testing.T) {
	s := newSupervisor(slog.New(slog.DiscardHandler))
	s.run("a", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	s.run("b", func(ctx context.Context) error { <-ctx.Done(); return nil })
	if err := s.stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSupervisorNamesWhatDoesNotEnd(t *testing.T) {
	s := newSupervisor(slog.New(slog.DiscardHandler))
	end := make(chan struct{})
	defer close(end)
	s.run("good", func(ctx context.Context) error { <-ctx.Done(); return nil })
	s.run("stuck", func(context.Context) error { <-end; return errors.New("late") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.stop(ctx); err == nil || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("got %v, want the part that is stuck", err)
	}
}
