package app

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/pipeline"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// mappingOf returns what mapping needs to know of sources, from memory.
func mappingOf(store *metastore.Store) func(source string) vocab.Source {
	return func(source string) vocab.Source {
		src, ok := store.LookupID(source)
		if !ok {
			return vocab.Source{}
		}
		return vocab.Source{IDNamespace: src.Settings[metastore.SettingIDNamespace], RatingScale: src.RatingScale}
	}
}

// bodyHash returns the keyed hash of a workspace, for the one goroutine that maps its calls.
func bodyHash(w metastore.Workspace) func(body string) string {
	return event.NewBodyHasher(w.HashKey).Hash
}

// tallies keep what became of calls in the metadata store.
type tallies struct{ store *metastore.Store }

var _ pipeline.Tallies = tallies{}

// Tallied returns how far the tallies of a workspace reach.
func (t tallies) Tallied(ctx context.Context, workspace string) (uint64, error) {
	return t.store.Tallied(ctx, workspace)
}

// AddTally adds one.
func (t tallies) AddTally(ctx context.Context, in pipeline.Tally) error {
	out := metastore.Tally{Workspace: in.Workspace, Position: in.Position}
	for _, c := range in.Counts {
		out.Counts = append(out.Counts, metastore.Count{Source: c.Source, Day: c.Day, Outcome: metastore.Outcome(c.Outcome), Code: c.Code, N: c.N})
	}
	for _, r := range in.Rejections {
		out.Rejections = append(out.Rejections, metastore.Rejection{
			Source: r.Source, At: r.At, EventID: r.EventID, Type: r.Type, Code: r.Code, Message: r.Message, Call: r.Call,
		})
	}
	for _, v := range in.Violations {
		out.Violations = append(out.Violations, metastore.ViolationCount{
			ViolationKey: violationKey(v.Source, v.Plan, v.Version, v.Violation), Day: v.Day, N: v.N, First: v.First, Last: v.Last, Examples: v.Examples,
		})
	}
	for _, d := range in.Duplicates {
		out.Duplicates = append(out.Duplicates, metastore.DuplicateCount{Source: d.Source, EventID: d.EventID, At: d.At})
	}
	return t.store.AddTally(ctx, out)
}

// feed lets the API watch a pipeline.
type feed struct {
	pipeline *pipeline.Pipeline
	stopping context.Context // ends when the server stops
}

var _ api.Feed = feed{}

// feedBuffer is how many items wait for a slow reader before it misses some.
const feedBuffer = 256

// Subscribe returns what is stored from now on: the pipeline remembers nothing.
func (f feed) Subscribe(uint64) (<-chan api.FeedItem, func()) {
	ctx, cancel := context.WithCancel(f.stopping)
	in, out := f.pipeline.Subscribe(ctx, feedBuffer), make(chan api.FeedItem)
	go func() { // ends with ctx, which the receiver or the server ends
		defer close(out)
		for item := range in {
			select {
			case out <- feedItem(item):
			case <-ctx.Done():
			}
		}
	}()
	return out, cancel
}

func feedItem(i pipeline.Item) api.FeedItem {
	out := api.FeedItem{ID: i.Seq, Event: i.Event, Missed: int(i.Missed)}
	if r := i.Rejection; r != nil {
		out.Rejection = &api.Rejection{
			ID: fmt.Sprintf("%d.%d", r.Seq, r.Index), Source: r.Source, ReceivedAt: r.At, Type: r.Type, Code: r.Code, Message: r.Message, Call: string(r.Call),
		}
	}
	return out
}
