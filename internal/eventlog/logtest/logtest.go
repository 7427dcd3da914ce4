// Package logtest holds the laws of the event log, as package eventlog states them, as a suite that
// every implementation runs whole. Only tests import it.
package logtest

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Medium is what one log lies on, with the faults that the laws speak of. A suite opens, closes and
// crashes several logs on one medium, one at a time.
type Medium interface {
	// Open opens the log on the medium. maxBytes bounds what it occupies; zero means no bound.
	// Bounds of 256 KiB and more are to be possible.
	Open(maxBytes int64) (eventlog.Log, error)
	// Crash ends the process that has the log open, as far as the medium can tell, and loses what was
	// not synced, if it can. The log that was open may do anything but reach the medium.
	Crash()
	// Fail makes all syncs fail, or no longer.
	Fail(failing bool)
	// Fill makes the medium take no further bytes, or take them again.
	Fill(full bool)
	// Hold makes syncs wait until release is called.
	Hold() (release func())
	// Syncs returns how many times appended records have been synced, about.
	Syncs() int
}

// law is one test of the suite.
type law struct {
	name string
	test func(t *testing.T, m Medium)
	// bubble runs the test in a synctest bubble, for laws that speak of waiting.
	bubble bool
}

// Run checks all laws. newMedium makes an empty medium; it is called once a law.
func Run(t *testing.T, newMedium func(t *testing.T) Medium) {
	var laws []law
	for _, part := range [][]law{appendLaws, readerLaws, trimLaws, failureLaws, closeLaws, historyLaws} {
		laws = append(laws, part...)
	}
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			m := newMedium(t)
			if law.bubble {
				synctest.Test(t, func(t *testing.T) { law.test(t, m) })
			} else {
				law.test(t, m)
			}
		})
	}
}

// open opens the log on m and closes it when the test ends.
func open(t *testing.T, m Medium) eventlog.Log { return openBounded(t, m, 0) }

func openBounded(t *testing.T, m Medium, maxBytes int64) eventlog.Log {
	t.Helper()
	l, err := m.Open(maxBytes)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// reopen closes l and opens the log on m again.
func reopen(t *testing.T, m Medium, l eventlog.Log) eventlog.Log {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return open(t, m)
}

// crash crashes l and opens the log on m again.
func crash(t *testing.T, m Medium, l eventlog.Log) eventlog.Log {
	t.Helper()
	m.Crash()
	l.Close() // whatever it says
	return open(t, m)
}

// stored is a record as the test knows it.
type stored struct {
	position eventlog.Position
	data     string
}

// put appends data and fails the test if that fails.
func put(t *testing.T, l eventlog.Log, data string) stored {
	t.Helper()
	pos, err := l.Append(t.Context(), []byte(data))
	if err != nil {
		t.Fatalf("append %s: %v", short(data), err)
	}
	return stored{pos, data}
}

// putMany appends n different records, one after another.
func putMany(t *testing.T, l eventlog.Log, n int) []stored {
	t.Helper()
	records := make([]stored, n)
	for i := range records {
		records[i] = put(t, l, fmt.Sprintf("record %d of %d", i, n))
	}
	return records
}

// readAll reads from r until there is nothing more now.
func readAll(t *testing.T, r eventlog.Reader) []stored {
	t.Helper()
	var records []stored
	for {
		record, ok, err := r.TryNext()
		if err != nil {
			t.Fatalf("read after %d records: %v", len(records), err)
		}
		if !ok {
			return records
		}
		records = append(records, stored{record.Position, string(record.Data)})
	}
}

// wantRecords fails the test unless got is want.
func wantRecords(t *testing.T, got, want []stored) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fatalf("record %d is missing: want %d %s", i, want[i].position, short(want[i].data))
		case i >= len(want):
			t.Fatalf("record %d is one too many: got %d %s", i, got[i].position, short(got[i].data))
		case got[i] != want[i]:
			t.Fatalf("record %d: got %d %s, want %d %s", i,
				got[i].position, short(got[i].data), want[i].position, short(want[i].data))
		}
	}
}

// wantKept fails the test unless l keeps exactly want.
func wantKept(t *testing.T, l eventlog.Log, want []stored) {
	t.Helper()
	before, last := l.Bounds()
	wantRecords(t, readAll(t, l.Reader(before)), want)
	if n := len(want); n == 0 && before != last {
		t.Fatalf("bounds of an empty log: got (%d, %d), want equal ones", before, last)
	} else if n > 0 && (last != want[n-1].position || before >= want[0].position) {
		t.Fatalf("bounds: got (%d, %d), want one before %d, and %d", before, last, want[0].position, want[n-1].position)
	}
}

// outcome is how an append ended.
type outcome struct {
	stored
	err error
}

// appendAsync appends data in a goroutine.
func appendAsync(ctx context.Context, l eventlog.Log, data string) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		pos, err := l.Append(ctx, []byte(data))
		done <- outcome{stored{pos, data}, err}
	}()
	return done
}

// eventually fails the test if ok does not become true within a while.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited too long: %s", what)
		}
	}
}

// short shows the beginning of a record.
func short(data string) string {
	const most = 40
	if len(data) <= most {
		return fmt.Sprintf("%q", data)
	}
	return fmt.Sprintf("%q… (%d bytes)", data[:most], len(data))
}
