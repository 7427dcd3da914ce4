package filelog

import (
	"errors"
	"fmt"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// segment is one file of the log. Only the writer changes one, and only the active one; it does so
// with the log's mutex held where others read, which they do of size and end alone.
type segment struct {
	name   string
	first  eventlog.Position // of its first record
	file   file
	size   int64 // bytes on the disk, those in advance included
	end    int64 // where the durable records end
	zeroed int64 // up to where zeros have been written
	sealed bool  // nothing more can be written to it
}

// finalError marks an error whose effect is not known: it fails the log.
func finalError(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", eventlog.ErrFailed, doing, err)
}

func isFinal(err error) bool { return errors.Is(err, eventlog.ErrFailed) }

// writeGroup makes g durable behind the records of the active segment, or of a new one, and returns
// where it ends. A group is never split, so that one sync decides about it.
func (l *Log) writeGroup(g *group) (end int64, err error) {
	if len(g.frames) < l.blockGroup {
		err = l.makeRoom(int64(len(g.frames)))
		if err == nil {
			err = l.zeroAhead(int64(len(g.frames)))
		}
		if err == nil {
			end, err = l.put(g.frames, l.active.end, file.WriteAt)
		}
	} else {
		err = l.makeRoom(int64(len(g.frames)) + 4*blockSize)
		if err == nil {
			end, err = l.putBlocks(g)
		}
	}
	if err != nil {
		return 0, err
	}
	if err := l.active.file.Sync(); err != nil {
		return 0, finalError("sync segment "+l.active.name, err)
	}
	return end, nil
}

// zeroAhead writes zeros where the next n bytes and many after them will go, unless they are there.
// Blocks that were only allocated cost the file system an entry in its journal at the first sync; so
// it has one for many groups, and the groups take a third less time.
func (l *Log) zeroAhead(n int64) error {
	s := l.active
	if s.end+n <= s.zeroed {
		return nil
	}
	from := max(s.end, s.zeroed)
	end, err := l.put(l.zeros[:min(int64(len(l.zeros)), s.size-from)], from, file.WriteAt)
	if err == nil {
		s.zeroed = end
	}
	return err
}

// putBlocks writes g in whole blocks: padding leads up to the first and fills the last.
func (l *Log) putBlocks(g *group) (end int64, err error) {
	end = l.active.end
	if n := paddingAt(end); n > 0 {
		lead := appendPadding(nil, frame{position: g.first}, n)
		if end, err = l.put(lead, end, file.WriteAt); err != nil {
			return 0, err
		}
	}
	if n := paddingAt(int64(len(g.frames))); n > 0 {
		g.frames = appendPadding(g.frames, frame{position: g.next, index: uint32(g.next - g.first)}, n)
	}
	return l.put(g.frames, end, file.WriteBlocksAt)
}

// makeRoom sees to it that n bytes and a seal fit into the active segment.
func (l *Log) makeRoom(n int64) error {
	s := l.active
	switch {
	case !s.sealed && s.end+n+frameSize <= s.size:
		return nil
	case s.sealed || s.end > headerSize:
		return l.roll(n)
	}
	// A new segment of its own would have the same name as this one, which is empty.
	size := l.sizeFor(n)
	if err := l.allow(size - s.size); err != nil {
		return err
	}
	if err := s.file.Allocate(size); err != nil {
		return l.unmade(err)
	}
	l.resize(s, size)
	return nil
}

// sizeFor is the size of a segment that can take n bytes of frames.
func (l *Log) sizeFor(n int64) int64 { return max(l.segmentBytes, headerSize+n+frameSize) }

// allow returns ErrFull if the log may not grow by n bytes.
func (l *Log) allow(n int64) error {
	l.mu.Lock()
	size := l.size()
	l.mu.Unlock()
	if l.maxBytes > 0 && size+n > l.maxBytes {
		return fmt.Errorf("%w: its bound of %d bytes is reached", eventlog.ErrFull, l.maxBytes)
	}
	return nil
}

// unmade turns the error of something that changed no record into what Append returns.
func (l *Log) unmade(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: %w", eventlog.ErrFull, err)
	}
	return fmt.Errorf("make room in event log: %w", err)
}

func (l *Log) resize(s *segment, size int64) {
	l.mu.Lock()
	s.size = size
	l.mu.Unlock()
}

// put writes b to the active segment at off, behind all durable records, and returns where it ends.
// If the disk is full it takes back what was written since the last sync: a whole record among it
// would come to life at the next recovery.
func (l *Log) put(b []byte, off int64, write func(f file, b []byte, off int64) (int, error)) (end int64, err error) {
	s := l.active
	if _, err = write(s.file, b, off); err == nil {
		return off + int64(len(b)), nil
	}
	doing := "write to segment " + s.name
	if !isFull(err) {
		return 0, finalError(doing, err)
	}
	if undo := s.file.Truncate(s.end); undo != nil {
		return 0, finalError(doing, errors.Join(err, undo))
	}
	if undo := s.file.Sync(); undo != nil {
		return 0, finalError(doing, errors.Join(err, undo))
	}
	l.resize(s, s.end)
	return 0, fmt.Errorf("%w: %s: %w", eventlog.ErrFull, doing, err)
}

// roll seals the active segment and puts a new one in its place, with room for n bytes. An active
// segment without records stays. The steps are ordered so that a crash between any two leaves a log
// that opens: the new file has its name only when it is complete and all before it is durable.
func (l *Log) roll(n int64) error {
	old := l.active
	if !old.sealed && old.end == headerSize {
		return nil
	}
	size := l.sizeFor(n)
	if err := l.allow(old.end + frameSize - old.size + size); err != nil {
		return err
	}
	first := l.durable + 1
	f, err := l.makeScratch(first, size)
	if err != nil {
		return err
	}
	s := &segment{name: segmentName(first), first: first, file: f, size: size, end: headerSize}
	if err := l.seal(first); err != nil {
		return errors.Join(err, l.dropScratch(f))
	}
	if err := l.install(s); err != nil {
		return err
	}
	l.mu.Lock()
	l.segments = append(l.segments, s)
	l.mu.Unlock()
	l.active = s
	return nil
}

// makeScratch makes a segment under a name that recovery throws away.
func (l *Log) makeScratch(first eventlog.Position, size int64) (file, error) {
	f, err := l.disk.Create(scratchName)
	if err != nil {
		return nil, l.unmade(err)
	}
	err = f.Allocate(size)
	if err == nil {
		_, err = f.WriteAt(appendHeader(nil, first), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(l.unmade(err), l.dropScratch(f))
	}
	return f, nil
}

func (l *Log) dropScratch(f file) error {
	return errors.Join(f.Close(), l.disk.Remove(scratchName))
}

// seal ends the active segment with a frame that says which record follows, and cuts off the rest of
// the file.
func (l *Log) seal(next eventlog.Position) error {
	s := l.active
	if s.sealed {
		return nil
	}
	size, err := l.put(appendSeal(nil, next), s.end, file.WriteAt)
	if err != nil {
		return err
	}
	if err := s.file.Truncate(size); err != nil {
		return finalError("truncate segment "+s.name, err)
	}
	if err := s.file.Sync(); err != nil {
		return finalError("sync segment "+s.name, err)
	}
	l.resize(s, size)
	s.sealed = true
	return nil
}

// install gives the scratch file the name of s.
func (l *Log) install(s *segment) error {
	if err := l.disk.Rename(scratchName, s.name); err != nil {
		if isFull(err) {
			return errors.Join(l.unmade(err), l.dropScratch(s.file))
		}
		return finalError("name segment "+s.name, errors.Join(err, s.file.Close()))
	}
	if err := l.disk.Sync(); err != nil {
		return finalError("sync directory", errors.Join(err, s.file.Close()))
	}
	return nil
}
