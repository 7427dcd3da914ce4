package function

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// flushEvery is how often logs are written, and maxFailures how many failures of a function are kept each time:
// one that fails for every call must not push everything else out of the log, nor keep the disk busy.
const (
	flushEvery  = time.Second
	maxFailures = 10
)

// note hands the log of a run to Run. When there is no room, it is lost: calls do not wait for logs.
func (f *Functions) note(d *deployed, report *js.Report) {
	if len(report.Results) == 0 {
		return
	}
	l := logOf(report, d.job.Calls)
	l.Function, l.Version, l.At = d.id, d.version, f.cfg.Now().UTC()
	select {
	case f.logs <- l:
	default:
	}
}

// logOf says how a run went.
func logOf(report *js.Report, calls []json.RawMessage) metastore.FunctionLog {
	l := metastore.FunctionLog{Calls: len(report.Results), Console: report.Console, Took: report.Took}
	for i, r := range report.Results {
		switch {
		case r.Err == nil:
			l.Passed++
		case r.Err.Name == dropped:
			l.Dropped++
		default:
			if l.Failed++; l.Failed > 1 {
				continue
			}
			l.Error, l.Message, l.Stack = r.Err.Name, r.Err.Message, r.Err.Stack
			if i < len(calls) {
				l.EventID = messageID(calls[i])
			}
		}
	}
	return l
}

func messageID(call json.RawMessage) string {
	var envelope struct {
		MessageID string `json:"messageId"`
	}
	if json.Unmarshal(call, &envelope) != nil || len(envelope.MessageID) > 1000 {
		return ""
	}
	return envelope.MessageID
}

// Run keeps logs until ctx ends.
func (f *Functions) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.flush(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			f.flush(last)
			return nil
		}
	}
}

// flush writes what has been noted. Runs without failure are summed up, function by function; so are failures
// beyond the first ones.
func (f *Functions) flush(ctx context.Context) {
	var out []metastore.FunctionLog
	type group struct {
		function string
		version  int
		failed   bool
	}
	last, failures := map[group]int{}, map[string]int{}
	for n := len(f.logs); n > 0; n-- {
		l := <-f.logs
		g := group{l.Function, l.Version, l.Failed > 0}
		if l.Failed > 0 {
			failures[l.Function]++
		}
		if i, ok := last[g]; ok && (l.Failed == 0 || failures[l.Function] > maxFailures) {
			sum(&out[i], &l)
			continue
		}
		last[g] = len(out)
		out = append(out, l)
	}
	if len(out) == 0 {
		return
	}
	if err := f.cfg.Meta.AddFunctionLogs(ctx, out); err != nil {
		f.cfg.Logger.Warn("logs of functions were lost", slog.Int("runs", len(out)), slog.Any("error", err))
	}
}

func sum(into, l *metastore.FunctionLog) {
	into.Calls += l.Calls
	into.Passed += l.Passed
	into.Dropped += l.Dropped
	into.Failed += l.Failed
	into.Took += l.Took
	if into.Console == "" {
		into.Console = l.Console
	}
}

// FunctionLogs implements api.Functions.
func (f *Functions) FunctionLogs(ctx context.Context, id string, failed bool, limit int) ([]api.FunctionLog, error) {
	all, err := f.cfg.Meta.FunctionLogs(ctx, f.cfg.Workspace, id, failed, limit)
	out := make([]api.FunctionLog, len(all))
	for i, l := range all {
		out[i] = api.FunctionLog{
			ID: l.ID, Version: l.Version, At: l.At, Calls: l.Calls, Passed: l.Passed, Dropped: l.Dropped, Failed: l.Failed,
			Error: l.Error, Message: l.Message, Stack: l.Stack, EventID: l.EventID, Console: l.Console, TookMS: l.Took.Milliseconds(),
		}
	}
	return out, translated(err)
}
