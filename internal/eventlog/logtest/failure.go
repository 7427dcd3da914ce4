package logtest

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var failureLaws = []law{
	{name: "full medium refuses and recovers", test: fullMedium},
	{name: "bound on size is kept", test: boundedSize},
	{name: "failed sync fails the log until reopened", test: failedSync},
	{name: "failure reaches all that wait", test: failureReachesAll, bubble: true},
	{name: "unsynced record is whole or not there after a crash", test: unsyncedIsWhole, bubble: true},
}

func fullMedium(t *testing.T, m Medium) {
	l := open(t, m)
	kept := putMany(t, l, 10)
	for range 3 {
		m.Fill(true)
		refused := 0
		for i := range 200 { // room that was taken in advance may be used up first
			pos, err := l.Append(t.Context(), []byte(strings.Repeat("f", 20_000)))
			if err == nil {
				kept = append(kept, stored{pos, strings.Repeat("f", 20_000)})
				continue
			}
			if !errors.Is(err, eventlog.ErrFull) {
				t.Fatalf("append %d to a full medium: got %v, want ErrFull", i, err)
			}
			refused++
		}
		if refused < 100 {
			t.Fatalf("a full medium refused %d of 200 records", refused)
		}
		if err := l.Err(); !errors.Is(err, eventlog.ErrFull) {
			t.Errorf("Err on a full medium: got %v, want ErrFull", err)
		}
		wantKept(t, l, kept)
		m.Fill(false)
		eventually(t, "Err forgets that the medium was full", func() bool { return l.Err() == nil })
		kept = append(kept, putMany(t, l, 10)...)
		wantKept(t, l, kept)
	}
	l = crash(t, m, l)
	wantKept(t, l, kept)
}

func boundedSize(t *testing.T, m Medium) {
	const bound = 256 << 10
	l := openBounded(t, m, bound)
	var kept []stored
	data := strings.Repeat("b", 5000)
	fill := func() {
		t.Helper()
		for i := range 2 * bound / len(data) {
			pos, err := l.Append(t.Context(), []byte(data))
			if errors.Is(err, eventlog.ErrFull) {
				return
			}
			if err != nil {
				t.Fatalf("append %d: %v", i, err)
			}
			kept = append(kept, stored{pos, data})
		}
		t.Fatalf("appended twice the bound of %d bytes", bound)
	}
	for range 3 {
		fill()
		if size, err := l.Size(); err != nil || size > bound {
			t.Fatalf("size: got %d, %v; want at most %d", size, err, bound)
		}
		if err := l.Err(); !errors.Is(err, eventlog.ErrFull) {
			t.Errorf("Err at the bound: got %v, want ErrFull", err)
		}
		wantKept(t, l, kept)
		trim(t, l, kept[len(kept)-1].position)
		eventually(t, "Err forgets that the log was full", func() bool { return l.Err() == nil })
		before, _ := l.Bounds()
		kept = append(keptOf(kept, before), put(t, l, data))
		wantKept(t, l, kept)
	}
}

func failedSync(t *testing.T, m Medium) {
	l := open(t, m)
	kept := putMany(t, l, 10)
	m.Fail(true)
	if pos, err := l.Append(t.Context(), []byte("doubtful")); !errors.Is(err, eventlog.ErrFailed) {
		t.Fatalf("append with a failing sync: got %d, %v; want ErrFailed", pos, err)
	}
	m.Fail(false)
	for range 3 {
		if _, err := l.Append(t.Context(), []byte("never")); !errors.Is(err, eventlog.ErrFailed) {
			t.Fatalf("append after a failed sync: got %v, want ErrFailed", err)
		}
		if err := l.Err(); !errors.Is(err, eventlog.ErrFailed) {
			t.Fatalf("Err after a failed sync: got %v, want ErrFailed", err)
		}
	}
	wantKept(t, l, kept) // what is durable can be read
	trim(t, l, 0)
	l.Close()
	l = open(t, m)
	if err := l.Err(); err != nil {
		t.Fatalf("Err after reopening: %v", err)
	}
	got := readAll(t, l.Reader(0))
	if len(got) == 11 && got[10].data == "doubtful" {
		kept = got
	}
	kept = append(kept, put(t, l, "again"))
	wantKept(t, l, kept)
	l = crash(t, m, l)
	wantKept(t, l, kept)
}

func failureReachesAll(t *testing.T, m Medium) {
	l := open(t, m)
	first := put(t, l, "first")
	release := m.Hold()
	pending := []<-chan outcome{appendAsync(t.Context(), l, "held")}
	synctest.Wait()
	for range 10 {
		pending = append(pending, appendAsync(t.Context(), l, "queued"))
	}
	synctest.Wait()
	m.Fail(true)
	release()
	for _, p := range pending {
		if got := <-p; !errors.Is(got.err, eventlog.ErrFailed) {
			t.Fatalf("append %s: got %d, %v; want ErrFailed", got.data, got.position, got.err)
		}
	}
	wantKept(t, l, []stored{first})
	m.Fail(false)
}

func unsyncedIsWhole(t *testing.T, m Medium) {
	l := open(t, m)
	kept := putMany(t, l, 3)
	release := m.Hold()
	data := strings.Repeat("unsynced", 3000)
	pending := appendAsync(t.Context(), l, data)
	synctest.Wait()
	m.Crash()
	release()
	if got := <-pending; got.err == nil {
		t.Fatal("append was acknowledged by a log that had crashed")
	}
	l.Close()
	l = open(t, m)
	if got := readAll(t, l.Reader(0)); len(got) == 4 && got[3].data == data {
		kept = got
	}
	kept = append(kept, put(t, l, "after"))
	wantKept(t, l, kept)
}
