package memlog

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/logtest"
)

// medium makes Open return the interface.
type medium struct{ *Medium }

func (m medium) Open(maxBytes int64) (eventlog.Log, error) { return m.Medium.Open(maxBytes) }

func TestLaws(t *testing.T) {
	logtest.Run(t, func(*testing.T) logtest.Medium { return medium{new(Medium)} })
}
