package js

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/paralin/go-quickjs-wasi"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

//go:embed prelude.js
var prelude string

var errClosed = errors.New("the engine of functions is closed")

// ready compiles the engine when it is first needed.
func (e *Engine) ready() error {
	e.compile.Do(func() { e.failed = e.load(context.Background()) })
	return e.failed
}

func (e *Engine) load(ctx context.Context) error {
	program, err := withStack(quickjswasi.QuickJSWASM)
	if err != nil {
		return fmt.Errorf("load the JavaScript engine: %w", err)
	}
	// Ending a machine when its context ends makes the compiler put a check into every loop and function; it
	// also lets Go's collector stop the goroutine there.
	cfg := wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithDebugInfoEnabled(false).WithMemoryLimitPages(uint32(e.limits.Memory / page))
	if e.cfg.CacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(e.cfg.CacheDir)
		if err != nil {
			return fmt.Errorf("open cache of the JavaScript engine: %w", err)
		}
		cfg = cfg.WithCompilationCache(cache)
	}
	e.machines = wazero.NewRuntimeWithConfig(ctx, cfg)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, e.machines); err != nil {
		return fmt.Errorf("load the JavaScript engine: %w", err)
	}
	if e.code, err = e.machines.CompileModule(ctx, program); err != nil {
		return fmt.Errorf("compile the JavaScript engine: %w", err)
	}
	return nil
}

// run is a job under way. It outlives machines: one that breaks is followed by another.
type run struct {
	e       *Engine
	job     Job
	report  Report
	began   bool // the code's top level has run
	fetches int  // left
	output  int
}

// fill gives all calls without a result the same.
func (r *run) fill(want int, same Result) {
	for len(r.report.Results) < want {
		r.report.Results = append(r.report.Results, same)
	}
}

// want is how many results the job has in the end.
func (r *run) want() int {
	if r.job.Request != nil {
		return 1
	}
	return len(r.job.Calls)
}

// machine runs what is left of the job in a new machine. It returns how that broke, or nil when it came to
// its end, and an error when nothing could be run.
func (r *run) machine(ctx context.Context) (*Error, error) {
	leave, err := r.e.places.take(ctx, r.job.Code)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	defer func() { leave(time.Since(began)) }()
	start := r.e.cfg.Now()
	first, err := r.order()
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	m := &machine{run: r, ctx: inner, cancel: cancel, name: strconv.FormatUint(r.e.serial.Add(1), 10), places: make(chan struct{}, r.e.limits.Parallel)}
	m.timer = time.AfterFunc(r.e.limits.Time, m.late)
	m.tell(first)
	exit := m.start()
	m.timer.Stop()
	cancel()
	m.work.Wait()
	r.report.Took += r.e.cfg.Now().Sub(start)
	if ctx.Err() != nil && !m.ended {
		return nil, ctx.Err()
	}
	return m.verdict(exit), nil
}

// order is the first line that the machine reads.
func (r *run) order() (json.RawMessage, error) {
	settings := r.job.Settings
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	order := struct {
		Code     string            `json:"code"`
		Settings json.RawMessage   `json:"settings"`
		Calls    []json.RawMessage `json:"calls,omitempty"`
		Insert   bool              `json:"insert"`
		Request  *Request          `json:"request,omitempty"`
	}{r.job.Code, settings, nil, r.job.Insert, r.job.Request}
	if r.job.Request == nil {
		order.Calls = r.job.Calls[len(r.report.Results):]
	}
	line, err := json.Marshal(order)
	if err != nil {
		return nil, fmt.Errorf("encode what the function gets: %w", err)
	}
	return line, nil
}

// start runs the machine to its end.
func (m *machine) start() error {
	cfg := wazero.NewModuleConfig().WithName(m.name).WithStdin(reader{m}).WithStdout(writer{m}).WithStderr(&m.complaint).
		WithArgs("qjs", "--std", "--stack-size", strconv.Itoa(stackMark), "-e", prelude).WithSysWalltime().WithSysNanotime().WithNanosleep(m.sleep)
	module, err := m.run.e.machines.InstantiateModule(m.ctx, m.run.e.code, cfg)
	if module != nil {
		_ = module.Close(context.Background()) // releases its memory; it has ended
	}
	return err
}

// verdict says how the machine broke; nil when the job came to its end.
func (m *machine) verdict(exit error) *Error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.broke != nil:
		return m.broke
	case m.ended:
		return nil
	}
	if text := strings.TrimSpace(m.complaint.String()); text != "" {
		text = strings.TrimPrefix(text, "Possibly unhandled promise rejection: ")
		name, message, ok := strings.Cut(strings.SplitN(text, "\n", 2)[0], ": ")
		if !ok {
			name, message = "Error", name
		}
		return m.run.failure(told{Name: name, Message: message})
	}
	if exit != nil && strings.Contains(exit.Error(), "wasm error") {
		return &Error{Name: Crashed, Message: "the function broke its machine"}
	}
	return &Error{Name: Crashed, Message: "the function ended its machine"}
}

// told is an error as the machine says it.
type told struct {
	Name, Message, Stack string
}

// failure makes an error of what the machine says.
func (r *run) failure(t told) *Error {
	if t.Name == "InternalError" && t.Message == "out of memory" {
		t.Name = OutOfMemory
	}
	return &Error{Name: r.shown(t.Name, 100), Message: r.shown(t.Message, 1<<10), Stack: r.shown(t.Stack, 1<<10)}
}

// shown is a text without secrets, of at most most bytes.
func (r *run) shown(text string, most int) string {
	for _, secret := range r.job.Secrets {
		if len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}
