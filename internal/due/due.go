// Package due paces work that is never over: what is due is done, then it is waited until more is, or until
// something comes. What work that is, and when more is due, is its owner's business; packages derive, analysis and
// topic are some.
package due

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Config says how [Rounds] are paced. All of it is required.
type Config struct {
	// Step is how long what came waits for more to be done with it: asking the store has a price of its own.
	Step time.Duration
	// Retry is the wait after an error.
	Retry time.Duration
	// Fails is logged when rounds begin to fail, and Works when they succeed again.
	Fails, Works string
	Logger       *slog.Logger
}

// Rounds are what is done again and again. Methods may be called from any goroutine.
type Rounds struct {
	config Config
	wake   chan struct{} // something may be due earlier than thought

	mu      sync.Mutex
	failure error
}

// New returns rounds that do not run yet.
func New(c Config) *Rounds { return &Rounds{config: c, wake: make(chan struct{}, 1)} }

// Wake makes Run look at what is due, within a step. It never waits, and what wakes before Run runs is not lost.
func (r *Rounds) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run calls round, which does what is due and says how long to wait for more, until ctx ends, and returns nil then.
// An error of round is kept for Err, and round called again after Retry; one that comes with the end of ctx is not
// looked at.
func (r *Rounds) Run(ctx context.Context, round func(context.Context) (time.Duration, error)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-timer.C:
		}
		wait, err := round(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if r.note(err); err != nil {
			wait = r.config.Retry
		}
		pause := min(wait, r.config.Step) // whatever wakes it meanwhile
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		timer.Reset(wait - pause)
	}
}

// note keeps what became of a round, and logs when that changes.
func (r *Rounds) note(err error) {
	r.mu.Lock()
	before := r.failure
	r.failure = err
	r.mu.Unlock()
	switch {
	case err != nil && before == nil:
		r.config.Logger.Error(r.config.Fails, slog.Any("error", err))
	case err == nil && before != nil:
		r.config.Logger.Info(r.config.Works)
	}
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (r *Rounds) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}
