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
	// Recent returns the newest stored calls of a type, of any for "", as functions get them, the newest first and at
	// most n: to try functions on.
	Recent func(ctx context.Context, n int, kind string) ([]json.RawMessage, error)
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

// Bounds of one run of an insert function. It is as large as one call may be: all of it is in the machine's memory
// at once. Batches are split.
const (
	maxRun      = 100
	maxRunBytes = 1 << 20
)

// Insert runs an insert function on calls. It returns for each, in their order, what the function made of it, nil if
// it dropped it; and an error where there is neither: a [destination.Discarded] for a call that will never go. After
// any other the call is tried again.
func (f *Functions) Insert(ctx context.Context, function string, calls []json.RawMessage) ([]json.RawMessage, []error) {
	made, errs := make([]json.RawMessage, 0, len(calls)), make([]error, 0, len(calls))
	for len(calls) > 0 {
		n := runOf(calls)
		m, e := f.run(ctx, function, Insert, calls[:n])
		made, errs, calls = append(made, m...), append(errs, e...), calls[n:]
	}
	return made, errs
}

// runOf returns how many of the first calls one run takes, at least one.
func runOf(calls []json.RawMessage) int {
	size := 0
	for n, call := range calls {
		if size += len(call); n == maxRun || n > 0 && size > maxRunBytes {
			return n
		}
	}
	return len(calls)
}

// Send runs a destination function on calls, and returns one error for each, in their order: nil when it took the
// call. A call that it drops is given up; when nothing answers it, the error wraps [destination.ErrUnavailable].
func (f *Functions) Send(ctx context.Context, function string, calls []json.RawMessage) []error {
	_, errs := f.run(ctx, function, Destination, calls)
	return errs
}

// Ready returns why a destination function cannot be run now, or nil.
func (f *Functions) Ready(ctx context.Context, function string) error {
	_, err := f.deployed(ctx, function, Destination)
	return err
}

func (f *Functions) run(ctx context.Context, id, kind string, calls []json.RawMessage) ([]json.RawMessage, []error) {
	made, errs := make([]json.RawMessage, len(calls)), make([]error, len(calls))
	d, err := f.deployed(ctx, id, kind)
	var report js.Report
	if err == nil {
		d.job.Calls, d.job.Insert = calls, kind == Insert
		report, err = f.execute(ctx, d.job)
	}
	for i := range calls {
		if errs[i] = err; i < len(report.Results) {
			made[i], errs[i] = outcome(report.Results[i], kind)
		}
	}
	if d != nil {
		f.note(d, &report)
	}
	return made, errs
}

// execute runs a job. A call that is about to be given up since it broke the machine of several is judged alone: no
// call fails for what others did.
func (f *Functions) execute(ctx context.Context, job js.Job) (js.Report, error) {
	report, err := f.cfg.Engine.Run(ctx, job)
	calls := job.Calls
	for i := range report.Results {
		if r := &report.Results[i]; err != nil || len(calls) == 1 || !r.Broke || r.Err.Retry() {
			continue
		}
		job.Calls = calls[i : i+1]
		var alone js.Report
		if alone, err = f.cfg.Engine.Run(ctx, job); err == nil {
			report.Results[i] = alone.Results[0]
			report.Took += alone.Took
		}
	}
	return report, err
}

// outcome translates a result.
func outcome(r js.Result, kind string) (json.RawMessage, error) {
	switch e := r.Err; {
	case e == nil:
		return r.Call, nil
	case e.Name == dropped && kind == Insert:
		return nil, nil
	case e.Name == js.FetchError && kind == Destination:
		return nil, fmt.Errorf("%w: %w", destination.ErrUnavailable, e)
	case e.Retry():
		return nil, e
	default:
		return nil, &destination.Discarded{Code: class(e), Reason: e.Message}
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
