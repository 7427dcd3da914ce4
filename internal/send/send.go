// Package send posts recorded calls, one JSON object a line, to the batch route of any server that
// speaks Segment's protocol. It owns batching, pace, retries, resuming and the summary; where the lines
// come from is [Input]'s business, how progress looks is [Meter]'s. It knows nothing of the server's
// inside: cmd/debrief uses it to load files and the demo through the same door as everybody's.
package send

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config says where to send and how. Server and WriteKey are required.
type Config struct {
	Server   string // "http://127.0.0.1:8080"; a path in it is kept before /v1/batch
	WriteKey string
	// BatchCalls and BatchBytes bound one request; defaults 250 calls and 450 KiB, which every such server
	// takes. A larger call travels alone.
	BatchCalls int
	BatchBytes int
	// Rate is the most calls a second; 0 sets no bound.
	Rate float64
	// Concurrency is how many requests are under way at once; default 1, which keeps the order of lines.
	Concurrency int
	// Attempts is how often a request is tried before Run gives up; default 10. Being told to wait (429)
	// does not count.
	Attempts int
	// Resume is a file that remembers how far the input was sent, so that a later Run goes on from there;
	// "" remembers nothing.
	Resume string
	// Strict ends Run at the first line that is no JSON object.
	Strict bool

	Client   *http.Client     // nil: one with a timeout
	Now      func() time.Time // nil: time.Now
	Progress func(Summary)    // called after each request, never twice at once; may be nil
}

func (c Config) withDefaults() Config {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.BatchCalls, 250)
	def(&c.BatchBytes, 450<<10)
	def(&c.Concurrency, 1)
	def(&c.Attempts, 10)
	if c.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = c.Concurrency
		c.Client = &http.Client{Transport: transport, Timeout: time.Minute}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Progress == nil {
		c.Progress = func(Summary) {}
	}
	return c
}

// Validate reports all faults, joined.
func (c Config) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if u, err := url.Parse(c.Server); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		add("server %q is not of the form http://host:port", c.Server)
	}
	if c.WriteKey == "" {
		add("no write key; every source has one, see \"debrief source list\"")
	}
	if c.BatchCalls < 0 || c.BatchBytes < 0 || c.Rate < 0 || c.Attempts < 0 {
		add("bounds are not negative")
	}
	if c.Concurrency < 0 || c.Concurrency > 64 {
		add("concurrency %d is not between 1 and 64", c.Concurrency)
	}
	return errors.Join(errs...)
}

// Summary is what became of the lines.
type Summary struct {
	Accepted int64
	Rejected int64 // refused by the server
	Invalid  int64 // no JSON objects; never sent
	Skipped  int64 // lines sent by earlier runs
	Requests int64
	Retries  int64
	// Reasons counts refusals and invalid lines by code, Examples are the first of them.
	Reasons  map[string]int64
	Examples []Refusal
	// Elapsed is the time since Run began, Done the share of the input that was read, 0 to 1, or -1 when
	// its size is unknown.
	Elapsed time.Duration
	Done    float64
}

// Refusal is a line that was not stored, and why.
type Refusal struct {
	Line    int64
	Code    string
	Message string
}

// keptExamples is how many refusals a summary tells in full.
const keptExamples = 5

// Run sends the input to its end. It returns an error when lines are left unsent: then a Run with the
// same Resume goes on. Lines that were refused are no error; the summary tells them.
func Run(ctx context.Context, c Config, in *Input) (Summary, error) {
	if err := c.Validate(); err != nil {
		return Summary{}, err
	}
	c = c.withDefaults()
	r := &runner{cfg: c, in: in, url: strings.TrimRight(c.Server, "/") + "/v1/batch", began: c.Now(), pending: map[int64]batch{}}
	r.sum.Reasons = map[string]int64{}
	if err := r.resume(); err != nil {
		return r.sum, err
	}
	err := r.run(ctx)
	if saveErr := r.save(true); err == nil {
		err = saveErr
	}
	return r.snapshot(), err
}

// runner is the state of one Run.
type runner struct {
	cfg   Config
	in    *Input
	url   string
	began time.Time
	pace  pacer

	mu      sync.Mutex
	sum     Summary
	next    int64           // number of the first batch that is not done
	pending map[int64]batch // done batches after next
	mark    mark            // up to where all is done
	saved   time.Time
}

// batch is the lines of one request.
type batch struct {
	n     int64 // 0, 1, 2 …
	calls []call
	end   mark
}

// call is one line.
type call struct {
	line int64
	json []byte
}

func (r *runner) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	batches := make(chan batch)
	g.Go(func() error {
		defer close(batches)
		return r.read(ctx, batches)
	})
	for range r.cfg.Concurrency {
		g.Go(func() error {
			for b := range batches {
				if err := r.deliver(ctx, b.calls); err != nil {
					return err
				}
				if err := r.done(b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// read cuts the input into batches.
func (r *runner) read(ctx context.Context, out chan<- batch) error {
	var b batch
	size := 0
	flush := func(end mark) error {
		if b.end == end {
			return nil // nothing was read since
		}
		b.end = end
		if err := r.pace.wait(ctx, r.cfg.Rate, len(b.calls)); err != nil {
			return err
		}
		select {
		case out <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		b, size = batch{n: b.n + 1, end: b.end}, 0
		return nil
	}
	b.end = r.in.at
	for {
		before := r.in.at
		line, err := r.in.next()
		if errors.Is(err, errEnd) {
			return flush(before)
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", before.Line+1, err)
		}
		if line.fault != "" {
			if r.cfg.Strict {
				return fmt.Errorf("line %d: %s", r.in.at.Line, line.fault)
			}
			r.refuse(Refusal{Line: r.in.at.Line, Code: "invalid_line", Message: line.fault}, true)
			continue
		}
		if line.json == nil {
			continue // an empty line
		}
		if len(b.calls) > 0 && size+len(line.json) > r.cfg.BatchBytes {
			if err := flush(before); err != nil {
				return err
			}
		}
		b.calls, size = append(b.calls, call{line: r.in.at.Line, json: line.json}), size+len(line.json)+1
		if len(b.calls) >= r.cfg.BatchCalls {
			if err := flush(r.in.at); err != nil {
				return err
			}
		}
	}
}

// done notes a delivered batch, and how far all is done without a gap.
func (r *runner) done(b batch) error {
	r.mu.Lock()
	r.pending[b.n] = b
	for {
		first, ok := r.pending[r.next]
		if !ok {
			break
		}
		delete(r.pending, r.next)
		r.mark, r.next = first.end, r.next+1
	}
	r.cfg.Progress(r.current())
	r.mu.Unlock()
	return r.save(false)
}

func (r *runner) refuse(f Refusal, invalid bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if invalid {
		r.sum.Invalid++
	} else {
		r.sum.Rejected++
	}
	r.sum.Reasons[f.Code]++
	if len(r.sum.Examples) < keptExamples {
		r.sum.Examples = append(r.sum.Examples, f)
	}
}

func (r *runner) count(f func(s *Summary)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.sum)
}

func (r *runner) snapshot() Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current()
}

// current is the summary so far; the caller holds mu.
func (r *runner) current() Summary {
	s := r.sum
	s.Elapsed, s.Done = r.cfg.Now().Sub(r.began), r.in.share()
	return s
}
