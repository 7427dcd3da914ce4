package logtest

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var closeLaws = []law{
	{name: "closed log says so", test: closedSaysSo},
	{name: "close waits for appends under way", test: closeWaits, bubble: true},
	{name: "close ends waiting readers", test: closeEndsReaders, bubble: true},
}

func closedSaysSo(t *testing.T, m Medium) {
	l := open(t, m)
	r := l.Reader(0)
	records := putMany(t, l, 3)
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	_, appendErr := l.Append(t.Context(), []byte("late"))
	_, sizeErr := l.Size()
	_, _, tryErr := r.TryNext()
	_, nextErr := r.Next(t.Context())
	_, newErr := l.Reader(0).Next(t.Context())
	for name, err := range map[string]error{
		"Append": appendErr, "Trim": l.Trim(records[0].position), "Err": l.Err(), "Size": sizeErr,
		"TryNext": tryErr, "Next": nextErr, "Next of a new reader": newErr,
	} {
		if !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("%s after Close: got %v, want ErrClosed", name, err)
		}
	}
	wantKept(t, open(t, m), records)
}

func closeWaits(t *testing.T, m Medium) {
	l := open(t, m)
	release := m.Hold()
	pending := []<-chan outcome{appendAsync(t.Context(), l, "held")}
	synctest.Wait()
	pending = append(pending, appendAsync(t.Context(), l, "queued"))
	synctest.Wait()
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	synctest.Wait()
	select {
	case err := <-closed:
		t.Fatalf("Close returned %v before the appends under way", err)
	default:
	}
	if _, err := l.Append(t.Context(), []byte("late")); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("append while closing: got %v, want ErrClosed", err)
	}
	release()
	var want []stored
	for _, p := range pending {
		got := <-p
		if got.err != nil {
			t.Fatalf("append %s: %v", got.data, got.err)
		}
		want = append(want, got.stored)
	}
	if err := <-closed; err != nil {
		t.Fatalf("close: %v", err)
	}
	wantKept(t, open(t, m), want)
}

func closeEndsReaders(t *testing.T, m Medium) {
	l := open(t, m)
	waiting := []<-chan outcome{nextAsync(t.Context(), l.Reader(0)), nextAsync(t.Context(), l.Reader(0))}
	synctest.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, w := range waiting {
		if got := <-w; !errors.Is(got.err, eventlog.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", got)
		}
	}
}
