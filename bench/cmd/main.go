// Command cmd runs the benchmarks of docs/benchmarks.md and prints their figures; "make bench" does that.
// Arguments name those to run: log, door, redact, path, store, plan, otlp, traces, analysers, deliver, profile, million. Without any it runs all.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/bench"
)

func main() {
	bench.ServeIfAsked()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	dir    string
	rounds int
	slice  time.Duration
	load   time.Duration
	rate   float64
	events int
	data   string
	only   string
	people int
}

// benchmark is one that can be asked for.
type benchmark struct {
	name string
	run  func(ctx context.Context, o options, out io.Writer) error
}

func run(ctx context.Context, args []string, out io.Writer) error {
	benchmarks := []benchmark{{"log", runLog}, {"door", runDoor}, {"redact", runRedact}, {"path", runPath}, {"store", runStore},
		{"plan", runPlan}, {"otlp", runOTLP}, {"traces", runTraces}, {"analysers", runAnalysers}, {"deliver", runDeliver}, {"profile", runProfile}, {"million", runMillion}}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "directory on the disk to measure; default the system's for temporary files")
	flags.IntVar(&o.rounds, "rounds", 9, "rounds of each comparison; both sides run once a round")
	flags.DurationVar(&o.slice, "slice", time.Second, "length of one side's turn")
	flags.DurationVar(&o.load, "load", 20*time.Second, "length of the load on the whole path")
	flags.Float64Var(&o.rate, "rate", 0, "events per second on the whole path at most; 0 sends as fast as they are taken")
	flags.IntVar(&o.events, "events", 1_000_000, "size of the event store that is asked; 10000000 for the figures of docs/benchmarks.md")
	flags.StringVar(&o.data, "data", "../shared/data", "the evaluation data, whose corpora are repeated for million")
	flags.StringVar(&o.only, "only", "", "ask those questions of million alone that have this in their page and name")
	flags.IntVar(&o.people, "people", 100_000, "profiles that are asked for; 1000000 for the figures of docs/benchmarks.md")
	if err := flags.Parse(args); err != nil {
		return err
	}
	asked := flags.Args()
	for _, name := range asked {
		if !slices.ContainsFunc(benchmarks, func(b benchmark) bool { return b.name == name }) {
			return fmt.Errorf("no benchmark %q; there are log, door, redact, path, store, plan, otlp, traces, analysers, deliver, profile and million", name)
		}
	}
	for _, b := range benchmarks {
		if len(asked) > 0 && !slices.Contains(asked, b.name) {
			continue
		}
		if err := b.run(ctx, o, out); err != nil {
			return fmt.Errorf("run benchmark %s: %w", b.name, err)
		}
	}
	return nil
}

// runLog runs the log's own comparison with a bare writer, which is one of Go's benchmarks.
func runLog(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Event log against a bare writer with group fdatasync (ratio of appends; target 0.9)")
	return goBench(ctx, o, out, "internal/eventlog/filelog", "AgainstBare", fmt.Sprintf("-benchtime=%dx", 10*o.rounds))
}

// runStore runs the event store's own comparisons with raw SQL, and how it writes and opens.
func runStore(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintf(out, "Event store of %d events: a 30-day dashboard against the same questions in SQL (ratio, target 1.5), opening (target 1 s), writing\n", o.events)
	return goBench(ctx, o, out, "internal/eventstore/duckstore", "Open|Dashboard|Write", "-timeout=60m")
}

// runPlan compares the pipeline with a tracking plan with the one without.
func runPlan(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Tracking plan: the pipeline before the store, with the plan of the AI Copilot spec and without (ratio)")
	return goBench(ctx, o, out, "internal/pipeline", "Plan")
}

// runRedact compares the door with redaction to the one without, then says what redacting a call costs.
func runRedact(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Redaction at the door, in process: requests of 100 calls with it and without, by turns (ratio of the fastest turns, of all)")
	if err := goBench(ctx, o, out, "internal/ingest/segment", "Redaction"); err != nil {
		return err
	}
	fmt.Fprintln(out, "Redaction of one call of 590 bytes (aim 3 µs with structured rules and nothing found)")
	return goBench(ctx, o, out, "internal/redact", "Call")
}

// runOTLP compares the door of OpenTelemetry with the collector's decoding alone.
func runOTLP(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "OTLP door on a request of 21 spans, but for the log, and the collector's decoding of it alone")
	return goBench(ctx, o, out, "internal/ingest/otlp", "Traces")
}

// runAnalysers says how many messages all analysers together read on one core, and the share of each.
func runAnalysers(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Analysers of what was written, on one core: all together (target 20000 messages/cpu-s), then each")
	return goBench(ctx, o, out, "internal/enrich", "Analyse")
}

// runDeliver measures deliveries: to a destination that does nothing, beside dead and slow ones, and to a webhook.
func runDeliver(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Deliveries: to a null sender (null_ratio: of mapping the calls alone), beside a dead and a slow destination (ratio to alone), a webhook (ratio to a bare client)")
	return goBench(ctx, o, out, "internal/deliver", "Deliver|BesideOthers|Webhook", "-benchtime=3x")
}

// runTraces sends traces to the whole server until their turns can be read.
func runTraces(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Traces, from the door until their turns can be read: 8 connections, requests of 10 traces of 4 spans")
	dir, err := os.MkdirTemp(o.dir, "debrief-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := bench.Traces{Dir: dir, Connections: 8, Length: o.load, Rate: o.rate}.Measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d spans: accepted %.0f/s, derived %.0f/s; server CPU/span %v; %d turns, %d messages\n",
		f.Spans, f.Accepted, f.Derived, f.ServerCPUSpan.Round(100*time.Nanosecond), f.Turns, f.Messages)
	return nil
}

// runProfile asks the Profile API for traits, and a bare handler for a key.
func runProfile(ctx context.Context, o options, out io.Writer) error {
	const rate, connections = 1000, 32
	fmt.Fprintf(out, "Profile API at %d profiles: GET traits against a lookup of one key in SQLite, both over HTTP, %d requests/s over %d connections\n", o.people, rate, connections)
	dir, err := os.MkdirTemp(o.dir, "debrief-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := bench.Profiles{Dir: dir, People: o.people, Connections: connections, Rate: rate, Rounds: o.rounds, Slice: 5 * o.slice}.Measure(ctx)
	if err != nil {
		return err
	}
	us := func(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
	fmt.Fprintf(out, "filled in %v, %d MiB; traits p50 %v p99 %v CPU %v; key p50 %v p99 %v CPU %v; ratio p50 %.2f p99 %.2f (%.2f-%.2f)\n", f.FilledIn.Round(time.Second), f.Bytes>>20,
		us(f.ProfileP50), us(f.ProfileP99), us(f.ProfileCPU), us(f.BareP50), us(f.BareP99), us(f.BareCPU), f.RatioP50, f.RatioP99, f.LowestP99Ratio, f.MostP99Ratio)
	return nil
}

// goBench runs benchmarks that stand beside what they measure.
func goBench(ctx context.Context, o options, out io.Writer, pkg, names string, more ...string) error {
	args := append([]string{"test", "-run=^$", "-bench=" + names}, more...)
	cmd := exec.CommandContext(ctx, "go", append(args, "github.com/debrief-dev/debrief/"+pkg)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("DEBRIEF_BENCH_EVENTS=%d", o.events))
	if o.dir != "" {
		cmd.Env = append(cmd.Env, "TMPDIR="+o.dir)
	}
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	return cmd.Run()
}

// runDoor compares the door with a bare handler.
func runDoor(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Door (auth, checks, redaction hook, log on disk) against a bare handler, 64 connections")
	fmt.Fprintf(out, "%-8s %-7s %-20s %-14s %-14s %-12s %-12s %s\n",
		"calls", "target", "ratio (lowest-most)", "events/s", "bare req/s", "CPU/event", "CPU/request", "bare CPU/request")
	for _, c := range []struct {
		calls  int
		target float64
	}{{1, 0.55}, {20, 0.20}, {100, 0.10}} {
		dir, err := os.MkdirTemp(o.dir, "debrief-bench")
		if err != nil {
			return err
		}
		f, err := bench.Door{Dir: dir, Connections: 64, Calls: c.calls, Rounds: o.rounds, Slice: o.slice}.Measure(ctx)
		os.RemoveAll(dir)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-8d %-7.2f %.2f (%.2f-%.2f)     %-14.0f %-14.0f %-12v %-12v %v\n", c.calls, c.target,
			f.Ratio, f.LowestRatio, f.HighestRatio, f.DoorEvents, f.BareRequests,
			f.DoorCPUEvent.Round(10*time.Nanosecond), f.DoorCPU.Round(100*time.Nanosecond), f.BareCPU.Round(100*time.Nanosecond))
	}
	return nil
}

// runPath loads the whole server and watches how fast events can be asked for.
func runPath(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "Whole path, door to figures, 64 connections, batches of 20 (targets: 80000 queryable/s, 18µs CPU/event, fresh p99 1s)")
	dir, err := os.MkdirTemp(o.dir, "debrief-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := bench.Path{Dir: dir, Connections: 64, Calls: 20, Length: o.load, Rate: o.rate}.Measure(ctx)
	if err != nil {
		return err
	}
	if o.rate > 0 {
		fmt.Fprintf(out, "at no more than %.0f events/s:\n", o.rate)
	}
	fmt.Fprintf(out, "%d events: accepted %.0f/s, queryable %.0f/s; CPU/event %v (server %v); fresh median %v, p99 %v, most %v (%d probes)\n",
		f.Events, f.Accepted, f.Queryable, f.CPUEvent.Round(10*time.Nanosecond), f.ServerCPUEvent.Round(10*time.Nanosecond),
		f.FreshMedian.Round(time.Millisecond), f.FreshP99.Round(time.Millisecond), f.FreshMost.Round(time.Millisecond), f.Probes)
	for _, purpose := range slices.Sorted(maps.Keys(f.StoreBytesEvent)) {
		fmt.Fprintf(out, "on disk: %s %.0f bytes/event\n", purpose, f.StoreBytesEvent[purpose])
	}
	fmt.Fprintf(out, "on disk: log %d MiB in all\n", f.LogBytes>>20)
	return nil
}

// runMillion asks what pages ask of a million messages. With -dir, what was sent is kept and used again.
func runMillion(ctx context.Context, o options, out io.Writer) error {
	fmt.Fprintln(out, "A million messages: what pages ask, over the API (targets: 300 ms at the median, 1 s at p95), beside the same in SQL by hand on the files")
	dir := filepath.Join(o.dir, "million")
	if o.dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "debrief-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	asked, err := bench.Million{Corpora: filepath.Join(o.data, "corpus"), Dir: dir, Messages: 1_000_000, Rounds: o.rounds, Only: o.only, Log: out}.Measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "| page | question | median ms | p95 ms | CPU ms | by hand ms | kB |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|")
	for _, a := range asked {
		ms := func(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d.Microseconds())/1e3) }
		if a.Skipped != "" {
			fmt.Fprintf(out, "| %s | %s | %s | | | | |\n", a.Page, a.Question, a.Skipped)
			continue
		}
		hand := ""
		if a.ByHand > 0 {
			hand = ms(a.ByHand)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %.0f |\n", a.Page, a.Question, ms(a.Median), ms(a.P95), ms(a.CPU), hand, float64(a.Bytes)/1e3)
	}
	return nil
}
