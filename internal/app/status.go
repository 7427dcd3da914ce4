package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/web"
)

// staleAfter is how old the oldest call may be that is logged and not stored before somebody should look.
const staleAfter = time.Minute

// blocking returns what keeps the server from taking calls and keeping them.
func (a *App) blocking(ctx context.Context) []web.Problem {
	var all []web.Problem
	add := func(part string, err error) {
		if err != nil {
			all = append(all, web.Problem{Part: part, Message: err.Error()})
		}
	}
	add("server", a.parts.err())
	add("event log", a.log.Err())
	add("event store", a.pipeline.Err())
	add("traces", a.deriver.Err())
	add("analysis", a.analysis.Err())
	add("topics", a.topics.Err())
	add("people", a.people.Err())
	add("traits and audiences", a.compute.Err())
	add("metadata", a.meta.Check(ctx))
	return all
}

// status tells how the server is doing.
func (a *App) status(ctx context.Context) (api.Status, error) {
	lag := a.pipeline.Lag()
	records := lag.Records
	if records == 0 && lag.End > lag.Cursor {
		records = 1 // logged a moment ago, and not read yet
	}
	s := api.Status{
		Version:  a.cfg.Version,
		Pipeline: api.PipelineStatus{LogEnd: uint64(lag.End), Cursor: uint64(lag.Cursor), LagRecords: records, LagMS: float64(lag.Delay) / float64(time.Millisecond), OpenTraces: int64(a.deriver.Waiting())},
		Problems: []api.Problem{},
	}
	var err error
	if s.Pipeline.AnalysisWaiting, err = a.analysis.Waiting(ctx); err != nil {
		return s, err
	}
	stats, err := a.store.Stats(ctx)
	if err != nil {
		return s, err
	}
	s.Store = api.StoreStatus{Events: stats.Events, Conversations: stats.Conversations, BytesByPurpose: stats.Bytes}
	if s.Store.BytesByPurpose == nil {
		s.Store.BytesByPurpose = map[string]int64{}
	}
	for _, n := range stats.Bytes {
		s.Store.Bytes += n
	}
	if s.Log.Bytes, err = a.log.Size(); err != nil {
		return s, err
	}
	for _, p := range a.blocking(ctx) {
		s.Problems = append(s.Problems, api.Problem{Part: p.Part, Message: p.Message})
	}
	for _, err := range a.enforcers.problems() {
		s.Problems = append(s.Problems, api.Problem{Part: "plans", Message: err})
	}
	down, err := a.deliver.Problems(ctx)
	if err != nil {
		return s, err
	}
	for _, message := range down {
		s.Problems = append(s.Problems, api.Problem{Part: "destinations", Message: message})
	}
	if lag.Delay > staleAfter {
		s.Problems = append(s.Problems, api.Problem{Part: "pipeline", Message: "figures are " + lag.Delay.Round(time.Second).String() + " behind what was received"})
	}
	return s, nil
}

// measured registers what no part counts itself.
func (a *App) measured() {
	a.metrics.NewGauge(fmt.Sprintf("debrief_build_info{version=%q}", a.cfg.Version), func() float64 { return 1 })
	a.metrics.NewGauge("debrief_log_bytes", func() float64 {
		n, err := a.log.Size()
		if err != nil {
			return -1
		}
		return float64(n)
	})
	a.metrics.NewGauge("debrief_ready", func() float64 {
		if len(a.blocking(context.Background())) > 0 {
			return 0
		}
		return 1
	})
}

// writeMetrics writes our metrics and those of the process, in the text format of Prometheus.
func (a *App) writeMetrics(w io.Writer) {
	a.metrics.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}
