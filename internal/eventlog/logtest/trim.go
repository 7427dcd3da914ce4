package logtest

import (
	"errors"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var trimLaws = []law{
	{name: "trim keeps all later records", test: trimKeepsLater},
	{name: "trimmed positions are not used again", test: trimKeepsPositions},
	{name: "trim outlasts a reopening", test: trimOutlasts},
	{name: "reader of trimmed records is told once", test: readerIsTold},
	{name: "trim frees space", test: trimFrees},
}

// fat appends so much that an implementation that trims by pieces has pieces to trim.
func fat(t *testing.T, l eventlog.Log) []stored {
	t.Helper()
	padding := make([]byte, 3000)
	var records []stored
	for i := range 120 {
		padding[0] = byte(i)
		records = append(records, put(t, l, string(padding)))
	}
	return records
}

// keptOf returns the records after position before.
func keptOf(records []stored, before eventlog.Position) []stored {
	for i, r := range records {
		if r.position > before {
			return records[i:]
		}
	}
	return nil
}

func trim(t *testing.T, l eventlog.Log, upTo eventlog.Position) {
	t.Helper()
	if err := l.Trim(upTo); err != nil {
		t.Fatalf("trim up to %d: %v", upTo, err)
	}
}

func trimKeepsLater(t *testing.T, m Medium) {
	l := open(t, m)
	trim(t, l, 0)
	records := fat(t, l)
	trim(t, l, 0)
	wantKept(t, l, records)
	most := eventlog.Position(0)
	for _, i := range []int{0, 1, 30, 29, 80, 118} {
		trim(t, l, records[i].position)
		most = max(most, records[i].position)
		before, _ := l.Bounds()
		if before > most {
			t.Fatalf("trim up to %d deleted up to %d", most, before)
		}
		wantKept(t, l, keptOf(records, before))
	}
}

func trimKeepsPositions(t *testing.T, m Medium) {
	l := open(t, m)
	for range 3 {
		records := fat(t, l)
		last := records[len(records)-1].position
		trim(t, l, last+1000) // more than there is
		if before, end := l.Bounds(); end != last || before > last {
			t.Fatalf("bounds after trimming all: got (%d, %d), want (at most %d, %d)", before, end, last, last)
		}
		l = reopen(t, m, l)
		if r := put(t, l, "next"); r.position <= last {
			t.Fatalf("position %d was given again after %d", r.position, last)
		}
	}
}

func trimOutlasts(t *testing.T, m Medium) {
	l := open(t, m)
	records := fat(t, l)
	trim(t, l, records[70].position)
	before, _ := l.Bounds()
	l = crash(t, m, l)
	again, _ := l.Bounds()
	if again != before {
		t.Errorf("oldest position: got %d after reopening, want %d", again, before)
	}
	wantKept(t, l, keptOf(records, again))
}

func readerIsTold(t *testing.T, m Medium) {
	l := open(t, m)
	records := fat(t, l)
	readers := []eventlog.Reader{l.Reader(0), l.Reader(0), l.Reader(records[3].position)}
	if _, err := readers[0].Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	trim(t, l, records[110].position)
	before, _ := l.Bounds()
	if before < records[4].position {
		t.Fatalf("trim up to %d of %d records kept all after %d", records[110].position, len(records), before)
	}
	for i, r := range append(readers, l.Reader(0)) {
		if record, err := r.Next(t.Context()); !errors.Is(err, eventlog.ErrTrimmed) {
			t.Fatalf("reader %d: got record %d, %v; want ErrTrimmed", i, record.Position, err)
		}
		wantRecords(t, readAll(t, r), keptOf(records, before))
	}
	wantRecords(t, readAll(t, l.Reader(before)), keptOf(records, before))
}

func trimFrees(t *testing.T, m Medium) {
	l := open(t, m)
	records := fat(t, l)
	full, err := l.Size()
	if err != nil {
		t.Fatal(err)
	}
	trim(t, l, records[119].position)
	if size, err := l.Size(); err != nil || size >= full/2 {
		t.Errorf("size after trimming all: got %d, %v; want less than half of %d", size, err, full)
	}
}
