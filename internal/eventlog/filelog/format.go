package filelog

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// formatVersion is the newest version of the segment format that this package reads, and the one it
// writes. Magic and version stay where they are in all versions.
const formatVersion = 1

const (
	headerSize = 32 // of a segment
	frameSize  = 20 // before each record
	// blockSize is what padding fills up to: a multiple of what disks write at once.
	blockSize = 4 << 10
	// paddingFlag in the length of a frame says that what follows is padding.
	paddingFlag = 1 << 31
)

var (
	magic      = []byte("DBRFLOG\n")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendHeader appends the header of a segment whose first record will have position first:
// magic, version, four zeros, first, four zeros, checksum of all that.
func appendHeader(dst []byte, first eventlog.Position) []byte {
	n := len(dst)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint32(dst, formatVersion)
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(first))
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[n:], castagnoli))
}

// parseHeader returns the first position that the header b states. The reason is empty if the header
// is sound; newer says that it is of a format version that this package does not know.
func parseHeader(b []byte) (first eventlog.Position, newer uint32, reason string) {
	if !bytes.HasPrefix(b, magic) {
		return 0, 0, "not a segment of an event log"
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v > formatVersion {
		return 0, v, "format version is newer"
	}
	if crc32.Checksum(b[:headerSize-4], castagnoli) != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return 0, 0, "header is damaged"
	}
	return eventlog.Position(binary.LittleEndian.Uint64(b[16:])), 0, ""
}

// frame is what stands before a record. Its last four bytes are the checksum of the record followed
// by the sixteen bytes before.
type frame struct {
	length   uint32            // of the record; with paddingFlag, of padding; zero in a seal
	index    uint32            // of the record in its group
	position eventlog.Position // of the record; in seal and padding, of the next record
}

// appendFrame appends f and its checksum, given that of the record.
func appendFrame(dst []byte, f frame, recordSum uint32) []byte {
	n := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, f.length)
	dst = binary.LittleEndian.AppendUint32(dst, f.index)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(f.position))
	return binary.LittleEndian.AppendUint32(dst, crc32.Update(recordSum, castagnoli, dst[n:]))
}

// appendSeal appends the frame that ends a finished segment; next is the first position of the
// segment that follows.
func appendSeal(dst []byte, next eventlog.Position) []byte {
	return appendFrame(dst, frame{position: next}, 0)
}

// appendPadding appends n bytes that readers step over. f says what comes next.
func appendPadding(dst []byte, f frame, n int) []byte {
	zeros := make([]byte, n-frameSize)
	f.length = paddingFlag | uint32(len(zeros))
	return append(appendFrame(dst, f, crc32.Checksum(zeros, castagnoli)), zeros...)
}

// paddingAt returns how many bytes of padding lead from off to the start of a block.
func paddingAt(off int64) int {
	n := int(-off & (blockSize - 1))
	if n > 0 && n < frameSize {
		n += blockSize
	}
	return n
}

// parseFrame reads the frame at the start of b, which has frameSize bytes or more.
func parseFrame(b []byte) frame {
	return frame{
		length:   binary.LittleEndian.Uint32(b),
		index:    binary.LittleEndian.Uint32(b[4:]),
		position: eventlog.Position(binary.LittleEndian.Uint64(b[8:])),
	}
}

// durableBefore is the last position that had been synced when the record was written: that before
// its group. A hole at or before it is damage; one behind it may be a write that a crash cut short.
func (f frame) durableBefore() eventlog.Position {
	return f.position - eventlog.Position(f.index) - 1
}

// verdict is what decode says about the bytes at one place.
type verdict string

const (
	whole     verdict = ""                    // a sound record
	padding   verdict = "padding"             // sound bytes to step over
	sealed    verdict = "sealed"              // the sound end of a finished segment
	cutShort  verdict = "cut short"           // too few bytes to tell
	damaged   verdict = "damaged"             // length or checksum is wrong
	misplaced verdict = "of a wrong position" // sound, but not the record that belongs here
)

// decode judges the start of b, where the record of position want belongs. need is the number of
// bytes that the record takes with its frame, or those that it takes to say more.
func decode(b []byte, want eventlog.Position) (f frame, need int, v verdict) {
	if len(b) < frameSize {
		return frame{}, frameSize, cutShort
	}
	f = parseFrame(b)
	length := f.length &^ paddingFlag
	if length > eventlog.MaxRecord {
		return f, frameSize, damaged
	}
	need = frameSize + int(length)
	if len(b) < need {
		return f, need, cutShort
	}
	sum := crc32.Checksum(b[frameSize:need], castagnoli)
	sum = crc32.Update(sum, castagnoli, b[:frameSize-4])
	switch {
	case sum != binary.LittleEndian.Uint32(b[frameSize-4:]):
		return f, need, damaged
	case f.position != want:
		return f, need, misplaced
	case f.length == 0:
		return f, need, sealed
	case f.length != length:
		return f, need, padding
	}
	return f, need, whole
}

const (
	nameSuffix = ".log"
	nameDigits = 20
	// scratchName is a segment that is being made; it gets its name when it is complete.
	scratchName = "next.tmp"
)

// segmentName names the segment that begins with position first.
func segmentName(first eventlog.Position) string {
	return fmt.Sprintf("%0*d%s", nameDigits, uint64(first), nameSuffix)
}

// parseName is the inverse of segmentName; false for files that are no segments.
func parseName(name string) (eventlog.Position, bool) {
	digits, ok := strings.CutSuffix(name, nameSuffix)
	if !ok || len(digits) != nameDigits {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return eventlog.Position(first), err == nil && first > 0
}

// CorruptError tells of records that were acknowledged and cannot be read: the disk, or somebody
// else, has changed them.
type CorruptError struct {
	File     string            // name of the segment file, in the log's directory
	Offset   int64             // where in it
	Position eventlog.Position // of the first record concerned; zero if it is not known
	Reason   string
	Hint     string // what a person can do
}

// Error says what is damaged, where, and what can be done.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("event log file %s at byte %d, record %d: %s; %s", e.File, e.Offset, e.Position, e.Reason, e.Hint)
}
