// Package deliver hands accepted calls on to destinations. It owns order, retry, backoff, breakers, dead letters and
// backfills; what a destination does with a message is its own business.
//
// Each destination that is enabled has a courier: a goroutine with a cursor on every log and a bounded number of
// calls in its hands, so that one which is slow or dead slows nobody. What a destination gets is what was
// accepted: redacted by the door, judged by the plan of its source, mapped to a row by the mapper that the
// pipeline uses; then filtered, run through insert functions, and mapped to a payload.
//
// The promise is at least once: a call leaves the cursor's reach when it is delivered, filtered, given up with
// a reason, or stored among the calls that wait. Only package app imports this package.
package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Log is a log that destinations read.
type Log struct {
	Name string // stored; never changes
	Log  eventlog.Log
	// Stored says that its calls are in the event store, too: a destination that fell behind what the log
	// keeps gets them from there. Somebody else trims it, and asks [Deliver.Keep] how far. A log that is not
	// stored is trimmed by this package, never beyond the slowest destination but for its size.
	Stored bool
}

// Inserter runs insert functions. Package function does.
type Inserter interface {
	// Insert runs a function on calls. It returns for each, in their order, what the function makes of it, or nil
	// if it drops it; and an error where there is neither. A [destination.Discarded] gives the call up; after any
	// other error it is tried again.
	Insert(ctx context.Context, function string, calls []json.RawMessage) ([]json.RawMessage, []error)
}

// Computed says what is computed of people. Package compute does.
type Computed interface {
	// CountNow returns how many values a destination is told of.
	CountNow(ctx context.Context, destination string) (int64, error)
	// Now returns the calls that tell a destination of the next values after a cursor, "" before the first, at most
	// limit; and the cursor after them, "" when there are none left.
	Now(ctx context.Context, destination, cursor string, limit int) (event.Request, string, error)
}

// Secrets seals and opens texts. Package secret does.
type Secrets interface {
	Seal(place string, text []byte) ([]byte, error)
	Open(place string, sealed []byte) ([]byte, error)
}

// Config is what deliveries stand on. Workspace, Meta, Kinds, Logs, Vocabularies and Client are required; the
// zero value of any other field means what its comment says.
type Config struct {
	Workspace string
	Meta      *metastore.Store
	Secrets   Secrets // nil: no destination may have secrets
	Kinds     []destination.Destination
	Logs      []Log
	// Store is asked for calls that no log has any more, and for backfills; nil: there are none.
	Store eventstore.Reader
	// Computed is asked for backfills of what is computed; nil: there are none.
	Computed Computed

	Vocabularies []vocab.Vocabulary
	Settings     func(source string) vocab.Source   // nil: none
	BodyHash     func() func(body string) string    // makes a hasher for one goroutine; nil: no hashes
	Plan         func(source string) *plan.Enforcer // nil: no source has a plan
	Inserter     Inserter                           // nil: there are no functions

	Client *http.Client
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Dir    string // where senders keep files, in a folder each; "": they cannot

	// A log is kept for the slowest destination up to this age and size; then that one is caught up from the
	// event store. One that is not stored is kept up to the size alone; what is cut off it then is counted as lost.
	// 0: 24 h, 1 GiB.
	KeepAge  time.Duration
	KeepSize int64

	// Backoff is the wait after a first failure; it doubles up to MaxBackoff, and up to half of it is taken
	// off at random. 0: 1 s and 10 min.
	Backoff, MaxBackoff time.Duration
	// Checkpoint is how often progress is stored while there is some: what was delivered since is delivered
	// again after a crash. 0: 1 s.
	Checkpoint time.Duration
	// Window bounds the calls in a courier's hands, WindowBytes their size. 0: 5,000 and 32 MiB.
	Window      int
	WindowBytes int
	// SendTimeout bounds one Send; 0: 1 min.
	SendTimeout time.Duration

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

// Validate reports every fault of the configuration.
func (c *Config) Validate() error {
	var errs []error
	for what, missing := range map[string]bool{
		"workspace": c.Workspace == "", "metadata": c.Meta == nil, "log": len(c.Logs) == 0,
		"vocabulary": len(c.Vocabularies) == 0, "client": c.Client == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("deliver has no %s", what))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) withDefaults() {
	c.KeepAge = cmp.Or(c.KeepAge, 24*time.Hour)
	c.KeepSize = cmp.Or(c.KeepSize, 1<<30)
	c.Backoff = cmp.Or(c.Backoff, time.Second)
	c.MaxBackoff = cmp.Or(c.MaxBackoff, 10*time.Minute)
	c.Checkpoint = cmp.Or(c.Checkpoint, time.Second)
	c.Window = cmp.Or(c.Window, 5000)
	c.WindowBytes = cmp.Or(c.WindowBytes, 32<<20)
	c.SendTimeout = cmp.Or(c.SendTimeout, time.Minute)
	c.Metrics = cmp.Or(c.Metrics, metrics.NewSet())
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Settings == nil {
		c.Settings = func(string) vocab.Source { return vocab.Source{} }
	}
	if c.Plan == nil {
		c.Plan = func(string) *plan.Enforcer { return nil }
	}
	if c.BodyHash == nil {
		c.BodyHash = func() func(string) string { return nil }
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
}

// Deliver runs the couriers. Its methods may be called from any goroutine.
type Deliver struct {
	config Config
	kinds  map[string]destination.Destination
	keeper keeper

	mu       sync.Mutex
	running  context.Context // of Run; nil before and after
	couriers map[string]*running
	failed   map[string]error // why an enabled destination has no courier
	wg       sync.WaitGroup   // of couriers
}

// running is a courier at work.
type running struct {
	*courier
	stop context.CancelFunc
	done chan struct{}
}

// New returns deliveries that do not run yet. Cursors are read, so that [Deliver.Keep] holds what they need.
func New(ctx context.Context, c Config) (*Deliver, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.withDefaults()
	d := &Deliver{config: c, kinds: map[string]destination.Destination{}, couriers: map[string]*running{}, failed: map[string]error{}}
	for _, k := range c.Kinds {
		d.kinds[k.Spec().Name] = k
	}
	all, err := c.Meta.Destinations(ctx, c.Workspace)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		cursors, err := c.Meta.DestinationCursors(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range c.Logs { // of a log that came after the destination: all of it
			d.keeper.moved(one.ID, l.Name, eventlog.Position(cursors[l.Name]))
		}
	}
	return d, nil
}

// Kinds returns all kinds of destinations, in the order of the configuration.
func (d *Deliver) Kinds() []destination.Destination { return d.config.Kinds }

// purgeEvery is how often old dead calls are removed, and how often logs that are not stored are trimmed.
const (
	purgeEvery = time.Hour
	trimEvery  = 10 * time.Second
)

// Run delivers until ctx ends, and returns when all couriers have stored their progress.
func (d *Deliver) Run(ctx context.Context) error {
	defer d.wg.Wait()
	d.mu.Lock()
	d.running = ctx
	d.mu.Unlock()
	all, err := d.config.Meta.Destinations(ctx, d.config.Workspace)
	if err != nil {
		return quietly(ctx, err)
	}
	for _, one := range all {
		if err := d.Reload(ctx, one.ID); err != nil && ctx.Err() == nil {
			return err
		}
	}
	trim, purge := time.NewTicker(trimEvery), time.NewTicker(purgeEvery)
	defer trim.Stop()
	defer purge.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-trim.C:
			d.trim(ctx)
		case <-purge.C:
			if err := d.config.Meta.PurgeDeliveries(ctx); err != nil && ctx.Err() == nil {
				d.config.Logger.Error("old deliveries cannot be removed", slog.Any("error", err))
			}
		}
	}
}

func quietly(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Reload makes what is stored of a destination hold: its courier ends, with what is under way, and another one
// begins if the destination exists and is enabled. Before Run it does nothing.
func (d *Deliver) Reload(ctx context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.halt(id)
	return d.begin(ctx, id)
}

// halt ends the courier of a destination, with what is under way, and stores its progress. The caller holds mu.
func (d *Deliver) halt(id string) {
	if old := d.couriers[id]; old != nil {
		old.stop()
		<-old.done
		delete(d.couriers, id)
	}
	delete(d.failed, id)
}

// begin begins one, if the destination exists and is enabled. The caller holds mu.
func (d *Deliver) begin(ctx context.Context, id string) error {
	one, err := d.config.Meta.Destination(ctx, d.config.Workspace, id)
	if errors.Is(err, metastore.ErrNotFound) {
		d.keeper.gone(id)
		return nil
	}
	if err != nil {
		return err
	}
	if d.running == nil || d.running.Err() != nil || !one.Enabled {
		return nil
	}
	c, err := d.courier(ctx, one)
	if err != nil {
		d.failed[id] = err
		d.config.Logger.Error("destination cannot be opened", slog.String("destination", id), slog.Any("error", err))
		return nil
	}
	running := &running{courier: c, done: make(chan struct{})}
	var inner context.Context
	inner, running.stop = context.WithCancel(d.running)
	d.couriers[id] = running
	d.wg.Go(func() {
		defer close(running.done)
		defer running.stop()
		c.run(inner)
	})
	return nil
}

// find returns the courier of a destination, or nil.
func (d *Deliver) find(id string) *courier {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.couriers[id]; r != nil {
		return r.courier
	}
	return nil
}

// Replayed says that dead calls of a destination wait again.
func (d *Deliver) Replayed(id string) {
	if c := d.find(id); c != nil {
		c.kick()
	}
}

// jitter takes up to half off at random, so that those who failed together do not come back together.
func jitter(wait time.Duration) time.Duration {
	return wait - time.Duration(rand.Int64N(int64(wait)/2+1))
}
