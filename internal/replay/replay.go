// Package replay lets calls that a tracking plan held back through again: it puts them into the event
// log as they were received, and finds out what became of them. The pipeline judges them like any other
// call.
//
// A call counts once whenever the process dies: it may come into the log twice, but its event id is
// looked up in the whole store; and it leaves the quarantine only after it was found stored. Only package
// app imports this package.
package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// Config is what replays stand on. Workspace, Meta, Log, Cursor and Stored are required.
type Config struct {
	Workspace string
	Meta      *metastore.Store
	Log       eventlog.Log
	// Cursor returns the position up to which the pipeline has stored the log.
	Cursor func() eventlog.Position
	// Stored returns those of the event ids that are in the event store.
	Stored func(ctx context.Context, ids []string) (map[string]bool, error)

	Poll   time.Duration // how often the pipeline is looked after while it works; 0: 100 ms
	Logger *slog.Logger  // nil: discarded
}

// Replayer works off what is queued for replay.
type Replayer struct {
	config Config
	kick   chan struct{}
}

// New returns a replayer that is not running yet.
func New(c Config) (*Replayer, error) {
	if c.Workspace == "" || c.Meta == nil || c.Log == nil || c.Cursor == nil || c.Stored == nil {
		return nil, errors.New("replay lacks workspace, metadata, log, cursor or store")
	}
	if c.Poll == 0 {
		c.Poll = 100 * time.Millisecond
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Replayer{config: c, kick: make(chan struct{}, 1)}, nil
}

// Kick says that something was queued.
func (r *Replayer) Kick() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// purgeEvery is how often old entries of the quarantine are removed, and retryEvery how long a step that
// failed waits.
const (
	purgeEvery = time.Hour
	retryEvery = 5 * time.Second
)

// Run works until ctx ends; what an earlier process left is finished first. A step that fails is logged
// and tried again.
func (r *Replayer) Run(ctx context.Context) error {
	_, end := r.config.Log.Bounds()
	purged := time.Time{}
	for requeued := false; ; {
		wait := purgeEvery
		busy, err := r.round(ctx, &requeued, end)
		if now := time.Now(); err == nil && now.Sub(purged) >= purgeEvery {
			purged = now
			err = r.config.Meta.PurgeQuarantine(ctx, r.config.Workspace)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, eventlog.ErrClosed):
			return fmt.Errorf("replay: %w", err)
		case err != nil:
			r.config.Logger.Error("replay fails", slog.Any("error", err))
			wait = retryEvery
		case busy:
			wait = r.config.Poll
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.kick:
		case <-time.After(wait):
		}
	}
}

// round is one step, the first of which looks for entries that name positions of another log.
func (r *Replayer) round(ctx context.Context, requeued *bool, end eventlog.Position) (bool, error) {
	if !*requeued {
		if err := r.config.Meta.Requeue(ctx, r.config.Workspace, uint64(end)); err != nil {
			return false, err
		}
		*requeued = true
	}
	return r.Step(ctx)
}

const (
	chunkCalls = 500
	chunkBytes = 8 << 20
	// appends is how many records are appended at once: they share a sync.
	appends = 32
)

// Step puts the queued calls into the log and ends the replay of those that the pipeline has come to. It
// reports whether the pipeline has yet to come to some.
func (r *Replayer) Step(ctx context.Context) (more bool, err error) {
	for {
		if err := r.resolve(ctx); err != nil {
			return false, err
		}
		calls, err := r.config.Meta.Queued(ctx, r.config.Workspace, chunkCalls)
		if err != nil {
			return false, err
		}
		if len(calls) == 0 {
			break
		}
		if err := r.append(ctx, calls); err != nil {
			return false, err
		}
	}
	if err := r.config.Meta.FinishReplays(ctx, r.config.Workspace); err != nil {
		return false, err
	}
	waiting, err := r.config.Meta.Replaying(ctx, r.config.Workspace, 1<<62, 1)
	return len(waiting) > 0, err
}

// resolve finds out what became of the calls that the pipeline has passed.
func (r *Replayer) resolve(ctx context.Context) error {
	for {
		calls, err := r.config.Meta.Replaying(ctx, r.config.Workspace, uint64(r.config.Cursor()), chunkCalls)
		if err != nil || len(calls) == 0 {
			return err
		}
		ids := make([]string, len(calls))
		for i := range calls {
			ids[i] = calls[i].EventID
		}
		found, err := r.config.Stored(ctx, ids)
		if err != nil {
			return fmt.Errorf("look for replayed calls: %w", err)
		}
		var stored, others []int64
		for i := range calls {
			if found[calls[i].EventID] {
				stored = append(stored, calls[i].ID)
			} else {
				others = append(others, calls[i].ID)
			}
		}
		if err := r.config.Meta.ResolveReplay(ctx, stored, others); err != nil {
			return err
		}
	}
}

// record is what goes into the log as one request: calls of one source that came at the same time.
type record struct {
	request event.Request
	ids     []int64
	job     int64 // the newest
	bytes   int
}

// records groups calls that come one after the other and may share a request.
func records(calls []metastore.HeldCall) ([]*record, error) {
	var out []*record
	for i := range calls {
		req, err := event.DecodeRequest(calls[i].Request)
		if err != nil {
			return nil, fmt.Errorf("read call %d of quarantine: %w", calls[i].ID, err)
		}
		if n := len(out); n > 0 && fits(out[n-1], &req, len(calls[i].Request)) {
			out[n-1].request.Calls = append(out[n-1].request.Calls, req.Calls...)
			out[n-1].ids = append(out[n-1].ids, calls[i].ID)
			out[n-1].job = max(out[n-1].job, calls[i].Job)
			out[n-1].bytes += len(calls[i].Request)
			continue
		}
		req.Replay = true
		out = append(out, &record{request: req, ids: []int64{calls[i].ID}, job: calls[i].Job, bytes: len(calls[i].Request)})
	}
	return out, nil
}

func fits(to *record, req *event.Request, size int) bool {
	return to.request.Source == req.Source && to.request.Protocol == req.Protocol && to.request.Workspace == req.Workspace &&
		to.request.ReceivedAt.Equal(req.ReceivedAt) && to.bytes+size <= chunkBytes
}

// append puts calls into the log, and notes the positions once they are durable; when the process dies
// between the two, the records come again, and their calls are found stored.
func (r *Replayer) append(ctx context.Context, calls []metastore.HeldCall) error {
	list, err := records(calls)
	if err != nil {
		return err
	}
	marks := make([]metastore.ReplayMark, len(list))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(appends)
	for i, rec := range list {
		group.Go(func() error {
			pos, err := r.config.Log.Append(inner, event.AppendRequest(nil, &rec.request))
			if err != nil {
				return fmt.Errorf("append replay to event log: %w", err)
			}
			marks[i] = metastore.ReplayMark{IDs: rec.ids, Job: rec.job, Position: uint64(pos)}
			return nil
		})
	}
	err = group.Wait()
	marks = slices.DeleteFunc(marks, func(m metastore.ReplayMark) bool { return m.Position == 0 })
	return errors.Join(err, r.config.Meta.MarkReplaying(ctx, marks))
}
