package filelog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"
)

// FuzzRecover opens a log whose only segment has a sound header and then any bytes. With sound set,
// the checksums of what looks like frames are made right first, so that the fuzzer gets past them.
func FuzzRecover(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, sound bool) {
		content := appendHeader(nil, 1)
		content = append(content, body...)
		if sound {
			makeSound(content[headerSize:])
		}
		d := newMemDisk(1)
		d.put(segmentName(1), content)
		l, err := Open(Config{Dir: "test", SegmentBytes: minSegmentBytes, disk: d})
		if err != nil {
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) {
				t.Fatalf("open: got %v, want a CorruptError", err)
			}
			if corrupt.Offset < headerSize || corrupt.Offset > int64(len(content)) {
				t.Fatalf("damage is said to be at byte %d of %d", corrupt.Offset, len(content))
			}
			if !bytes.Equal(d.content(segmentName(1)), content) {
				t.Fatal("Open changed a file that it refused")
			}
			return
		}
		want := records(t, l) // which wants them in order, without a gap
		for _, record := range want {
			if !bytes.Contains(content, []byte(record)) {
				t.Fatalf("record %q is not in the file", record)
			}
		}
		want = append(want, "more")
		mustAppend(t, l, "more")
		d.losePower()
		l.Close()
		l = openOn(t, d)
		if got := records(t, l); !slices.Equal(got, want) {
			t.Fatalf("after an append and a power failure there is %q, want %q", got, want)
		}
		mustClose(t, l)
	})
}

// makeSound gives frames, as far as lengths lead from one to the next, right checksums.
func makeSound(b []byte) {
	for len(b) >= frameSize {
		end := frameSize + int(parseFrame(b).length&^paddingFlag)
		if end > len(b) {
			return
		}
		sum := crc32.Checksum(b[frameSize:end], castagnoli)
		sum = crc32.Update(sum, castagnoli, b[:frameSize-4])
		binary.LittleEndian.PutUint32(b[frameSize-4:], sum)
		b = b[end:]
	}
}

// FuzzHeader reads any bytes as the header of a segment.
func FuzzHeader(f *testing.F) {
	f.Fuzz(func(t *testing.T, header []byte) {
		header = append(slices.Clone(header), make([]byte, headerSize)...)[:headerSize]
		first, newer, reason := parseHeader(header)
		if newer != 0 && (newer <= formatVersion || reason == "") {
			t.Fatalf("version %d is called newer, with reason %q", newer, reason)
		}
		d := newMemDisk(1)
		d.put(segmentName(7), header)
		if l, err := Open(Config{Dir: "test", disk: d}); err == nil {
			if before, last := l.Bounds(); before != 6 || last != 6 || reason != "" || first != 7 {
				t.Fatalf("header %x opened with bounds (%d, %d)", header, before, last)
			}
			mustClose(t, l)
		}
	})
}
