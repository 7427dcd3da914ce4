// Package compute keeps what is computed of people up to date: traits and memberships of audiences. It reads their
// definitions, computes them anew of the event store for everybody who was touched, for everybody when a
// definition is new or time has passed, and tells of every change, once, in the log of emitted calls.
//
// A value is never patched: it is always what the definition says of all that is stored now, so that live values
// are what a rebuild would give. What definitions mean is the business of packages trait and audience; values
// are in package profilestore. Only package app imports this package.
package compute

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/due"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("conflict")
	// ErrInvalid wraps what is wrong with a definition, in words for whoever wrote it.
	ErrInvalid = errors.New("invalid definition")
)

// Config is what is computed with. Workspace, Meta, Store, Profiles and Log are required.
type Config struct {
	Workspace string
	Meta      *metastore.Store
	Store     eventstore.Reader
	Profiles  *profilestore.Store
	// Log takes the calls that tell of changes. Nobody else appends to it.
	Log eventlog.Log
	// Conversion returns a definition of conversions by name, any of all for ""; ErrNotFound for one that there is
	// none of. Nil: there are none.
	Conversion func(ctx context.Context, name string) (*query.Conversion, error)
	// SQL runs a statement as the console does; nil: there are no traits by SQL.
	SQL func(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error)
	// Names returns what values of a field are called, of those that have a name; nil: none has.
	Names func(ctx context.Context, field string, values []string) (map[string]string, error)

	// Page is how many people are computed at once; default 500.
	Page int
	// Rest is how long it is rested after work, in times of the work; default 4: at most a fifth of the time is
	// worked. Below 0 it is not rested.
	Rest float64
	// Step is how long what came waits for more; default 1 s. Retry is the wait after an error; default 5 s.
	Step, Retry time.Duration

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

func (c Config) withDefaults() Config {
	c.Page, c.Rest = cmp.Or(c.Page, 500), cmp.Or(c.Rest, 4)
	c.Step, c.Retry = cmp.Or(c.Step, time.Second), cmp.Or(c.Retry, 5*time.Second)
	c.Metrics, c.Logger = cmp.Or(c.Metrics, metrics.NewSet()), cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Compute is what is computed in one workspace. Methods may be called from any goroutine.
type Compute struct {
	config Config
	rounds *due.Rounds
	meters meters

	pass sync.Mutex // held by whoever computes: Run, or a test

	mu     sync.Mutex
	states map[string]state // by id of the definition
}

// Open returns what is computed as it was left. Run must run.
func Open(ctx context.Context, c Config) (*Compute, error) {
	if c.Workspace == "" || c.Meta == nil || c.Store == nil || c.Profiles == nil || c.Log == nil {
		return nil, errors.New("computing needs Workspace, Meta, Store, Profiles and Log")
	}
	c = c.withDefaults()
	x := &Compute{config: c, states: map[string]state{}, rounds: due.New(due.Config{Step: c.Step, Retry: c.Retry, Logger: c.Logger,
		Fails: "traits and audiences cannot be computed", Works: "traits and audiences are computed again"})}
	stored, err := c.Profiles.Computations(ctx)
	if err != nil {
		return nil, err
	}
	for id, text := range stored {
		var s state
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return nil, fmt.Errorf("read how far %s is computed: %w", id, err)
		}
		x.states[id] = s
	}
	if err := x.recallEmitted(ctx); err != nil {
		return nil, err
	}
	x.meters = newMeters(x)
	return x, nil
}

// Wake makes Run look at persons that the profile store has marked as stale, a moment later.
func (c *Compute) Wake() { c.rounds.Wake() }

// TouchConversations says that facts of some conversations changed, which are stored. It keeps that durably; the people
// of the conversations are computed anew a moment later.
func (c *Compute) TouchConversations(ctx context.Context, ids []string) error {
	if err := c.config.Profiles.MarkStale(ctx, ids, true); err != nil {
		return err
	}
	c.rounds.Wake()
	return nil
}

// Run computes until ctx ends, and returns nil then.
func (c *Compute) Run(ctx context.Context) error { return c.rounds.Run(ctx, c.round) }

// longestWait is when it is looked again, whatever comes: definitions move by time.
const longestWait = time.Minute

// round works, and returns how long to rest.
func (c *Compute) round(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	more, err := c.Work(ctx)
	took := time.Since(began)
	c.meters.seconds.Add(took.Seconds())
	if err != nil {
		return 0, err
	}
	if more {
		return time.Duration(float64(took) * max(c.config.Rest, 0)), nil
	}
	return longestWait, nil
}

// Work computes a page of those who were touched, and a page of what is computed for everybody, tells of the changes,
// and reports whether there is more to do.
func (c *Compute) Work(ctx context.Context) (more bool, err error) {
	c.pass.Lock()
	defer c.pass.Unlock()
	if err := c.flush(ctx); err != nil {
		return false, err
	}
	defs, err := c.load(ctx)
	if err != nil {
		return false, err
	}
	touched, err := c.workTouched(ctx, defs)
	if err != nil {
		return false, err
	}
	behind, err := c.workBehind(ctx, defs)
	if err != nil {
		return false, err
	}
	return touched || behind, c.flush(ctx)
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (c *Compute) Err() error { return c.rounds.Err() }

// meters are what operators watch.
type meters struct {
	people, changes, emitted *metrics.Counter
	seconds                  *metrics.FloatCounter
}

func newMeters(c *Compute) meters {
	set := c.config.Metrics
	set.NewGauge("debrief_compute_waiting", func() float64 {
		n, err := c.config.Profiles.StaleCount(context.Background())
		if err != nil {
			return -1
		}
		return float64(n)
	})
	return meters{
		people:  set.NewCounter("debrief_compute_people_total"),
		changes: set.NewCounter("debrief_compute_changes_total"),
		emitted: set.NewCounter("debrief_compute_calls_emitted_total"),
		seconds: set.NewFloatCounter("debrief_compute_seconds_total"),
	}
}
