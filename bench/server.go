package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/app"
	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/filelog"
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/ingest/segment"
)

// serverDir tells a program that calls [ServeIfAsked] to be the server, with its data in that directory;
// serverKind says which.
const (
	serverDir  = "DEBRIEF_BENCH_SERVER_DIR"
	serverKind = "DEBRIEF_BENCH_SERVER_KIND"
	// serverProfile names a file that the server writes its CPU profile to; anyone may set it.
	serverProfile = "DEBRIEF_BENCH_PROFILE"
)

// Kinds of servers.
const (
	doorServer  = "door"  // the door with its log, and the bare handler
	wholeServer = "whole" // the product
	// profileServer is the product and a lookup of a key.
	profileServer = "profile"
)

// ServeIfAsked turns this process into the server that is measured, if it was started as that, and does
// not return then. Programs that measure the door call it first: the server is a process of its own, so
// that its CPU time can be told from that of the load.
func ServeIfAsked() {
	dir := os.Getenv(serverDir)
	if dir == "" {
		return
	}
	serve := serveDoor
	switch os.Getenv(serverKind) {
	case wholeServer:
		serve = serveWhole
	case profileServer:
		serve = serveProfiles
	}
	stop, err := profile(os.Getenv(serverProfile))
	if err == nil {
		err = errors.Join(serve(dir, os.Stdin, os.Stdout), stop())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench server:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// profile starts a CPU profile into file, and returns what ends it; "" is none.
func profile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	stop = func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}
	return stop, pprof.StartCPUProfile(f)
}

// addresses is what the server tells its parent.
type addresses struct {
	Bare string // a handler that reads the body and answers 200
	Door string
	// StartedIn is how long the server took from nothing to taking requests.
	StartedIn time.Duration
}

// serveDoor serves until stop ends, and answers every line from it with the CPU time used so far.
func serveDoor(dir string, stop io.Reader, out io.Writer) error {
	log, err := filelog.Open(filelog.Config{Dir: filepath.Join(dir, "log")})
	if err != nil {
		return err
	}
	door, err := segment.New(segment.Config{
		Sources: oneSource{}, Log: log, Metrics: metrics.NewSet(),
		Redact: func(string, string, *event.Raw) {},
	})
	if err != nil {
		return errors.Join(err, log.Close())
	}
	bareAt, err := listen(http.HandlerFunc(answerBare))
	if err != nil {
		return err
	}
	doorAt, err := listen(door)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(addresses{Bare: bareAt, Door: doorAt}); err != nil {
		return err
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { trimAlways(log, done) })
	tellCPU(stop, out)
	close(done)
	wg.Wait()
	return log.Close()
}

// serveWhole serves the product until stop ends.
func serveWhole(dir string, stop io.Reader, out io.Writer) error {
	begin := time.Now()
	c := config.Default()
	c.Data, c.Listen = dir, "127.0.0.1:0"
	c.Bootstrap = config.Bootstrap{WriteKey: WriteKey, Token: token}
	a, err := app.Start(context.Background(), app.Config{Config: *c, Version: "bench", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	at := addresses{Door: strings.TrimPrefix(a.LocalURL(), "http://"), StartedIn: time.Since(begin)}
	if err := json.NewEncoder(out).Encode(at); err != nil {
		return err
	}
	tellCPU(stop, out)
	return a.Close(context.Background())
}

// tellCPU answers every line from ask with the CPU time used so far.
func tellCPU(ask io.Reader, out io.Writer) {
	for lines := bufio.NewScanner(ask); lines.Scan(); {
		if err := json.NewEncoder(out).Encode(cpuTime(syscall.RUSAGE_SELF)); err != nil {
			return
		}
	}
}

// trimAlways drops what has been written, as a consumer that keeps up would let the server do.
func trimAlways(log *filelog.Log, done <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_, last := log.Bounds()
			if err := log.Trim(last); err != nil {
				fmt.Fprintln(os.Stderr, "bench server:", err)
			}
		case <-done:
			return
		}
	}
}

func listen(h http.Handler) (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(l, h) // until the process ends
	return l.Addr().String(), nil
}

// answerBare is the least that a server does with a call: it reads it and answers.
func answerBare(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// oneSource knows the benchmark's write key.
type oneSource struct{}

func (oneSource) Lookup(writeKey string) (ingest.Source, error) {
	if writeKey != WriteKey {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{ID: "src_bench", Workspace: "default", Enabled: true}, nil
}

func cpuTime(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic("BUG: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// server is the process that is measured.
type server struct {
	addresses
	process *exec.Cmd
	ask     io.WriteCloser
	answers *json.Decoder
}

// startServer starts this program once more, as a server of that kind, with its data in dir.
func startServer(dir, kind string) (*server, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{process: exec.Command(program)}
	s.process.Env = append(os.Environ(), serverDir+"="+dir, serverKind+"="+kind)
	s.process.Stderr = os.Stderr
	if s.ask, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.answers = json.NewDecoder(out)
	if err := s.answers.Decode(&s.addresses); err != nil {
		return nil, errors.Join(fmt.Errorf("start bench server: %w", err), s.stop())
	}
	return s, nil
}

// cpu returns the CPU time that the server has used.
func (s *server) cpu() (time.Duration, error) {
	if _, err := io.WriteString(s.ask, "\n"); err != nil {
		return 0, err
	}
	var used time.Duration
	err := s.answers.Decode(&used)
	return used, err
}

// settled waits until the server is at rest: what it does of its own, such as analysing history again with newer
// analysers, takes time from the answers.
func (s *server) settled(ctx context.Context) error {
	for {
		before, err := s.cpu()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Second):
		}
		if after, err := s.cpu(); err != nil || after-before < 100*time.Millisecond {
			return err
		}
	}
}

func (s *server) stop() error {
	return errors.Join(s.ask.Close(), s.process.Wait())
}
