package filelog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// TestEveryOperationMayFail runs one history of appends, rolls and trims again and again, and lets the
// first operation on the disk fail, then the second, and so on. Whatever fails, an acknowledged record
// is there after a power failure, a refused one is not, and the log works again when reopened.
func TestEveryOperationMayFail(t *testing.T) {
	for _, failure := range []error{errBroken, syscall.ENOSPC} {
		for n := 1; ; n++ {
			if !failAt(t, n, failure) {
				t.Logf("%v: %d operations", failure, n-1)
				if n < 50 {
					t.Errorf("%v: the history has only %d operations", failure, n-1)
				}
				break
			}
		}
	}
}

// failAt lets the n-th operation fail; false if there are fewer.
func failAt(t *testing.T, n int, failure error) bool {
	t.Helper()
	d := newMemDisk(uint64(n))
	m := newMedium(d, d.losePower)
	m.faults.failAt, m.faults.failure = n, failure
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("operation %d fails with %v: %s", n, failure, fmt.Sprintf(format, args...))
	}
	acked, refused := map[eventlog.Position]string{}, map[string]bool{}
	trimmed := eventlog.Position(0)
	l, err := m.Open(0)
	if err == nil {
		trimmed = churn(l, acked, refused, fail)
		m.faults.mu.Lock()
		hit := m.faults.done >= n
		m.faults.mu.Unlock()
		if !hit {
			l.Close()
			return false
		}
		m.Crash()
		l.Close()
	} else {
		m.Crash()
	}
	l, err = m.Open(0)
	if err != nil {
		fail("reopen: %v", err)
	}
	defer l.Close()
	before, last := l.Bounds()
	if before > trimmed {
		fail("records up to %d are gone, and only those up to %d were trimmed", before, trimmed)
	}
	found := map[eventlog.Position]string{}
	r := l.Reader(before)
	for range last - before {
		record, ok, err := r.TryNext()
		if err != nil || !ok {
			fail("read: %v, %v", ok, err)
		}
		found[record.Position] = string(record.Data)
		if refused[string(record.Data)] {
			fail("record %d was refused and is there", record.Position)
		}
	}
	for pos, data := range acked {
		if pos > before && found[pos] != data {
			fail("record %d is %.20q, want %.20q", pos, found[pos], data)
		}
	}
	if pos, err := l.Append(t.Context(), []byte("again")); err != nil || pos <= last {
		fail("append after reopening: got %d, %v; last was %d", pos, err, last)
	}
	return true
}

// churn appends enough for several segments, with trims between, and notes what it was told.
func churn(l eventlog.Log, acked map[eventlog.Position]string, refused map[string]bool, fail func(string, ...any)) (trimmed eventlog.Position) {
	for i := range 30 {
		data := fmt.Sprint(i, strings.Repeat(".", 1000+i*150))
		pos, err := l.Append(context.Background(), []byte(data))
		switch {
		case err == nil:
			if _, twice := acked[pos]; twice {
				fail("position %d was given twice", pos)
			}
			acked[pos] = data
			if i%7 == 6 {
				trimmed = max(trimmed, pos-4)
				_ = l.Trim(pos - 4) // may fail, and must do no harm then
			}
		case !errors.Is(err, eventlog.ErrFailed):
			refused[data] = true
		}
	}
	return trimmed
}

// TestFullDiskUnderLoad: many producers meet a disk that is full now and then, and none of what was
// refused is ever seen.
func TestFullDiskUnderLoad(t *testing.T) {
	d := newMemDisk(9)
	m := newMedium(d, d.losePower)
	l, err := m.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	acked, refused := map[eventlog.Position]string{}, 0
	for round := range 6 {
		m.Fill(round%2 == 1)
		var wg sync.WaitGroup
		for p := range 8 {
			wg.Go(func() {
				for i := range 30 {
					data := fmt.Sprint(round, p, i, strings.Repeat("d", 500))
					pos, err := l.Append(t.Context(), []byte(data))
					mu.Lock()
					switch {
					case err == nil:
						acked[pos] = data
					case errors.Is(err, eventlog.ErrFull):
						refused++
					default:
						t.Errorf("append: %v", err)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}
	if refused == 0 {
		t.Error("the disk was never full")
	}
	m.Crash()
	l.Close()
	if l, err = m.Open(0); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := l.Reader(0)
	for range acked {
		record, ok, err := r.TryNext()
		if err != nil || !ok || acked[record.Position] != string(record.Data) {
			t.Fatalf("record %d: got %.20q, %v, %v; want %.20q", record.Position, record.Data, ok, err, acked[record.Position])
		}
	}
	if record, ok, _ := r.TryNext(); ok {
		t.Errorf("record %d was refused and is there", record.Position)
	}
}

// TestRefusedGroupDoesNotComeBack: of a group that the disk had no room for, whole records have been
// written. They must not be there when the process ends at once, nor behind the next record.
func TestRefusedGroupDoesNotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemDisk(11)
		m := newMedium(d, func() {})
		l, err := m.Open(0)
		if err != nil {
			t.Fatal(err)
		}
		results := make(chan error)
		appendAsync := func(data string) {
			go func() {
				_, err := l.Append(t.Context(), []byte(data))
				results <- err
			}()
			synctest.Wait()
		}
		release := m.Hold()
		appendAsync("first")
		for range 10 {
			appendAsync("group")
		}
		m.set(func(f *faults) { f.failAt, f.failure = f.done+1, syscall.ENOSPC })
		release()
		refused := 0
		for range 11 {
			if err := <-results; errors.Is(err, eventlog.ErrFull) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused != 10 {
			t.Fatalf("%d of 10 appends were refused", refused)
		}
		copied := newMemDisk(12) // what a process that ends here leaves behind
		copied.put(segmentName(1), d.content(segmentName(1)))
		checkKept(t, openOn(t, copied), "first")
		if _, err := l.Append(t.Context(), []byte("after")); err != nil {
			t.Fatal(err)
		}
		m.Crash()
		l.Close()
		checkKept(t, openOn(t, d), "first", "after")
	})
}

// checkKept wants the log to keep exactly that.
func checkKept(t *testing.T, l *Log, want ...string) {
	t.Helper()
	if got := records(t, l); !slices.Equal(got, want) {
		t.Errorf("the log keeps %q, want %q", got, want)
	}
	mustClose(t, l)
}
