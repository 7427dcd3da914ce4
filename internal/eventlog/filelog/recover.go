package filelog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// What a person can do about damage; a [CorruptError] carries one of these.
const (
	hintOld = "restore the log from a backup, or, if every consumer is past this segment, remove it and all older ones"
	hintEnd = "restore the log from a backup, or cut the file off at this byte to give up the records from there on"
	hintGap = "put the missing files back, or, if every consumer is past them, remove all older ones too"
)

// recover reads the directory: it opens all segments, checks that they follow one another, and cuts
// the last one off behind its last whole record.
func (l *Log) recover() error {
	firsts, err := l.list()
	if err != nil {
		return err
	}
	for i, first := range firsts {
		s, err := l.openSegment(first)
		if err != nil {
			return err
		}
		l.segments = append(l.segments, s)
		if i+1 < len(firsts) {
			if err := s.checkSeal(firsts[i+1]); err != nil {
				return err
			}
		}
	}
	if len(firsts) == 0 {
		if err := l.begin(); err != nil {
			return err
		}
	}
	l.active = l.segments[len(l.segments)-1]
	if l.durable, err = l.recoverTail(l.active); err != nil {
		return err
	}
	l.next = l.durable + 1
	l.before.Store(uint64(l.segments[0].first - 1))
	return nil
}

// list returns the first positions of the segments, in order, and removes an unfinished one.
func (l *Log) list() ([]eventlog.Position, error) {
	names, err := l.disk.Names()
	if err != nil {
		return nil, err
	}
	var firsts []eventlog.Position
	for _, name := range names {
		first, ok := parseName(name)
		switch {
		case ok:
			firsts = append(firsts, first)
		case name == scratchName:
			if err := l.disk.Remove(name); err != nil {
				return nil, err
			}
		case strings.HasSuffix(name, nameSuffix):
			return nil, fmt.Errorf("file %s is not named like a segment; move it elsewhere", name)
		}
	}
	slices.Sort(firsts)
	return firsts, nil
}

// begin makes the first segment of a new log.
func (l *Log) begin() error {
	f, err := l.makeScratch(1, l.segmentBytes)
	if err != nil {
		return err
	}
	s := &segment{name: segmentName(1), first: 1, file: f, size: l.segmentBytes, end: headerSize}
	if err := l.install(s); err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	return nil
}

// openSegment opens the file of the segment and checks its header.
func (l *Log) openSegment(first eventlog.Position) (*segment, error) {
	s := &segment{name: segmentName(first), first: first}
	var err error
	if s.file, err = l.disk.Open(s.name); err != nil {
		return nil, err
	}
	if err := s.checkHeader(); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

func (s *segment) checkHeader() error {
	var err error
	if s.size, err = s.file.Size(); err != nil {
		return err
	}
	header := make([]byte, headerSize)
	if _, err := s.file.ReadAt(header, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	first, newer, reason := parseHeader(header)
	if newer != 0 {
		return fmt.Errorf("segment %s has format version %d and this program knows versions up to %d; use the newer program that wrote it",
			s.name, newer, formatVersion)
	}
	if reason == "" && first != s.first {
		reason = fmt.Sprintf("header says that the first record is %d", first)
	}
	if reason != "" {
		return &CorruptError{File: s.name, Position: s.first, Reason: reason, Hint: hintOld}
	}
	return nil
}

// checkSeal checks that a segment which another one follows is complete: it ends with a seal that
// names the first record of that one. Its records are checked when they are read.
func (s *segment) checkSeal(next eventlog.Position) error {
	s.end, s.sealed = s.size-frameSize, true
	b := make([]byte, frameSize)
	if s.end < headerSize {
		return &CorruptError{File: s.name, Offset: s.size, Reason: "file is cut short", Hint: hintOld}
	}
	if _, err := s.file.ReadAt(b, s.end); err != nil {
		return fmt.Errorf("read segment %s: %w", s.name, err)
	}
	f, _, v := decode(b, next)
	switch v {
	case sealed:
		return nil
	case misplaced:
		return &CorruptError{
			File: s.name, Offset: s.end, Position: f.position, Hint: hintGap,
			Reason: fmt.Sprintf("record %d is to follow, but the next file begins with %d", f.position, next),
		}
	}
	return &CorruptError{File: s.name, Offset: s.end, Reason: "end of the file is damaged", Hint: hintOld}
}

// recoverTail finds the end of the last segment and makes the segment ready for more. It returns the
// position of the last record.
func (l *Log) recoverTail(s *segment) (eventlog.Position, error) {
	t, err := s.scan()
	if err != nil {
		return 0, err
	}
	s.end, s.sealed = t.end, t.verdict == sealed
	if err := l.cutTail(s, t); err != nil {
		return 0, fmt.Errorf("recover segment %s: %w", s.name, err)
	}
	return t.next - 1, nil
}

// cutTail wipes what lies behind the last whole record, so that it cannot be taken for records later,
// and makes sure of the last group.
func (l *Log) cutTail(s *segment, t tail) error {
	keep := s.end
	if s.sealed {
		keep += frameSize
	}
	if t.rest > 0 {
		l.logger.Info("cut unacknowledged bytes off the event log",
			slog.String("segment", s.name), slog.Int64("offset", s.end), slog.Int64("bytes", t.rest))
	}
	if t.rest > 0 || s.sealed && s.size > keep {
		if err := s.file.Truncate(keep); err != nil {
			return err
		}
		s.size = keep
	}
	if err := s.rewrite(t.group, keep); err != nil {
		return err
	}
	if !s.sealed && s.size < l.segmentBytes {
		switch err := s.file.Allocate(l.segmentBytes); {
		case err == nil:
			s.size = l.segmentBytes
		case !isFull(err): // a full disk is for Append to tell of; reading goes on
			return err
		}
	}
	return s.file.Sync()
}

// rewrite writes the bytes from start to end once more. If the sync of the last group failed, the
// system may hold these pages for clean though the disk never got them.
func (s *segment) rewrite(start, end int64) error {
	b := make([]byte, end-start)
	if _, err := s.file.ReadAt(b, start); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err := s.file.WriteAt(b, start)
	return err
}

// tail is what a scan finds out about the last segment.
type tail struct {
	next    eventlog.Position // the position after the last whole record
	end     int64             // where that record ends
	group   int64             // where the group of that record begins
	rest    int64             // bytes from end to the last one that is not zero; 0 after a sound stop
	verdict verdict           // on what stands at end
}

// scan reads the records of the last segment up to the first bytes that are none. That is the end,
// unless a later record says that what is missing here had been acknowledged.
func (s *segment) scan() (tail, error) {
	var c cursor
	c.reset(s.file)
	t := tail{next: s.first, end: headerSize, group: headerSize}
	for {
		f, _, v, err := c.next(t.next, s.size)
		if err != nil {
			return tail{}, err
		}
		if v != whole {
			t.verdict = v
			break
		}
		if f.index == 0 {
			t.group = t.end // with the padding before
		}
		t.next++
		t.end = c.off
	}
	if t.verdict == sealed {
		return t, nil
	}
	err := s.examine(&t)
	return t, err
}

// examine looks at what stands behind the last whole record.
func (s *segment) examine(t *tail) error {
	last, err := s.lastByte(t.end)
	if err != nil {
		return fmt.Errorf("read segment %s: %w", s.name, err)
	}
	if t.rest = last - t.end; t.rest == 0 {
		return nil
	}
	b := make([]byte, s.size-t.end) // all of it: a record may end with zeros
	if _, err := s.file.ReadAt(b, t.end); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read segment %s: %w", s.name, err)
	}
	if lost := acknowledgedAfter(b, t.next); lost != 0 {
		return &CorruptError{
			File: s.name, Offset: t.end, Position: t.next, Hint: hintEnd,
			Reason: fmt.Sprintf("record is %s, but record %d, written after it was acknowledged, is there", t.verdict, lost),
		}
	}
	return nil
}

// lastByte returns where the zeros begin that the file ends with, or from if that is all of them.
func (s *segment) lastByte(from int64) (int64, error) {
	last, off := from, from
	b := make([]byte, readBytes)
	for {
		next, err := s.file.NextData(off)
		if err != nil || next >= s.size {
			return last, err
		}
		n, err := s.file.ReadAt(b[:min(readBytes, s.size-next)], next)
		if n == 0 {
			return 0, err
		}
		off = next + int64(n)
		if sum := len(bytes.TrimRight(b[:n], "\x00")); sum > 0 {
			last = next + int64(sum)
		}
	}
}

// acknowledgedAfter searches b for a sound record, at any byte, that was written when the record at
// missing was already durable, and returns its position. Records of the group that missing belongs to
// prove nothing: when power fails, a disk may have kept the end of a write and lost its beginning.
func acknowledgedAfter(b []byte, missing eventlog.Position) eventlog.Position {
	most := missing + eventlog.Position(len(b)/frameSize)
	for i := 0; i+frameSize <= len(b); i++ {
		f := parseFrame(b[i:])
		if f.position <= missing || f.position > most || f.durableBefore() < missing {
			continue
		}
		if _, _, v := decode(b[i:], f.position); v == whole || v == sealed || v == padding {
			return f.position
		}
	}
	return 0
}
