package filelog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

const testSegment = 16 << 10

func openOn(t *testing.T, d disk) *Log {
	t.Helper()
	l, err := Open(Config{Dir: "test", SegmentBytes: testSegment, disk: d})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func mustAppend(t *testing.T, l *Log, data string) eventlog.Position {
	t.Helper()
	pos, err := l.Append(t.Context(), []byte(data))
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return pos
}

func mustClose(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// records returns all that the log keeps.
func records(t *testing.T, l *Log) []string {
	t.Helper()
	before, _ := l.Bounds()
	r := l.Reader(before)
	var all []string
	for {
		record, ok, err := r.TryNext()
		if err != nil {
			t.Fatalf("read after %d records: %v", len(all), err)
		}
		if !ok {
			return all
		}
		if want := before + eventlog.Position(len(all)) + 1; record.Position != want {
			t.Fatalf("position %d, want %d", record.Position, want)
		}
		all = append(all, string(record.Data))
	}
}

// oneSegment is the content of a segment of records, each a group of its own, and where each ends.
func oneSegment(t *testing.T, data ...string) (content []byte, ends []int) {
	t.Helper()
	d := newMemDisk(1)
	l := openOn(t, d)
	ends = []int{headerSize}
	for _, s := range data {
		mustAppend(t, l, s)
		ends = append(ends, int(l.active.end))
	}
	mustClose(t, l)
	return d.content(segmentName(1)), ends
}

// oneGroup is the content of a segment of records that were written as one group.
func oneGroup(data ...string) (content []byte, ends []int) {
	content = appendHeader(nil, 1)
	ends = []int{headerSize}
	for i, s := range data {
		f := frame{length: uint32(len(s)), index: uint32(i), position: eventlog.Position(i + 1)}
		content = append(appendFrame(content, f, crc32.Checksum([]byte(s), castagnoli)), s...)
		ends = append(ends, len(content))
	}
	return content, ends
}

var threeRecords = []string{"the first record", strings.Repeat("second ", 30), "\x00\x00third\x00\x00"}

// checkRecovered opens a log whose only segment has that content, wants those records, and wants it to
// take more, also after a power failure.
func checkRecovered(t *testing.T, content []byte, want []string) {
	t.Helper()
	d := newMemDisk(2)
	d.put(segmentName(1), content)
	l := openOn(t, d)
	if got := records(t, l); !slices.Equal(got, want) {
		t.Fatalf("recovered %q, want %q", got, want)
	}
	want = append(slices.Clone(want), "more")
	if pos := mustAppend(t, l, "more"); pos != eventlog.Position(len(want)) {
		t.Fatalf("position of the next record: got %d, want %d", pos, len(want))
	}
	d.losePower()
	l.Close()
	l = openOn(t, d)
	if got := records(t, l); !slices.Equal(got, want) {
		t.Fatalf("after the next append and a power failure there is %q, want %q", got, want)
	}
	mustClose(t, l)
}

// TestTornTailIsCutAtEveryByte cuts the last records at each byte, and lets each kind of rest follow.
func TestTornTailIsCutAtEveryByte(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	garbage := make([]byte, 700)
	for i := range garbage {
		garbage[i] = byte(r.Uint32())
	}
	zeros := make([]byte, testSegment)
	separate, separateEnds := oneSegment(t, threeRecords...)
	together, togetherEnds := oneGroup(threeRecords...)
	for _, c := range []struct {
		content []byte
		ends    []int
	}{{separate, separateEnds}, {together, togetherEnds}} {
		for cut := c.ends[0]; cut <= c.ends[3]; cut++ {
			whole := 0
			for c.ends[whole+1] <= cut {
				if whole++; whole == 3 {
					break
				}
			}
			for name, rest := range map[string][]byte{
				"nothing": nil, "zeros": zeros, "garbage": garbage,
				"garbage behind zeros": append(slices.Clone(zeros[:900]), garbage...),
				"an older record":      c.content[c.ends[0]:c.ends[1]],
			} {
				if name == "an older record" && whole == 0 {
					continue // it is the one that belongs here
				}
				if strings.Contains(name, "zeros") && cut > c.ends[whole] && len(bytes.TrimRight(c.content[cut:c.ends[whole+1]], "\x00")) == 0 {
					continue // zeros are what was cut off
				}
				t.Run(fmt.Sprintf("cut %d then %s", cut, name), func(t *testing.T) {
					content := append(slices.Clone(c.content[:cut]), rest...)
					checkRecovered(t, content, threeRecords[:whole])
				})
			}
		}
	}
}

// TestHoleInUnsyncedGroupIsATornTail: a disk may keep the end of a write and lose its beginning.
func TestHoleInUnsyncedGroupIsATornTail(t *testing.T) {
	content, ends := oneGroup(threeRecords...)
	for i := range 3 {
		for at := ends[i]; at < ends[i+1]; at++ {
			holed := slices.Clone(content)
			holed[at] ^= 0x40
			checkRecovered(t, holed, threeRecords[:i])
		}
	}
}

// TestDamageBeforeAcknowledgedRecordsIsAnError: a later group proves that the damaged one was synced.
func TestDamageBeforeAcknowledgedRecordsIsAnError(t *testing.T) {
	content, ends := oneSegment(t, threeRecords...)
	for i := range 2 {
		for at := ends[i]; at < ends[i+1]; at++ {
			for _, wipe := range []bool{false, true} {
				holed := slices.Clone(content)
				holed[at] ^= 0x40
				if wipe {
					clear(holed[at:ends[i+1]])
				}
				if bytes.Equal(holed, content) {
					continue
				}
				d := newMemDisk(4)
				d.put(segmentName(1), holed)
				l, err := Open(Config{Dir: "test", SegmentBytes: testSegment, disk: d})
				if err == nil {
					t.Fatalf("byte %d of record %d is damaged: opened, with %q", at, i+1, records(t, l))
				}
				var corrupt *CorruptError
				if !errors.As(err, &corrupt) {
					t.Fatalf("byte %d is damaged: got %v, want a CorruptError", at, err)
				}
				if corrupt.Offset != int64(ends[i]) || corrupt.Position != eventlog.Position(i+1) || corrupt.File != segmentName(1) {
					t.Fatalf("byte %d is damaged: got %+v, want record %d at byte %d", at, corrupt, i+1, ends[i])
				}
				if !bytes.Equal(d.content(segmentName(1)), holed) {
					t.Fatalf("byte %d is damaged: Open changed the file", at)
				}
				// The way out that the hint names.
				d.put(segmentName(1), holed[:corrupt.Offset])
				if got := records(t, openOn(t, d)); !slices.Equal(got, threeRecords[:i]) {
					t.Fatalf("cut off as the hint says, there is %q", got)
				}
			}
		}
	}
}

// manySegments is a disk with a log of several segments and its records.
func manySegments(t *testing.T) (*memDisk, []string, []eventlog.Position) {
	t.Helper()
	d := newMemDisk(5)
	l := openOn(t, d)
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprint(i, strings.Repeat(" record", 300)))
		mustAppend(t, l, want[i])
	}
	var firsts []eventlog.Position
	for _, s := range l.segments {
		firsts = append(firsts, s.first)
	}
	mustClose(t, l)
	if len(firsts) < 4 {
		t.Fatalf("only %d segments", len(firsts))
	}
	return d, want, firsts
}

func openError(t *testing.T, d disk) error {
	t.Helper()
	l, err := Open(Config{Dir: "test", SegmentBytes: testSegment, disk: d})
	if err == nil {
		l.Close()
		t.Fatal("a damaged log opened")
	}
	return err
}

func TestMissingSegmentIsAnError(t *testing.T) {
	d, want, firsts := manySegments(t)
	d.Remove(segmentName(firsts[1]))
	err := openError(t, d)
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) || corrupt.File != segmentName(firsts[0]) || corrupt.Position != firsts[1] {
		t.Fatalf("got %v, want a CorruptError that names record %d", err, firsts[1])
	}
	d.Remove(segmentName(firsts[0])) // the way out that the hint names
	if got := records(t, openOn(t, d)); !slices.Equal(got, want[firsts[2]-1:]) {
		t.Fatalf("got %d records, want those from %d on", len(got), firsts[2])
	}
}

func TestSegmentCutShortIsAnError(t *testing.T) {
	for _, n := range []int{0, 10, headerSize, headerSize + 5, 5000, testSegment - 600} {
		d, _, firsts := manySegments(t)
		name := segmentName(firsts[1])
		d.put(name, d.content(name)[:min(n, len(d.content(name))-1)])
		var corrupt *CorruptError
		if err := openError(t, d); !errors.As(err, &corrupt) || corrupt.File != name {
			t.Fatalf("cut to %d bytes: got %v, want a CorruptError for %s", n, err, name)
		}
	}
}

// TestReaderStopsAtDamage: the records of older segments are checked when they are read, not when the
// log is opened.
func TestReaderStopsAtDamage(t *testing.T) {
	d, want, firsts := manySegments(t)
	name := segmentName(firsts[1])
	content := d.content(name)
	content[5000] ^= 1
	d.put(name, content)
	l := openOn(t, d)
	r := l.Reader(0)
	for i := 0; ; i++ {
		record, ok, err := r.TryNext()
		if err == nil && ok && string(record.Data) == want[i] {
			continue
		}
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || corrupt.File != name || corrupt.Position != eventlog.Position(i+1) {
			t.Fatalf("record %d: got %v, %v; want a CorruptError in %s", i+1, ok, err, name)
		}
		if i < int(firsts[1]) || i >= int(firsts[2]) {
			t.Fatalf("damage was found at record %d, outside the segment", i+1)
		}
		break
	}
	if _, _, again := r.TryNext(); again == nil {
		t.Error("the reader stepped over the damage")
	}
	if got := l.Reader(firsts[2] - 1); got == nil {
		t.Error("no reader behind the damage")
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	content, _ := oneSegment(t, "of the future")
	binary.LittleEndian.PutUint32(content[8:], formatVersion+1)
	d := newMemDisk(6)
	d.put(segmentName(1), content)
	err := openError(t, d)
	var corrupt *CorruptError
	if errors.As(err, &corrupt) || !strings.Contains(err.Error(), "format version 2") {
		t.Fatalf("got %v, want an error that names the version", err)
	}
	if !bytes.Equal(d.content(segmentName(1)), content) {
		t.Error("Open changed the file")
	}
}

func TestForeignFilesAreRefusedOrLeftAlone(t *testing.T) {
	d := newMemDisk(7)
	d.put("notes.txt", []byte("mine"))
	l := openOn(t, d)
	mustAppend(t, l, "one")
	mustClose(t, l)
	if string(d.content("notes.txt")) != "mine" {
		t.Error("a foreign file was changed")
	}
	d.put("1.log", []byte("what is this"))
	if err := openError(t, d); !strings.Contains(err.Error(), "1.log") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

// TestCrashAfterSeal: between sealing a segment and naming the next one, the last segment is sealed.
func TestCrashAfterSeal(t *testing.T) {
	for _, rest := range []int{0, 5000} { // the file is cut off after the seal is written
		content, ends := oneSegment(t, threeRecords...)
		sealed := append(appendSeal(slices.Clone(content[:ends[3]]), 4), make([]byte, rest)...)
		checkRecovered(t, sealed, threeRecords)
		for cut := range frameSize { // and the seal may be torn
			checkRecovered(t, append(sealed[:ends[3]+cut:ends[3]+cut], make([]byte, rest)...), threeRecords)
		}
	}
}
