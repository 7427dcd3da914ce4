// Package function keeps the functions that people write, runs the deployed ones, and says how that went. It
// knows their versions, settings and logs; how code runs is the business of package js below, when it runs that
// of package deliver and of the door for webhooks. Only app imports it.
package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// Secrets seals and opens texts. Package secret does.
type Secrets interface {
	Seal(place string, text []byte) ([]byte, error)
	Open(place string, sealed []byte) ([]byte, error)
}

// Config is what functions stand on; all but Logger and Now is required.
type Config struct {
	Workspace string
	Meta      *metastore.Store
	Secrets   Secrets
	Engine    *js.Engine
	// Recent returns the newest stored calls, the newest first, at most n: to try functions on.
	Recent func(ctx context.Context, n int) ([]json.RawMessage, error)
	Logger *slog.Logger     // nil: discarded
	Now    func() time.Time // nil: time.Now
}

// Functions are those of a workspace. It is safe for use from many goroutines.
type Functions struct {
	cfg  Config
	logs chan metastore.FunctionLog

	mu     sync.Mutex
	caches map[string]*js.Cache // of cache.load, by function
}

// New returns the functions of a workspace. Their logs are kept while Run runs.
func New(c Config) *Functions {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Functions{cfg: c, logs: make(chan metastore.FunctionLog, 1000), caches: map[string]*js.Cache{}}
}

// Kinds of functions.
const (
	Source      = "source"
	Insert      = "insert"
	Destination = "destination"
)

// ErrNotDeployed is wrapped by the error of running a function of which no version is deployed, or that is of
// another kind: what waits for it goes on once somebody mends that.
var ErrNotDeployed = errors.New("the function is not deployed")

// deployed is a function that is ready to run.
type deployed struct {
	id      string
	version int
	source  string
	job     js.Job // code, settings, secrets and cache
}

// deployed finds the version of a function that runs.
func (f *Functions) deployed(ctx context.Context, id, kind string) (*deployed, error) {
	one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, id)
	if err != nil {
		return nil, err
	}
	if one.Kind != kind {
		return nil, fmt.Errorf("function %s is of the kind %s, not %s: %w", id, one.Kind, kind, ErrNotDeployed)
	}
	if one.Deployed == 0 {
		return nil, fmt.Errorf("function %s: %w", id, ErrNotDeployed)
	}
	version := one.Latest
	if version.Version != one.Deployed {
		if version, err = f.cfg.Meta.FunctionVersion(ctx, f.cfg.Workspace, id, one.Deployed); err != nil {
			return nil, err
		}
	}
	settings, err := f.settings(&one)
	if err != nil {
		return nil, err
	}
	form, err := parseForm(version.Settings)
	if err != nil {
		return nil, err
	}
	job, err := form.job(version.Code, settings)
	if err != nil {
		return nil, err
	}
	job.Cache = f.cache(id)
	return &deployed{id: id, version: version.Version, source: one.Source, job: job}, nil
}

// maxCaches bounds the functions whose caches are kept; beyond it all are forgotten.
const maxCaches = metastore.MaxFunctions

func (f *Functions) cache(id string) *js.Cache {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.caches[id]
	if !ok {
		if len(f.caches) >= maxCaches {
			clear(f.caches)
		}
		c = &js.Cache{}
		f.caches[id] = c
	}
	return c
}

// Outcome is what a function made of a call.
type Outcome struct {
	// Call is what an insert function hands on: nil if it dropped the call, or Err says why there is none.
	Call json.RawMessage
	// Err is a [destination.Discarded] for a call that will never go; after any other it is tried again.
	Err error
}

// Insert runs an insert function on one call. It returns nil if the function drops it. Batches cost far less:
// [Functions.InsertAll].
func (f *Functions) Insert(ctx context.Context, function string, call json.RawMessage) (json.RawMessage, error) {
	out := f.InsertAll(ctx, function, []json.RawMessage{call})[0]
	return out.Call, out.Err
}

// InsertAll runs an insert function on calls, and returns one outcome for each, in their order.
func (f *Functions) InsertAll(ctx context.Context, function string, calls []json.RawMessage) []Outcome {
	return f.run(ctx, function, Insert, calls)
}

// Send runs a destination function on calls, and returns one error for each, in their order: nil when it took the
// call. A call that it drops is given up.
func (f *Functions) Send(ctx context.Context, function string, calls []json.RawMessage) []error {
	out := make([]error, len(calls))
	for i, o := range f.run(ctx, function, Destination, calls) {
		out[i] = o.Err
	}
	return out
}

// Ready returns why a destination function cannot be run now, or nil.
func (f *Functions) Ready(ctx context.Context, function string) error {
	_, err := f.deployed(ctx, function, Destination)
	return err
}

func (f *Functions) run(ctx context.Context, id, kind string, calls []json.RawMessage) []Outcome {
	out := make([]Outcome, len(calls))
	d, err := f.deployed(ctx, id, kind)
	var report js.Report
	if err == nil {
		d.job.Calls, d.job.Insert = calls, kind == Insert
		report, err = f.cfg.Engine.Run(ctx, d.job)
	}
	for i := range out {
		switch {
		case i < len(report.Results):
			out[i] = outcome(report.Results[i], kind)
		default:
			out[i].Err = err
		}
	}
	if d != nil {
		f.note(d, &report)
	}
	return out
}

// outcome translates a result.
func outcome(r js.Result, kind string) Outcome {
	switch e := r.Err; {
	case e == nil:
		return Outcome{Call: r.Call}
	case e.Name == dropped && kind == Insert:
		return Outcome{}
	case e.Retry():
		return Outcome{Err: e}
	default:
		return Outcome{Err: &destination.Discarded{Code: class(e), Reason: e.Message}}
	}
}

const dropped = "DropEvent"

// classes are the names of failures that are counted; functions may throw any.
var classes = map[string]bool{
	dropped: true, "EventNotSupported": true, "InvalidEventPayload": true, "ValidationError": true, "MessageRejected": true, "InvalidSettings": true,
	"RetryError": true, js.Timeout: true, js.FetchError: true, js.OutOfMemory: true, js.Crashed: true, js.TooMuch: true,
	"TypeError": true, "RangeError": true, "ReferenceError": true, "SyntaxError": true,
}

func class(e *js.Error) string {
	if classes[e.Name] {
		return e.Name
	}
	return "Error"
}

// Received is what a source function made of a request.
type Received struct {
	Source string // whose calls they are
	Calls  []json.RawMessage
}

// Receive runs a source function on a request. Its error is a [js.Error] if the function failed: what it had
// emitted by then is lost with it, so that a request is taken whole or not at all.
func (f *Functions) Receive(ctx context.Context, function string, r js.Request) (Received, error) {
	d, err := f.deployed(ctx, function, Source)
	if err != nil {
		return Received{}, err
	}
	d.job.Request = &r
	report, err := f.cfg.Engine.Run(ctx, d.job)
	f.note(d, &report)
	if err == nil && report.Results[0].Err != nil {
		err = report.Results[0].Err
	}
	if err != nil {
		return Received{}, err
	}
	return Received{Source: d.source, Calls: report.Emitted}, nil
}
