package filelog

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
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

func TestOpenMakesTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "workspaces", "default", "log")
	for range 2 {
		l, err := Open(Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, l)
	}
	names, err := osDisk{dir: dir}.Names()
	slices.Sort(names)
	if want := []string{segmentName(1), lockName}; err != nil || !slices.Equal(names, want) {
		t.Errorf("the directory holds %q, %v; want %q", names, err, want)
	}
}

func TestConfigNamesAllFaults(t *testing.T) {
	f := func(c Config, want ...string) {
		t.Helper()
		_, err := Open(c)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%+v: got %v, want it to say %q", c, err, w)
			}
		}
	}
	f(Config{}, "directory")
	f(Config{SegmentBytes: 10, MaxBytes: 15}, "directory", "too small", "less than two segments")
	f(Config{Dir: t.TempDir(), MaxBytes: DefaultSegmentBytes}, "less than two segments")
}
