package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
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
	busy    map[string]bool // names of goroutines that work, and of what is being closed
	closers []closer
}

// closer is something that was opened.
type closer struct {
	name  string
	close func() error
}

func newSupervisor(log *slog.Logger) *supervisor {
	ctx, cancel := context.WithCancel(context.Background())
	return &supervisor{log: log, ctx: ctx, cancel: cancel, failed: make(chan struct{}), busy: map[string]bool{}}
}

// opened notes something to close at the end.
func (s *supervisor) opened(name string, close func() error) {
	s.closers = append(s.closers, closer{name, close})
}

// run starts a goroutine that works until its context ends. That it returns before is a failure.
func (s *supervisor) run(name string, f func(ctx context.Context) error) {
	s.note(name, true)
	s.running.Go(func() {
		defer s.note(name, false)
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

// note says that something works, or has ended.
func (s *supervisor) note(name string, works bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[name] = works; !works {
		delete(s.busy, name)
	}
}

// stop ends the goroutines, waits for them, and closes what was opened, the last first. When ctx ends it waits no longer,
// and the error names what has not ended; what is open then stays as it is.
func (s *supervisor) stop(ctx context.Context) error {
	s.cancel()
	done := make(chan error, 1)
	go func() {
		s.running.Wait()
		done <- s.closeAll()
	}()
	select {
	case err := <-done:
		return errors.Join(s.err(), err)
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		return errors.Join(s.failure, fmt.Errorf("these parts did not end in time: %s", strings.Join(slices.Sorted(maps.Keys(s.busy)), ", ")))
	}
}

func (s *supervisor) closeAll() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		c := s.closers[i]
		s.note("closing "+c.name, true)
		if err := c.close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
		s.note("closing "+c.name, false)
	}
	s.closers = nil
	return errors.Join(errs...)
}
