package logtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var appendLaws = []law{
	{name: "new log keeps nothing", test: newIsEmpty},
	{name: "positions ascend from above zero", test: positionsAscend},
	{name: "appended is there when Append returns", test: appendedIsThere},
	{name: "appended survives a crash", test: appendedSurvives},
	{name: "record may be reused after Append", test: recordIsCopied},
	{name: "records of any bytes and sizes come back", test: anyBytes},
	{name: "empty and too large records are refused", test: sizesRefused},
	{name: "largest record comes back", test: largest},
	{name: "concurrent appends share one sync", test: shareSync, bubble: true},
	{name: "concurrent producers keep their order", test: producers},
	{name: "append waits for the sync", test: appendWaits, bubble: true},
	{name: "append ends with its context", test: appendEndsWithContext, bubble: true},
	{name: "one log opens at a time", test: oneAtATime},
}

func newIsEmpty(t *testing.T, m Medium) {
	l := open(t, m)
	if before, last := l.Bounds(); before != 0 || last != 0 {
		t.Errorf("bounds: got (%d, %d), want (0, 0)", before, last)
	}
	wantKept(t, l, nil)
	if err := l.Err(); err != nil {
		t.Errorf("Err of a new log: %v", err)
	}
}

func positionsAscend(t *testing.T, m Medium) {
	l := open(t, m)
	last := eventlog.Position(0)
	for range 5 {
		for range 20 {
			r := put(t, l, "x")
			if r.position <= last {
				t.Fatalf("position %d after %d", r.position, last)
			}
			last = r.position
		}
		l = reopen(t, m, l)
	}
}

func appendedIsThere(t *testing.T, m Medium) {
	l := open(t, m)
	var want []stored
	for i := range 50 {
		want = append(want, put(t, l, fmt.Sprint("record ", i)))
		wantKept(t, l, want)
	}
	if size, err := l.Size(); err != nil || size < 50*8 {
		t.Errorf("size: got %d, %v; want at least that of the records", size, err)
	}
}

func appendedSurvives(t *testing.T, m Medium) {
	l := open(t, m)
	var want []stored
	for range 5 {
		want = append(want, putMany(t, l, 100)...)
		l = crash(t, m, l)
		wantKept(t, l, want)
	}
	l = reopen(t, m, l)
	wantKept(t, l, want)
}

func recordIsCopied(t *testing.T, m Medium) {
	l := open(t, m)
	record := []byte("first")
	if _, err := l.Append(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	copy(record, "wrong")
	if got := readAll(t, l.Reader(0)); len(got) != 1 || got[0].data != "first" {
		t.Errorf("got %v, want the record as it was appended", got)
	}
}

func anyBytes(t *testing.T, m Medium) {
	l := open(t, m)
	var want []stored
	for _, n := range []int{1, 2, 19, 20, 21, 511, 512, 4095, 4096, 4097, 70_000, 131_071, 131_072, 1 << 20} {
		for _, b := range []byte{0, 0xff, 'x'} {
			want = append(want, put(t, l, strings.Repeat(string([]byte{b}), n)))
		}
	}
	wantKept(t, l, want)
	l = reopen(t, m, l)
	wantKept(t, l, want)
}

func sizesRefused(t *testing.T, m Medium) {
	l := open(t, m)
	for _, record := range [][]byte{nil, {}, make([]byte, eventlog.MaxRecord+1)} {
		if _, err := l.Append(t.Context(), record); !errors.Is(err, eventlog.ErrTooLarge) {
			t.Errorf("append of %d bytes: got %v, want ErrTooLarge", len(record), err)
		}
	}
	wantKept(t, l, nil)
	if err := l.Err(); err != nil {
		t.Errorf("Err after refusing records: %v", err)
	}
}

func largest(t *testing.T, m Medium) {
	l := open(t, m)
	want := bytes.Repeat([]byte("0123456789abcdef"), eventlog.MaxRecord/16)
	put(t, l, "before")
	pos, err := l.Append(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	put(t, l, "after")
	r := reopen(t, m, l).Reader(0)
	for i, data := range [][]byte{[]byte("before"), want, []byte("after")} {
		got, ok, err := r.TryNext()
		if err != nil || !ok || !bytes.Equal(got.Data, data) || (i == 1 && got.Position != pos) {
			t.Fatalf("record %d: got %d bytes at %d, %v, %v; want %d bytes", i, len(got.Data), got.Position, ok, err, len(data))
		}
	}
}

func shareSync(t *testing.T, m Medium) {
	l := open(t, m)
	put(t, l, "zero")
	release := m.Hold()
	pending := []<-chan outcome{appendAsync(t.Context(), l, "first")}
	synctest.Wait()
	before := m.Syncs()
	for i := range 100 {
		pending = append(pending, appendAsync(t.Context(), l, fmt.Sprint("record ", i)))
	}
	synctest.Wait()
	release()
	for _, p := range pending {
		if got := <-p; got.err != nil {
			t.Fatalf("append %s: %v", got.data, got.err)
		}
	}
	if n := m.Syncs() - before; n > 2 {
		t.Errorf("100 appends behind one that was being synced took %d syncs, want 1", n-1)
	}
}

func producers(t *testing.T, m Medium) {
	l := open(t, m)
	const senders, each = 8, 100
	acked := make([][]stored, senders)
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				data := fmt.Sprintf("sender %d record %d %s", s, i, strings.Repeat("x", i*s))
				pos, err := l.Append(t.Context(), []byte(data))
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				acked[s] = append(acked[s], stored{pos, data})
			}
		})
	}
	read := make([]stored, 0, senders*each)
	for r := l.Reader(0); len(read) < senders*each; { // while they send
		record, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, stored{record.Position, string(record.Data)})
	}
	wg.Wait()
	wantKept(t, l, read)
	byPosition := map[eventlog.Position]string{}
	for i, r := range read {
		if i > 0 && r.position <= read[i-1].position {
			t.Fatalf("read position %d after %d", r.position, read[i-1].position)
		}
		byPosition[r.position] = r.data
	}
	for s, records := range acked {
		for i, r := range records {
			if byPosition[r.position] != r.data {
				t.Fatalf("sender %d: position %d holds %s, want %s", s, r.position, short(byPosition[r.position]), short(r.data))
			}
			if i > 0 && r.position <= records[i-1].position {
				t.Fatalf("sender %d: position %d after %d", s, r.position, records[i-1].position)
			}
		}
	}
}

func appendWaits(t *testing.T, m Medium) {
	l := open(t, m)
	first := put(t, l, "first")
	r := l.Reader(0)
	readAll(t, r)
	release := m.Hold()
	done := appendAsync(t.Context(), l, "second")
	synctest.Wait()
	select {
	case got := <-done:
		t.Fatalf("append returned %v, %v before the sync", got.position, got.err)
	default:
	}
	if _, last := l.Bounds(); last != first.position {
		t.Errorf("last position before the sync: got %d, want %d", last, first.position)
	}
	if got := readAll(t, r); len(got) != 0 {
		t.Errorf("a reader came to %v before the sync", got)
	}
	wantKept(t, l, []stored{first})
	release()
	got := <-done
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantRecords(t, readAll(t, r), []stored{got.stored})
}

func appendEndsWithContext(t *testing.T, m Medium) {
	l := open(t, m)
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := l.Append(ended, []byte("never")); !errors.Is(err, context.Canceled) {
		t.Errorf("append with a context that has ended: got %v, want its error", err)
	}
	wantKept(t, l, nil)

	release := m.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	done := appendAsync(ctx, l, "perhaps")
	synctest.Wait()
	cancel()
	if got := <-done; !errors.Is(got.err, context.Canceled) {
		t.Errorf("append whose context ended: got %v, want its error", got.err)
	}
	release()
	after := put(t, l, "after")
	got := readAll(t, l.Reader(0))
	if len(got) == 2 && got[0].data == "perhaps" {
		got = got[1:]
	}
	wantRecords(t, got, []stored{after})
}

func oneAtATime(t *testing.T, m Medium) {
	l := open(t, m)
	first := put(t, l, "first")
	if other, err := m.Open(0); err == nil {
		other.Close()
		t.Fatal("a log that is open was opened once more")
	}
	second := put(t, l, "second") // the attempt did no harm
	wantKept(t, reopen(t, m, l), []stored{first, second})
}
