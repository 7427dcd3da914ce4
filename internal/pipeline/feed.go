package pipeline

import (
	"context"
	"sync"

	"github.com/debrief-dev/debrief/internal/event"
)

// Item is one thing that the live feed tells: exactly one of Event, Rejection and Missed is set.
type Item struct {
	// Seq numbers events and rejections in the order of storing, from 1 at each start of the process.
	Seq       uint64
	Event     *event.Event // without its raw call; shared, not to be changed
	Rejection *Rejection   // shared, not to be changed
	// Missed is how many items before this one the subscriber was too slow for.
	Missed uint64
}

// feed tells subscribers what was stored. It never waits for them.
type feed struct {
	mu   sync.Mutex
	seq  uint64
	subs map[*subscriber]struct{}
}

type subscriber struct {
	items  chan Item
	missed uint64
}

// Subscribe returns what is stored and refused from now on, once it is; duplicates are left out. Up
// to buffer items (at least one) wait for the receiver; what comes then is counted and told as Missed.
// The channel is closed when ctx ends.
func (p *Pipeline) Subscribe(ctx context.Context, buffer int) <-chan Item {
	s := &subscriber{items: make(chan Item, max(1, buffer))}
	f := &p.feed
	f.mu.Lock()
	if f.subs == nil {
		f.subs = map[*subscriber]struct{}{}
	}
	f.subs[s] = struct{}{}
	f.mu.Unlock()
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, s)
		close(s.items)
	})
	return s.items
}

// Publish tells subscribers of rows that were stored by another way: those that were derived later.
func (p *Pipeline) Publish(rows []*event.Event) {
	p.feed.mu.Lock()
	defer p.feed.mu.Unlock()
	for _, e := range rows {
		p.feed.tellEvent(e)
	}
}

// publish tells what a batch brought. duplicates are indexes of its puts, ascending.
func (f *feed) publish(b *batch, duplicates []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := 0
	for i, e := range b.puts {
		if next < len(duplicates) && duplicates[next] == i {
			next++
			continue
		}
		f.tellEvent(e)
	}
	for i := range b.rejections {
		f.tell(func() Item {
			shared := b.rejections[i]
			return Item{Rejection: &shared}
		})
	}
}

// tellEvent tells of a row, whose memory may be used again.
func (f *feed) tellEvent(e *event.Event) {
	f.tell(func() Item {
		shared := *e
		shared.Raw = nil
		return Item{Event: &shared}
	})
}

// tell numbers an item and gives it to the subscribers that have room; it is made only if one has.
func (f *feed) tell(make func() Item) {
	f.seq++
	var item Item
	made := false
	for s := range f.subs {
		if !s.room() {
			s.missed++
			continue
		}
		if !made {
			item, made = make(), true
			item.Seq = f.seq
		}
		s.items <- item
	}
}

// room reports whether the subscriber can take an item, after telling it what it missed.
func (s *subscriber) room() bool {
	if s.missed > 0 && len(s.items) < cap(s.items) {
		s.items <- Item{Missed: s.missed}
		s.missed = 0
	}
	return len(s.items) < cap(s.items)
}
