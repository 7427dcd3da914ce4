package logtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var readerLaws = []law{
	{name: "reader begins after any position", test: readsAfterAny},
	{name: "readers do not disturb each other", test: readersAreIndependent},
	{name: "next waits for a record", test: nextWaits, bubble: true},
	{name: "next ends with its context", test: nextEndsWithContext, bubble: true},
	{name: "one record wakes all readers", test: wakesAll, bubble: true},
	{name: "reader after the end waits for later records", test: readsBeyondEnd},
	{name: "data stays until the next call", test: dataStays},
	{name: "readers follow over many records", test: readsMany},
}

func readsAfterAny(t *testing.T, m Medium) {
	l := open(t, m)
	want := putMany(t, l, 60)
	check := func() {
		t.Helper()
		wantRecords(t, readAll(t, l.Reader(0)), want)
		for i, r := range want {
			wantRecords(t, readAll(t, l.Reader(r.position)), want[i+1:])
		}
	}
	check()
	l = reopen(t, m, l)
	check()
}

func readersAreIndependent(t *testing.T, m Medium) {
	l := open(t, m)
	want := putMany(t, l, 30)
	a, b := l.Reader(0), l.Reader(want[9].position)
	for i := range 20 {
		for _, c := range []struct {
			r    eventlog.Reader
			want stored
		}{{a, want[i]}, {b, want[i+10]}} {
			got, ok, err := c.r.TryNext()
			if err != nil || !ok || got.Position != c.want.position || string(got.Data) != c.want.data {
				t.Fatalf("got %d %q, %v, %v; want %d %q", got.Position, got.Data, ok, err, c.want.position, c.want.data)
			}
		}
	}
}

// nextAsync calls Next in a goroutine.
func nextAsync(ctx context.Context, r eventlog.Reader) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		record, err := r.Next(ctx)
		done <- outcome{stored{record.Position, string(record.Data)}, err}
	}()
	return done
}

func nextWaits(t *testing.T, m Medium) {
	l := open(t, m)
	r := l.Reader(0)
	for i := range 3 {
		next := nextAsync(t.Context(), r)
		synctest.Wait()
		select {
		case got := <-next:
			t.Fatalf("Next returned %v at the end of the log", got)
		default:
		}
		want := put(t, l, fmt.Sprint("record ", i))
		if got := <-next; got.err != nil || got.stored != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func nextEndsWithContext(t *testing.T, m Medium) {
	l := open(t, m)
	r := l.Reader(0)
	ctx, cancel := context.WithCancel(t.Context())
	next := nextAsync(ctx, r)
	synctest.Wait()
	cancel()
	if got := <-next; !errors.Is(got.err, context.Canceled) {
		t.Fatalf("got %v, want the error of the context", got)
	}
	want := put(t, l, "later")
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v from a context that has ended, want its error", err)
	}
	wantRecords(t, readAll(t, r), []stored{want}) // the reader lost nothing
}

func wakesAll(t *testing.T, m Medium) {
	l := open(t, m)
	var waiting []<-chan outcome
	for range 20 {
		waiting = append(waiting, nextAsync(t.Context(), l.Reader(0)))
	}
	synctest.Wait()
	want := put(t, l, "one")
	for _, w := range waiting {
		if got := <-w; got.err != nil || got.stored != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func readsBeyondEnd(t *testing.T, m Medium) {
	l := open(t, m)
	records := putMany(t, l, 5)
	r := l.Reader(records[4].position)
	if _, ok, err := r.TryNext(); ok || err != nil {
		t.Fatalf("TryNext at the end: got %v, %v; want nothing", ok, err)
	}
	more := putMany(t, l, 5)
	beyond := l.Reader(more[2].position)
	wantRecords(t, readAll(t, r), more)
	wantRecords(t, readAll(t, beyond), more[3:])
}

func dataStays(t *testing.T, m Medium) {
	l := open(t, m)
	want := putMany(t, l, 3)
	r := l.Reader(0)
	first, _, err := r.TryNext()
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		put(t, l, strings.Repeat("y", 5000))
	}
	if string(first.Data) != want[0].data {
		t.Errorf("got %s, want %s: data changed before the next call", short(string(first.Data)), want[0].data)
	}
}

func readsMany(t *testing.T, m Medium) {
	l := open(t, m)
	var want []stored
	r := l.Reader(0)
	var got []stored
	for i := range 400 {
		want = append(want, put(t, l, fmt.Sprint(i, strings.Repeat("z", i*37%3000))))
		if i%7 == 0 {
			got = append(got, readAll(t, r)...)
		}
	}
	wantRecords(t, append(got, readAll(t, r)...), want)
	l = reopen(t, m, l)
	wantKept(t, l, want)
	more := put(t, l, "more")
	wantRecords(t, readAll(t, l.Reader(want[399].position)), []stored{more})
}
