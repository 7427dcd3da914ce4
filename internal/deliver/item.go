package deliver

import (
	"container/heap"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// item is one call in the hands of a courier.
type item struct {
	*accepted
	log      string
	position uint64
	size     int
	chunk    *chunk                // nil once it is parked
	parked   *metastore.ParkedCall // nil until it is
	lanes    []*lane
	keys     []string // of its lanes, while it has none

	attempts int
	firstAt  time.Time
	nextAt   time.Time     // not before
	outages  time.Duration // of the courier, when it was first tried
	queued   bool          // among the ready ones
	timed    bool          // among the timed ones
	code     string
	reason   string
	changed  bool // since it was parked
	end      end
}

// end is what became of an item.
type end int

const (
	inHand   end = iota
	finished     // delivered, or dropped by a function
	givenUp
)

// newItem makes an item; where order is promised, it waits behind those of the same user or the same client.
func newItem(call *accepted, log string, position uint64, ordered bool) *item {
	it := &item{accepted: call, log: log, position: position, size: len(call.call) + len(call.row.Raw) + 1024}
	if !ordered {
		return it
	}
	if id := call.row.UserID; id != "" {
		it.keys = append(it.keys, "user:"+id)
	}
	if id := call.row.AnonymousID; id != "" {
		it.keys = append(it.keys, "anonymous:"+id)
	}
	return it
}

// park returns what is to be stored of it. Its first attempt is stored as if the place had never been down, for
// down is how long it was altogether.
func (it *item) park(dead bool, down time.Duration) *metastore.ParkedCall {
	if it.parked == nil {
		it.parked = &metastore.ParkedCall{
			Log: it.log, Position: it.position, Place: it.place, EventID: it.row.ID, Type: it.kind, Event: it.row.SourceEvent,
			Request: event.AppendRequest(nil, &it.request),
		}
	}
	p := it.parked
	p.Dead, p.Attempts, p.NextAt, p.Code, p.Reason = dead, it.attempts, it.nextAt, it.code, it.reason
	if p.FirstAt = it.firstAt; !p.FirstAt.IsZero() {
		p.FirstAt = it.firstAt.Add(down - it.outages)
	}
	stored := *p // it may change while that is being stored
	return &stored
}

// lane is the calls of one user, or of one client, in their order. A call that has both stands in two lanes, and
// goes when it is the first of both.
type lane struct {
	key   string
	items []*item
	taken int  // of its first items, in the batch that is being made
	busy  bool // some of its items are being sent
}

// next reports whether an item may go now, as far as others are concerned.
func (it *item) next() bool {
	for _, l := range it.lanes {
		if l.busy || l.taken >= len(l.items) || l.items[l.taken] != it {
			return false
		}
	}
	return true
}

// timed are items by the time that they wait for.
type timed []*item

var _ heap.Interface = (*timed)(nil)

// Len implements heap.Interface.
func (t timed) Len() int { return len(t) }

// Less implements heap.Interface.
func (t timed) Less(i, j int) bool { return t[i].nextAt.Before(t[j].nextAt) }

// Swap implements heap.Interface.
func (t timed) Swap(i, j int) { t[i], t[j] = t[j], t[i] }

// Push implements heap.Interface.
func (t *timed) Push(x any) { *t = append(*t, x.(*item)) }

// Pop implements heap.Interface.
func (t *timed) Pop() any {
	old := *t
	it := old[len(old)-1]
	*t = old[:len(old)-1]
	return it
}
