package filelog

import (
	"math/rand/v2"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/logtest"
)

// Open opens the log with small segments, so that laws with few records see several.
func (m *medium) Open(maxBytes int64) (eventlog.Log, error) {
	segment := int64(16 << 10)
	if maxBytes > 0 {
		segment = maxBytes / 8
	}
	return Open(Config{Dir: "test", SegmentBytes: segment, MaxBytes: maxBytes, disk: m.faulty(), blockGroup: 4 << 10})
}

func TestLawsOnDisk(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Medium {
		return newMedium(osDisk{dir: t.TempDir()}, func() {})
	})
}

func TestLawsThroughPowerLoss(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Medium {
		seed := rand.Uint64()
		t.Logf("seed of the disk %d", seed)
		d := newMemDisk(seed)
		return newMedium(d, d.losePower)
	})
}
