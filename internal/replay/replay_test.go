package replay

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/metastore"
)

const workspace = metastore.DefaultWorkspace

// rig is a replayer over a log in memory, whose test plays the pipeline: it says which events are stored
// and how far it is.
type rig struct {
	*Replayer
	t      *testing.T
	meta   *metastore.Store
	log    *memlog.Log
	cursor eventlog.Position
	stored map[string]bool
}

func newRig(t *testing.T) *rig {
	t.Helper()
	meta, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(t.TempDir(), "meta.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = meta.Close() })
	r := &rig{t: t, meta: meta, log: memlog.New(0), stored: map[string]bool{}}
	r.Replayer, err = New(Config{
		Workspace: workspace, Meta: meta, Log: r.log, Cursor: func() eventlog.Position { return r.cursor },
		Stored: func(context.Context, []string) (map[string]bool, error) { return r.stored, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// hold puts calls of a source into quarantine that came in one request.
func (r *rig) hold(source string, at time.Time, ids ...string) {
	r.t.Helper()
	var calls []metastore.HeldCall
	for _, id := range ids {
		req := event.Request{Workspace: workspace, Source: source, Protocol: "segment", ReceivedAt: at, Calls: []event.Raw{{ID: id, Type: "track", JSON: []byte(`{}`)}}}
		calls = append(calls, metastore.HeldCall{
			Source: source, EventID: id, ReceivedAt: at, Type: "track", Action: "block", Violations: []byte("[]"), Request: event.AppendRequest(nil, &req),
		})
	}
	if err := r.meta.Hold(r.t.Context(), workspace, calls); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) queue() metastore.ReplayJob {
	r.t.Helper()
	j, err := r.meta.QueueReplay(r.t.Context(), workspace, "Ada", metastore.HeldFilter{})
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

func (r *rig) step(more bool) {
	r.t.Helper()
	if got, err := r.Step(r.t.Context()); err != nil || got != more {
		r.t.Errorf("step: %t, %v; want %t", got, err, more)
	}
}

// logged returns the requests in the log.
func (r *rig) logged() []event.Request {
	r.t.Helper()
	var out []event.Request
	reader := r.log.Reader(0)
	for {
		rec, ok, err := reader.TryNext()
		if err != nil {
			r.t.Fatal(err)
		}
		if !ok {
			return out
		}
		req, err := event.DecodeRequest(append([]byte(nil), rec.Data...))
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, req)
	}
}

func (r *rig) statuses() string {
	r.t.Helper()
	all, err := r.meta.HeldCalls(r.t.Context(), workspace, metastore.HeldFilter{}, 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	out := ""
	for _, h := range all {
		out = fmt.Sprintf("%s=%s ", h.EventID, h.Status) + out
	}
	return out
}

func TestReplayKeepsRequestsTogetherAndTheirTimes(t *testing.T) {
	r := newRig(t)
	first, second := time.Unix(1_700_000_000, 5000).UTC(), time.Unix(1_700_000_001, 0).UTC()
	r.hold("web", first, "a", "b")
	r.hold("app", first, "c")
	r.hold("web", second, "d")
	r.queue()
	r.step(true)
	got := map[string]int{}
	for _, req := range r.logged() {
		if !req.Replay || req.Protocol != "segment" {
			t.Errorf("logged %+v; want a replay by its protocol", req)
		}
		got[req.Source+" "+req.ReceivedAt.Format(time.RFC3339Nano)] = len(req.Calls)
	}
	want := map[string]int{"web " + first.Format(time.RFC3339Nano): 2, "app " + first.Format(time.RFC3339Nano): 1, "web " + second.Format(time.RFC3339Nano): 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReplayEndsOnceThePipelineHasPassed(t *testing.T) {
	r := newRig(t)
	r.hold("web", time.Unix(1_700_000_000, 0), "a", "b")
	j := r.queue()
	r.step(true)
	r.step(true) // the pipeline has not come to it
	if got := r.statuses(); got != "a=replaying b=replaying " || len(r.logged()) != 1 {
		t.Errorf("waiting: %s, %d records", got, len(r.logged()))
	}
	_, r.cursor = r.log.Bounds()
	r.stored["a"] = true
	r.step(false)
	if got := r.statuses(); got != "a=replayed b=held " {
		t.Errorf("in the end: %s", got)
	}
	j, err := r.meta.ReplayJob(t.Context(), workspace, j.ID)
	if err != nil || j.FinishedAt.IsZero() || j.Replayed != 1 {
		t.Errorf("job %+v, %v", j, err)
	}
}

func TestReplayGoesOnAfterAFailureOfTheLog(t *testing.T) {
	r := newRig(t)
	r.hold("web", time.Unix(1_700_000_000, 0), "a")
	r.queue()
	log := r.config.Log
	r.config.Log = full{log}
	if _, err := r.Step(t.Context()); !errors.Is(err, eventlog.ErrFull) || r.statuses() != "a=queued " {
		t.Errorf("while the log is full: %v, %s", err, r.statuses())
	}
	r.config.Log = log
	r.step(true)
	if got := r.statuses(); got != "a=replaying " {
		t.Errorf("then: %s", got)
	}
}

// full is a log that takes no more records.
type full struct{ eventlog.Log }

func (full) Append(context.Context, []byte) (eventlog.Position, error) { return 0, eventlog.ErrFull }

func TestReplayThatAnotherProcessBeganIsFinished(t *testing.T) {
	r := newRig(t)
	r.hold("web", time.Unix(1_700_000_000, 0), "a")
	r.queue()
	r.stored["a"] = true
	ctx, stop := context.WithCancel(t.Context())
	r.config.Poll = time.Millisecond
	r.cursor = 1 << 40 // the pipeline is always ahead
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); r.statuses() != "a=replayed "; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not finished: %s", r.statuses())
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}
