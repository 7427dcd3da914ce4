package deliver

import (
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// keeper knows how far each destination is on each log, and decides what the logs must keep.
type keeper struct {
	mu      sync.Mutex
	cursors map[string]map[string]eventlog.Position // by log, destination
	marks   map[string][]mark                       // by log: what was its end, oldest first
	aged    map[string]eventlog.Position            // by log: the newest position known to be too old
}

// mark says that a log ended at a position at a time.
type mark struct {
	at  time.Time
	end eventlog.Position
}

func (k *keeper) moved(destination, log string, to eventlog.Position) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cursors == nil {
		k.cursors = map[string]map[string]eventlog.Position{}
	}
	if k.cursors[log] == nil {
		k.cursors[log] = map[string]eventlog.Position{}
	}
	k.cursors[log][destination] = to
}

func (k *keeper) at(log, destination string) eventlog.Position {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cursors[log][destination]
}

func (k *keeper) gone(destination string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, cursors := range k.cursors {
		delete(cursors, destination)
	}
}

// slowest returns the position of the slowest destination, or otherwise.
func (k *keeper) slowest(log string, otherwise eventlog.Position) eventlog.Position {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, at := range k.cursors[log] {
		otherwise = min(otherwise, at)
	}
	return otherwise
}

// markEvery is how finely ages are told apart.
const markEvery = time.Minute

// old notes the end of a log, and returns the newest position that is known to be older than age; 0: none.
func (k *keeper) old(log string, end eventlog.Position, now time.Time, age time.Duration) eventlog.Position {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.marks == nil {
		k.marks, k.aged = map[string][]mark{}, map[string]eventlog.Position{}
	}
	marks := k.marks[log]
	if n := len(marks); n == 0 || now.Sub(marks[n-1].at) >= min(markEvery, age) {
		marks = append(marks, mark{now, end})
	}
	for len(marks) > 0 && now.Sub(marks[0].at) >= age {
		k.aged[log], marks = marks[0].end, marks[1:]
	}
	k.marks[log] = marks
	return k.aged[log]
}

// Keep returns how far a log may be trimmed of which everything up to a position may be as far as its owner is
// concerned: not beyond the slowest destination, unless the log is stored and has become too old or too large for that.
func (d *Deliver) Keep(name string, upTo eventlog.Position) eventlog.Position {
	for i := range d.config.Logs {
		if l := &d.config.Logs[i]; l.Name == name {
			return d.keep(l, upTo)
		}
	}
	return upTo
}

func (d *Deliver) keep(l *Log, upTo eventlog.Position) eventlog.Position {
	if !l.Stored {
		return d.keeper.slowest(l.Name, upTo)
	}
	_, end := l.Log.Bounds()
	old := d.keeper.old(l.Name, end, d.config.Now(), d.config.KeepAge)
	slowest := d.keeper.slowest(l.Name, upTo)
	if size, err := l.Log.Size(); err == nil && size > d.config.KeepSize {
		return upTo
	}
	return min(upTo, max(slowest, old))
}
