package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// supervisor owns the goroutines and open things of an App: it waits for the ones, closes the others in
// reverse order, and keeps the first failure.
type supervisor struct {
	log    *slog.Logger
	ctx    context.Context // ends when something fails or stop is called
	cancel context.CancelFunc
	failed chan struct{} // closed by the first failure

	running sync.WaitGroup

	mu      sync.Mutex
	failure error
	closers []closer
}

// closer is something that was opened.
type closer struct {
	name  string
	close func() error
}

func newSupervisor(log *slog.Logger) *supervisor {
	ctx, cancel := context.WithCancel(context.Background())
	return &supervisor{log: log, ctx: ctx, cancel: cancel, failed: make(chan struct{})}
}

// opened notes something to close at the end.
func (s *supervisor) opened(name string, close func() error) {
	s.closers = append(s.closers, closer{name, close})
}

// run starts a goroutine that works until its context ends. That it returns before is a failure.
func (s *supervisor) run(name string, f func(ctx context.Context) error) {
	s.running.Go(func() {
		err := f(s.ctx)
		if s.ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		s.fail(fmt.Errorf("%s: %w", name, err))
	})
}

// fail keeps the first failure and ends everything.
func (s *supervisor) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return
	}
	s.failure = err
	s.log.Error("a part of the server failed", slog.Any("error", err))
	close(s.failed)
	s.cancel()
}

// err returns the first failure.
func (s *supervisor) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// stop ends the goroutines, waits for them, and closes what was opened, the last first.
func (s *supervisor) stop() error {
	s.cancel()
	s.running.Wait()
	errs := []error{s.err()}
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i].close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", s.closers[i].name, err))
		}
	}
	s.closers = nil
	return errors.Join(errs...)
}
