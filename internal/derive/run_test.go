package derive

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
)

// looked counts how often a deriver looks for what is due.
type looked struct {
	*memstore.Store
	times atomic.Int64
}

func (l *looked) Cursor(ctx context.Context) (uint64, error) {
	l.times.Add(1)
	return l.Store.Cursor(ctx)
}

// However often rows come, what is due is derived once a step, and nothing waits for much longer.
func TestRunGathersWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &looked{Store: memstore.New()}
		d, err := Open(t.Context(), Config{Store: store, Marks: &memory{marks: map[string]Mark{}}, HoldBack: time.Millisecond, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		const rows, every = 200, 50 * time.Millisecond
		for i := range rows {
			e := &event.Event{ID: fmt.Sprint("t:", i), Kind: event.KindGeneration, TraceID: "t", SpanID: fmt.Sprint(i), OccurredAt: time.Now(), ReceivedAt: time.Now()}
			position := uint64(i + 1)
			if err := d.Note(ctx, []*event.Event{e}, position); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Write(ctx, &eventstore.Batch{Puts: []*event.Event{e}, Cursor: position}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(every)
		}
		if n := store.times.Load(); n > 3*int64(rows*every/step) {
			t.Errorf("looked for what is due %d times in %v", n, rows*every)
		}
		time.Sleep(2 * step)
		if n := d.Waiting(); n != 0 {
			t.Errorf("%d traces wait", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
