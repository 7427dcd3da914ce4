// Package pipeline carries calls from the event log to the event store: it reads a batch of records,
// maps their calls by vocabulary, checks them by the tracking plan of their source, writes the rows
// together with its position in the log, and trims what is stored. It also counts what became of every
// call, and feeds the live view.
//
// Rows have stable ids and the position travels in the same write, so that a call counts once
// whenever the process dies. Nothing is dropped in silence: what the door refused and what cannot be
// mapped is recorded as a rejection, a store that fails is retried and reported by [Pipeline.Err].
// Only package app imports it.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"golang.org/x/sync/errgroup"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Noter looks at what came once it is stored: packages derive, analysis and people do.
type Noter interface {
	// Note remembers durably what the rows are about, before they are stored at that position of the log. It
	// keeps nothing of the rows.
	Note(ctx context.Context, rows []*event.Event, position uint64) error
}

// NamedNoter is a noter, and what it notes, for those who read of its failures.
type NamedNoter struct {
	What string
	Noter
}

// Config says what a pipeline connects. Workspace, Log, Store and Vocabularies are required; the zero
// value of any other field means what its comment says.
type Config struct {
	Workspace    string
	Log          eventlog.Log
	Store        eventstore.Writer
	Vocabularies []vocab.Vocabulary // asked in this order; the last one claims everything

	// Settings returns the settings of a source, from memory: it is asked for every record. Nil: none.
	Settings func(source string) vocab.Source
	// BodyHash makes the keyed hash of a message text ([event.BodyHasher]); nil leaves body_hash empty.
	// It is called from one goroutine.
	BodyHash func(body string) string
	// Tallies keeps rejections and counters; nil keeps none.
	Tallies Tallies
	// Places returns where in the log the events came from that are stored under these ids. It is asked
	// after a crash, of what was stored and not counted: what came from elsewhere was a duplicate. Nil:
	// nothing was.
	Places func(ctx context.Context, ids []string) (map[string]Place, error)
	// Plan returns what enforces the tracking plan of a source, from memory: it is asked for every record.
	// A nil Enforcer allows everything; nil: no source has a plan.
	Plan func(source string) *plan.Enforcer
	// Quarantine keeps what plans hold back; required with Plan.
	Quarantine Quarantine
	// Price sets what a model call cost on its row, where a price is known and no cost reported; nil: none is.
	Price func(e *event.Event)
	// Noters are told of rows before they are stored, each by what it notes: "traces".
	Noters []NamedNoter

	// A batch is written when it has MaxEvents calls (default 20,000) or records of MaxBytes in sum
	// (default 32 MiB); and when the log holds no more, but then at most once in Interval (default
	// 250 ms), since a write has a price of its own.
	MaxEvents int
	MaxBytes  int
	Interval  time.Duration

	// KeepLog is how long stored records stay in the log; 0 trims them at once.
	KeepLog time.Duration
	// Keep says how far the log may be trimmed of which everything up to a position may be, for the pipeline:
	// others may read it yet. It is asked after every write. Nil: so far.
	Keep func(upTo eventlog.Position) eventlog.Position
	// Backoff is the wait after a first failure; it doubles up to MaxBackoff. Defaults 100 ms and 10 s.
	Backoff, MaxBackoff time.Duration

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

// Validate reports every fault of the configuration.
func (c Config) Validate() error {
	var errs []error
	missing := func(what string, is bool) {
		if is {
			errs = append(errs, fmt.Errorf("pipeline has no %s", what))
		}
	}
	missing("workspace", c.Workspace == "")
	missing("log", c.Log == nil)
	missing("store", c.Store == nil)
	missing("vocabulary", len(c.Vocabularies) == 0)
	missing("quarantine", c.Plan != nil && c.Quarantine == nil)
	if c.MaxEvents < 0 || c.MaxBytes < 0 || c.Interval < 0 || c.KeepLog < 0 || c.Backoff < 0 || c.MaxBackoff < 0 {
		errs = append(errs, errors.New("pipeline has a negative bound"))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.MaxEvents == 0 {
		c.MaxEvents = 20_000
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 32 << 20
	}
	if c.Interval == 0 {
		c.Interval = 250 * time.Millisecond
	}
	if c.Backoff == 0 {
		c.Backoff = 100 * time.Millisecond
	}
	if c.MaxBackoff == 0 {
		c.MaxBackoff = 10 * time.Second
	}
	if c.Settings == nil {
		c.Settings = func(string) vocab.Source { return vocab.Source{} }
	}
	if c.Plan == nil {
		c.Plan = func(string) *plan.Enforcer { return nil }
	}
	if c.Metrics == nil {
		c.Metrics = metrics.NewSet()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Pipeline is one log flowing into one store. Its methods may be called from any goroutine.
type Pipeline struct {
	config  Config
	feed    feed
	meters  meters
	batches chan *batch // free ones, to be used again

	mu      sync.Mutex
	failing map[string]error // by what is failing
	cursor  eventlog.Position
	waiting []waiting // read and not yet stored, oldest first
}

// waiting describes a batch on its way.
type waiting struct {
	records int64
	oldest  time.Time // receipt of its first record
}

// New returns a pipeline that is not running yet.
func New(c Config) (*Pipeline, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := &Pipeline{config: c.withDefaults(), failing: map[string]error{}, batches: make(chan *batch, batchesInFlight)}
	p.meters = newMeters(p)
	return p, nil
}

// batchesInFlight bounds memory: one batch is being mapped, one waits, one is being written.
const batchesInFlight = 3

// Run carries calls until ctx ends, then finishes the write under way and returns nil. It returns an
// error only when it cannot go on: the log is closed. It runs once.
func (p *Pipeline) Run(ctx context.Context) error {
	from, stored, err := p.start(ctx)
	if err != nil {
		return quietly(ctx, err)
	}
	group, inner := errgroup.WithContext(ctx)
	full := make(chan *batch, batchesInFlight-2)
	group.Go(func() error {
		defer close(full)
		return p.read(inner, from, stored, full)
	})
	group.Go(func() error { return p.write(inner, full) })
	err = quietly(ctx, group.Wait())
	if err != nil {
		p.fail("run", err)
	}
	return err
}

// quietly drops an error that is only the end of ctx.
func quietly(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// start finds where to read from. Records up to stored are in the store already; those of them that
// the tallies lack are read once more, for the tallies alone.
func (p *Pipeline) start(ctx context.Context) (from, stored eventlog.Position, err error) {
	err = p.retry(ctx, "read cursor", func(ctx context.Context) error {
		at, err := p.config.Store.Cursor(ctx)
		stored = eventlog.Position(at)
		return err
	})
	from = stored
	if err == nil && p.config.Tallies != nil {
		err = p.retry(ctx, "read tallies", func(ctx context.Context) error {
			at, err := p.config.Tallies.Tallied(ctx, p.config.Workspace)
			from = min(stored, eventlog.Position(at))
			return err
		})
	}
	p.mu.Lock()
	p.cursor = stored
	p.mu.Unlock()
	return from, stored, err
}

// retry calls f until it succeeds or ctx ends, waiting longer each time. Meanwhile Err reports the
// error. A call under way is not cut short when ctx ends: the store shall finish what it began.
func (p *Pipeline) retry(ctx context.Context, what string, f func(context.Context) error) error {
	for wait := p.config.Backoff; ; wait = min(2*wait, p.config.MaxBackoff) {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := f(context.WithoutCancel(ctx))
		if err == nil {
			p.recover(what)
			return nil
		}
		p.fail(what, err)
		p.meters.retries.Inc()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// fail notes that something fails, and logs it when it begins.
func (p *Pipeline) fail(what string, err error) {
	p.mu.Lock()
	_, before := p.failing[what]
	p.failing[what] = err
	p.mu.Unlock()
	if !before {
		p.config.Logger.Error("pipeline step fails", slog.String("step", what), slog.Any("error", err))
	}
}

// recover notes that it works again.
func (p *Pipeline) recover(what string) {
	p.mu.Lock()
	_, before := p.failing[what]
	delete(p.failing, what)
	p.mu.Unlock()
	if before {
		p.config.Logger.Info("pipeline step works again", slog.String("step", what))
	}
}

// Err returns nil while everything works, else what fails at the moment and is being retried, or what
// ended Run.
func (p *Pipeline) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for what, err := range p.failing {
		errs = append(errs, fmt.Errorf("%s: %w", what, err))
	}
	return errors.Join(errs...)
}
