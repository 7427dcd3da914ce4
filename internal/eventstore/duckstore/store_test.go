package duckstore_test

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
)

func open(t testing.TB, dir string) eventstore.Store {
	t.Helper()
	s, err := duckstore.Open(t.Context(), duckstore.Config{Dir: dir, MemoryLimit: 512 << 20, CompactEvery: -1})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) eventstore.Store { return open(t, t.TempDir()) })
}

func TestReopening(t *testing.T) { storetest.RunReopening(t, open) }

func TestDifferential(t *testing.T) {
	for seed := range uint64(5) {
		storetest.Differential(t, func(testing.TB) eventstore.Store { return memstore.New() },
			func(t testing.TB) eventstore.Store { return open(t, t.TempDir()) }, seed, 100)
	}
}

func TestMetamorphic(t *testing.T) {
	for seed := range uint64(3) {
		storetest.Metamorphic(t, func(t testing.TB) eventstore.Store { return open(t, t.TempDir()) }, seed, 40)
	}
}
