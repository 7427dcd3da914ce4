package memstore_test

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
)

func open(testing.TB) eventstore.Store { return memstore.New() }

func TestStore(t *testing.T) { storetest.Run(t, open) }

// The reference agrees with itself: what this shows is that the suite's histories and questions are
// valid, and that its answers do not hang on the order of a map.
func TestDifferential(t *testing.T) {
	for seed := range uint64(5) {
		storetest.Differential(t, open, open, seed, 200)
	}
}

func TestMetamorphic(t *testing.T) {
	for seed := range uint64(3) {
		storetest.Metamorphic(t, open, seed, 100)
	}
}

// lasting is a store that only seems to close: what reopening is to look like.
type lasting struct{ eventstore.Store }

func (lasting) Close() error { return nil }

func TestReopening(t *testing.T) {
	stores := map[string]eventstore.Store{}
	storetest.RunReopening(t, func(_ testing.TB, dir string) eventstore.Store {
		if stores[dir] == nil {
			stores[dir] = lasting{memstore.New()}
		}
		return stores[dir]
	})
}
