package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// token is the API token of the server that is measured.
const token = "tok_bench_0123456789"

// Path says how to measure the whole way of a call: from the door until figures count it.
type Path struct {
	Dir         string
	Connections int
	Calls       int           // in a request
	Length      time.Duration // of the load
	Rate        float64       // events per second at most; 0 sets no bound
}

// PathFigures are what came of it. CPU is that of server and load generator together, but for
// ServerCPUEvent.
type PathFigures struct {
	Events          int64
	Accepted        float64       // events per second, until the load ended
	Queryable       float64       // events per second, until the last one could be asked for
	CPUEvent        time.Duration // per event
	ServerCPUEvent  time.Duration
	FreshMedian     time.Duration // from the answer of a call until its event could be read
	FreshP99        time.Duration
	FreshMost       time.Duration
	Probes          int
	StoreBytesEvent map[string]float64 // bytes on disk per event, by purpose
	LogBytes        int64
}

// Measure runs the load once and waits until all of it can be asked for.
func (p Path) Measure(ctx context.Context) (PathFigures, error) {
	s, err := startServer(p.Dir, wholeServer)
	if err != nil {
		return PathFigures{}, err
	}
	figures, err := p.measure(ctx, s)
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return figures, err
}

func (p Path) measure(ctx context.Context, s *server) (PathFigures, error) {
	l := newLoad(p.Connections, p.Calls)
	l.rate = p.Rate
	api := client{base: "http://" + s.Door}
	serverBefore, err := s.cpu()
	if err != nil {
		return PathFigures{}, err
	}
	loadBefore, begin := cpuTime(syscall.RUSAGE_SELF), time.Now()

	probing, stop := context.WithCancel(ctx)
	var fresh []time.Duration
	var probeErr error
	var wg sync.WaitGroup
	wg.Go(func() { fresh, probeErr = api.probe(probing) })
	got, err := l.run(ctx, s.Door, p.Length)
	loaded := time.Since(begin)
	stop()
	wg.Wait()
	if err == nil {
		err = probeErr
	}
	if err != nil {
		return PathFigures{}, err
	}
	status, err := api.caughtUp(ctx)
	if err != nil {
		return PathFigures{}, err
	}
	all := time.Since(begin)
	serverAfter, err := s.cpu()
	if err != nil {
		return PathFigures{}, err
	}
	events := int64(got.requests*p.Calls + len(fresh))
	if status.Store.Events != events {
		return PathFigures{}, fmt.Errorf("sent %d events, and %d can be asked for", events, status.Store.Events)
	}
	perEvent := func(d time.Duration) time.Duration { return d / time.Duration(events) }
	serverCPU := serverAfter - serverBefore
	f := PathFigures{
		Events: events, Probes: len(fresh),
		Accepted: float64(events) / loaded.Seconds(), Queryable: float64(events) / all.Seconds(),
		CPUEvent: perEvent(serverCPU + cpuTime(syscall.RUSAGE_SELF) - loadBefore), ServerCPUEvent: perEvent(serverCPU),
		StoreBytesEvent: map[string]float64{}, LogBytes: status.Log.Bytes,
	}
	for purpose, n := range status.Store.BytesByPurpose {
		f.StoreBytesEvent[purpose] = float64(n) / float64(events)
	}
	if slices.Sort(fresh); len(fresh) > 0 {
		f.FreshMedian, f.FreshP99, f.FreshMost = fresh[len(fresh)/2], fresh[len(fresh)*99/100], fresh[len(fresh)-1]
	}
	return f, nil
}

// client asks the server what a user of it would.
type client struct{ base string }

// status is the part of the server's status that is looked at.
type status struct {
	Pipeline struct {
		LagRecords int64 `json:"lag_records"`
		OpenTraces int64 `json:"open_traces"`
	}
	Store struct {
		Events         int64
		BytesByPurpose map[string]int64 `json:"bytes_by_purpose"`
	}
	Log struct{ Bytes int64 }
}

// probeEvery is how often a probe asks for its event: the resolution of freshness. Asking costs the server
// some milliseconds, so it is not done more often.
const probeEvery = 50 * time.Millisecond

// probe sends a call now and then, and measures from its answer until its event can be read, until ctx
// ends.
func (c client) probe(ctx context.Context) ([]time.Duration, error) {
	var fresh []time.Duration
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("freshness-probe-%09d", n)
		body := fmt.Sprintf(`{"event":"Probed","userId":"probe","messageId":%q}`, id)
		// A call that has been sent is waited for, so that it is counted.
		code, err := c.do(context.WithoutCancel(ctx), http.MethodPost, "/v1/track", body, nil)
		if err != nil || code != http.StatusOK {
			return nil, fmt.Errorf("send probe: status %d, %w", code, err)
		}
		sent := time.Now()
		for code = 0; code != http.StatusOK; {
			if code, err = c.do(context.WithoutCancel(ctx), http.MethodGet, "/api/v1/events/"+id, "", nil); err != nil {
				return nil, fmt.Errorf("read probe: %w", err)
			}
			if time.Since(sent) > time.Minute {
				return nil, fmt.Errorf("probe %s cannot be read after a minute", id)
			}
			pause(context.WithoutCancel(ctx), probeEvery)
		}
		fresh = append(fresh, time.Since(sent))
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return fresh, nil
}

// caughtUp waits until everything logged can be asked for.
func (c client) caughtUp(ctx context.Context) (status, error) {
	for ctx.Err() == nil {
		var s status
		if code, err := c.do(ctx, http.MethodGet, "/api/v1/status", "", &s); err != nil || code != http.StatusOK {
			return s, fmt.Errorf("ask status: %d, %w", code, err)
		}
		if s.Pipeline.LagRecords == 0 && s.Pipeline.OpenTraces == 0 {
			return s, nil
		}
		pause(ctx, 20*time.Millisecond)
	}
	return status{}, ctx.Err()
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// do sends a request with the write key or, to the API, the token.
func (c client) do(ctx context.Context, method, path, body string, answer any) (code int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(WriteKey+":")))
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if answer != nil && res.StatusCode == http.StatusOK {
		return res.StatusCode, json.NewDecoder(res.Body).Decode(answer)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}
