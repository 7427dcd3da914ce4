// Package js runs functions that people write in JavaScript, in a sandbox: an own WebAssembly machine with
// its own memory for each run, without files, environment or sockets. What a function may do beyond
// computing, it asks of this package over two pipes (prelude.js): fetch, timers, hashes, its cache. ADR 0016
// says why it is built so, and docs/functions.md what functions find.
//
// A run is bounded in time, memory, requests and output, and leaves nothing behind for the next one but what
// it put into its [Cache]. The package knows neither where functions are kept nor what becomes of results;
// package function imports it.
package js

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
)

// Limits bound a run. Zero fields are defaults.
type Limits struct {
	// Time is for one call, or for a whole batch where the function takes batches, from handing it over to
	// its result, waiting included; 5 s, as at Segment.
	Time time.Duration
	// Memory is that of the machine in bytes, code of the engine and stack (2 MiB) included; 64 MiB.
	Memory int
	// Fetches are the requests that a run may make for each of its calls; 100.
	Fetches int
	// Parallel is how many requests of a run are under way at once; more wait. 10.
	Parallel int
	// Answer bounds the body of an answer to a fetch; 4 MiB. Longer ones fail.
	Answer int
	// Output bounds all that a run says in bytes; 32 MiB.
	Output int
	// Console bounds what is kept of the console in bytes; 4 KiB.
	Console int
	// Emitted bounds the calls that a source function makes of one request; 1000.
	Emitted int
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, otherwise int) {
		if *v == 0 {
			*v = otherwise
		}
	}
	if l.Time == 0 {
		l.Time = 5 * time.Second
	}
	set(&l.Memory, 64<<20)
	set(&l.Fetches, 100)
	set(&l.Parallel, 10)
	set(&l.Answer, 4<<20)
	set(&l.Output, 32<<20)
	set(&l.Console, 4<<10)
	set(&l.Emitted, 1000)
	return l
}

// Config says how an [Engine] works.
type Config struct {
	Limits Limits
	// Client sends what functions fetch. It decides which addresses may be reached; redirects are followed
	// by it. Nil: fetch fails.
	Client *http.Client
	// CacheDir keeps the compiled engine from one start to the next; "" compiles it again, which takes
	// seconds.
	CacheDir string
	// Runs is how many runs are under way at once, others wait; 0 is the number of processors, at least 2. Code of which
	// the last run took longer than a fifth of Limits.Time has half of them at most.
	Runs int
	// Now is the clock of caches, Random the source of random bytes; nil: time.Now and crypto/rand.
	Now    func() time.Time
	Random io.Reader
	Log    *slog.Logger // nil: slog.Default
}

// Engine runs functions. It is safe for use from many goroutines.
type Engine struct {
	cfg    Config
	limits Limits
	places *places
	serial atomic.Uint64 // names machines

	compile  sync.Once
	machines wazero.Runtime
	code     wazero.CompiledModule
	failed   error
}

// New returns an engine. It compiles nothing before the first run, so that servers without functions
// pay nothing.
func New(c Config) *Engine {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Runs == 0 {
		c.Runs = max(runtime.GOMAXPROCS(0), 2)
	}
	limits := c.Limits.withDefaults()
	return &Engine{cfg: c, limits: limits, places: newPlaces(c.Runs, limits.Time/5)}
}

// Close releases the compiled engine. Nothing runs any more, and nothing will.
func (e *Engine) Close() error {
	e.compile.Do(func() { e.failed = errClosed })
	if e.machines == nil {
		return nil
	}
	return e.machines.Close(context.Background())
}

// Job is what is to be run. Exactly one of Calls and Request is set, or none to check the code.
type Job struct {
	Code string
	// Settings are handed to handlers: one JSON object. Nil is {}.
	Settings json.RawMessage
	// Secrets are texts that no console line, message or stack shows: they are masked. Those of less than
	// four bytes are not: they would mask everything.
	Secrets []string
	// Calls are for a destination function, or with Insert for an insert function.
	Calls  []json.RawMessage
	Insert bool
	// Request is for a source function.
	Request *Request
	// Cache is what cache.load keeps between runs; nil keeps nothing.
	Cache *Cache
}

// Request is what came to a source function.
type Request struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"` // whole
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body,omitempty"` // UTF-8
}

// Report is what came of a job.
type Report struct {
	// Results has one entry for each call, or one for a request.
	Results []Result
	// Emitted are the calls that a source function made, in their order.
	Emitted []json.RawMessage
	// Handlers are those that the code has, when it was checked.
	Handlers []string
	// Console is what was written to it, a line a call of it, cut at Limits.Console.
	Console string
	// Fetches are the requests made.
	Fetches int
	// Took is the time that it ran.
	Took time.Duration
}

// Result is what became of one call.
type Result struct {
	// Call is what an insert function hands on; nil when Err is set.
	Call json.RawMessage
	Err  *Error
	// Broke says that the machine broke, or had no more memory, while the call ran. What the calls before it left
	// there may be to blame: it may go well alone.
	Broke bool
}

// Error is how a function failed.
type Error struct {
	Name    string // of the error's class: "ValidationError", or one of those below
	Message string // at most 1 KiB
	Stack   string // places in the code, a line each; at most 1 KiB
}

// Names of failures that the sandbox finds.
const (
	Timeout     = "Timeout"     // it took too long, or waits for what never comes; also thrown by functions
	FetchError  = "FetchError"  // a fetch that nobody caught: no answer
	OutOfMemory = "OutOfMemory" // the machine broke for want of memory
	Crashed     = "Crashed"     // the machine broke
	TooMuch     = "TooMuch"     // a bound of output was passed
)

// Error implements error.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// Retry reports whether the same call may go well later. Segment tries RetryError and Timeout again, and
// nothing else; a fetch without an answer that nobody caught is of that sort, too.
func (e *Error) Retry() bool {
	return e.Name == "RetryError" || e.Name == Timeout || e.Name == FetchError
}

// maxStrikes is how many calls of a job may run into the limit of time or break the machine. The rest is
// not tried: Timeout.
const maxStrikes = 3

// Run runs a job. A call that breaks the machine fails alone: those after it go on in a new one. The error is
// nil unless ctx ended, or the engine itself is unusable; then nothing is known of calls without a
// result. Run never returns more or fewer results than calls, unless it returns an error.
func (e *Engine) Run(ctx context.Context, job Job) (Report, error) {
	if err := e.ready(); err != nil {
		return Report{}, err
	}
	want := len(job.Calls)
	if job.Request != nil {
		want = 1
	}
	r := &run{e: e, job: job, fetches: e.limits.Fetches * max(want, 1)}
	for strikes := 0; ; {
		broke, err := r.machine(ctx)
		if err != nil {
			return r.report, err
		}
		if broke == nil || len(r.report.Results) >= want {
			if broke != nil && want == 0 {
				r.report.Results = []Result{{Err: broke}}
			}
			return r.report, nil
		}
		// It broke while the next call ran; or before any, or in a handler that takes them all at once.
		if !r.began || slices.Contains(r.report.Handlers, "onBatch") {
			r.fill(want, Result{Err: broke, Broke: true})
			return r.report, nil
		}
		r.report.Results = append(r.report.Results, Result{Err: broke, Broke: true})
		if strikes++; strikes == maxStrikes {
			r.fill(want, Result{Err: &Error{Name: Timeout, Message: fmt.Sprintf("not tried: %d calls before it broke the machine", strikes)}})
		}
		if len(r.report.Results) >= want {
			return r.report, nil
		}
	}
}

// Check compiles code and runs its top level. It returns the handlers that it has.
func (e *Engine) Check(ctx context.Context, code string) ([]string, error) {
	report, err := e.Run(ctx, Job{Code: code})
	if err != nil {
		return nil, err
	}
	if len(report.Results) > 0 && report.Results[0].Err != nil {
		return nil, report.Results[0].Err
	}
	return report.Handlers, nil
}
