package filelog

import (
	"fmt"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Trim implements [eventlog.Log]. It deletes the segments that hold no record after upTo; never the
// last one, whose name keeps the position.
func (l *Log) Trim(upTo eventlog.Position) error {
	l.trimming.Lock()
	defer l.trimming.Unlock()
	trimmed := false
	for {
		s, err := l.oldest(upTo)
		if err != nil {
			return err
		}
		if s == nil {
			break
		}
		// The oldest first and one by one, so that a crash leaves no gap.
		if err := l.disk.Remove(s.name); err != nil {
			return fmt.Errorf("trim event log to %d: %w", upTo, err)
		}
		if err := l.forget(s); err != nil {
			return fmt.Errorf("trim event log to %d: %w", upTo, err)
		}
		trimmed = true
	}
	if !trimmed {
		return nil
	}
	if err := l.disk.Sync(); err != nil {
		return fmt.Errorf("trim event log to %d: %w", upTo, err)
	}
	return nil
}

// oldest returns the oldest segment if Trim may delete it, else nil.
func (l *Log) oldest(upTo eventlog.Position) (*segment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return nil, eventlog.ErrClosed
	}
	if len(l.segments) < 2 || l.segments[1].first-1 > upTo {
		return nil, nil
	}
	return l.segments[0], nil
}

// forget drops the oldest segment, whose file has been removed. Readers in it learn that from before,
// which is why that is changed first.
func (l *Log) forget(s *segment) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segments = append([]*segment(nil), l.segments[1:]...)
	l.before.Store(uint64(l.segments[0].first - 1))
	return s.file.Close()
}
