package duckstore_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
)

// farFuture makes every month a past one.
func farFuture() time.Time { return time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC) }

// folding is a store that folds its months at random points of a history.
type folding struct {
	*duckstore.Store
	t   testing.TB
	rnd *rand.Rand
}

func openFolding(t testing.TB, seed uint64) eventstore.Store {
	t.Helper()
	s, err := duckstore.Open(t.Context(), duckstore.Config{Dir: t.TempDir(), MemoryLimit: 512 << 20, CompactEvery: -1, Now: farFuture})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return &folding{s, t, rand.New(rand.NewPCG(seed, 7))}
}

// Write also folds, before or while the batch is written.
func (f *folding) Write(ctx context.Context, b *eventstore.Batch) (eventstore.Written, error) {
	if ctx.Err() != nil {
		return f.Store.Write(ctx, b)
	}
	done := make(chan error, 1)
	switch f.rnd.IntN(4) {
	case 0:
		done <- f.Compact(ctx)
	case 1:
		go func() { done <- f.Compact(context.WithoutCancel(ctx)) }()
	default:
		done <- nil
	}
	w, err := f.Store.Write(ctx, b)
	if err := <-done; err != nil {
		f.t.Errorf("compact: %v", err)
	}
	if err := f.Err(); err != nil {
		f.t.Errorf("background: %v", err)
	}
	return w, err
}

func TestFoldingChangesNoAnswer(t *testing.T) {
	for seed := range uint64(4) {
		storetest.Differential(t, func(testing.TB) eventstore.Store { return memstore.New() },
			func(t testing.TB) eventstore.Store { return openFolding(t, seed) }, seed+100, 60)
	}
}
