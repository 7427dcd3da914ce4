package duckstore

import (
	"encoding/binary"
	"math"
	"strings"
	"sync"

	"github.com/debrief-dev/debrief/internal/event"
)

// dictionary numbers the combinations of values that some fields of events take, so that a row
// carries a number for all of them: forms and places are the two. A combination may have several
// numbers, which is harmless: memory of them is bounded, and what was forgotten is numbered again.
type dictionary struct {
	table   string
	key     string
	fields  []*field
	tracked bool // the table has a column tracked after the key

	// Of the writer alone.
	numbers map[string]entry
	next    int32
	scratch []byte
	added   []entry // since the last commit
	stored  int     // how many of those are in the open transaction

	mu sync.RWMutex
	// templates are events that have only the fields of a number, for readers.
	templates map[int32]*event.Event
}

// entry is a combination: event has its fields, in memory that stays, and no others.
type entry struct {
	number int32
	key    string
	event  *event.Event
}

// maxNumbers bounds what a dictionary remembers. Real sources have some hundred combinations.
const maxNumbers = 100_000

func newDictionary(table, key string, fields []*field, tracked bool) *dictionary {
	return &dictionary{
		table: table, key: key, fields: fields, tracked: tracked,
		numbers: map[string]entry{}, templates: map[int32]*event.Event{},
	}
}

// number returns the entry of the event's combination, making one if needed.
func (d *dictionary) number(e *event.Event) entry {
	d.scratch = d.appendKey(d.scratch[:0], e)
	if known, ok := d.numbers[string(d.scratch)]; ok {
		return known
	}
	if len(d.numbers) >= maxNumbers {
		clear(d.numbers)
	}
	made := entry{d.next, string(d.scratch), d.template(e)}
	d.next++
	d.numbers[made.key] = made
	d.added = append(d.added, made)
	return made
}

// appendKey appends the values of the fields such that different values give different bytes.
func (d *dictionary) appendKey(b []byte, e *event.Event) []byte {
	for _, f := range d.fields {
		switch f.holds {
		case aString:
			s := *at[string](f, e)
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		case anInt:
			b = binary.AppendVarint(b, *at[int64](f, e))
		case aBool:
			b = append(b, flag(*at[bool](f, e)))
		case aBoolPtr:
			p := *at[*bool](f, e)
			b = append(b, flag(p != nil), flag(p != nil && *p))
		case aFloatPtr:
			p := *at[*float64](f, e)
			if b = append(b, flag(p != nil)); p != nil {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(*p))
			}
		case aList:
			if len(*at[[]struct{}](f, e)) == 0 {
				b = append(b, 0)
				break
			}
			s := f.list(e)
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		default:
			panic("BUG: no field of forms or places is like " + f.name)
		}
	}
	return b
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// template copies the fields of the dictionary, and no others, out of e.
func (d *dictionary) template(e *event.Event) *event.Event {
	out := &event.Event{}
	d.fill(out, e)
	for _, f := range d.fields {
		if f.holds == aString { // else all of the call would be kept for it
			*at[string](f, out) = strings.Clone(*at[string](f, out))
		}
	}
	return out
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// fill copies the fields of a template into e, lists and pointers anew.
func (d *dictionary) fill(e, from *event.Event) {
	for _, f := range d.fields {
		switch f.holds {
		case aString:
			*at[string](f, e) = *at[string](f, from)
		case anInt:
			*at[int64](f, e) = *at[int64](f, from)
		case aBool:
			*at[bool](f, e) = *at[bool](f, from)
		case aBoolPtr:
			*at[*bool](f, e) = clonePtr(*at[*bool](f, from))
		case aFloatPtr:
			*at[*float64](f, e) = clonePtr(*at[*float64](f, from))
		case aList:
			if len(*at[[]struct{}](f, from)) > 0 {
				f.setText(e, f.list(from))
			}
		}
	}
}

// store appends the combinations that the table lacks to it. It may be called again before the commit.
func (d *dictionary) store(n *native) error {
	if d.stored == len(d.added) {
		return nil
	}
	a, err := n.newAppender(d.table, smallArena)
	if err != nil {
		return err
	}
	defer a.close()
	for _, x := range d.added[d.stored:] {
		col := 1
		a.int32(0, x.number)
		if d.tracked {
			a.bool(col, x.event.Tracked())
			col++
		}
		for i, f := range d.fields {
			f.appendTo(a, col+i, x.event)
		}
		if err := a.next(); err != nil {
			return err
		}
	}
	d.stored = len(d.added)
	return a.flush()
}

func (f *field) appendTo(a *appender, col int, e *event.Event) {
	switch f.holds {
	case aString:
		a.text(col, *at[string](f, e))
	case anInt:
		a.int64(col, *at[int64](f, e))
	case aBool:
		a.bool(col, *at[bool](f, e))
	case aBoolPtr:
		if p := *at[*bool](f, e); p != nil {
			a.bool(col, *p)
		}
	case aFloatPtr:
		if p := *at[*float64](f, e); p != nil {
			a.float64(col, *p)
		}
	case aList:
		a.text(col, f.list(e))
	}
}

// committed makes what was added known to readers.
func (d *dictionary) committed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range d.added {
		d.remember(x.number, x.event)
	}
	d.added, d.stored = d.added[:0], 0
}

// rolledBack forgets what was added. Its numbers are not used again.
func (d *dictionary) rolledBack() {
	for _, x := range d.added {
		delete(d.numbers, x.key)
	}
	d.added, d.stored = d.added[:0], 0
}

// remember keeps a template; the caller holds the lock.
func (d *dictionary) remember(n int32, e *event.Event) {
	if len(d.templates) >= maxNumbers {
		clear(d.templates)
	}
	d.templates[n] = e
}
