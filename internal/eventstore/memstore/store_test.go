package memstore_test

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
)

func open(testing.TB) eventstore.Store { return memstore.New() }

func TestStore(t *testing.T) { storetest.Run(t, open) }
