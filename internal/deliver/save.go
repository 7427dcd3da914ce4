package deliver

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// saving is progress on its way to the metadata store. Deliveries go on meanwhile: a disk may take its time.
type saving struct {
	delivery metastore.Delivery
	parked   []*item // of delivery.Park, in its order: the dead first
	dead     int     // how many of them are dead
	done     map[*stream]*chunk
	err      error
}

// saveTimeout bounds one write of progress.
const saveTimeout = 30 * time.Second

// save begins to store progress, unless that is under way.
func (c *courier) save() {
	if c.saving {
		return
	}
	c.stored, c.unsaved = c.config.Now(), false
	s := &saving{done: map[*stream]*chunk{}}
	s.delivery = metastore.Delivery{Destination: c.id, Cursors: map[string]uint64{}, Unpark: c.unpark, Counts: c.health.take()}
	c.unpark = nil
	for _, stream := range c.streams {
		done := stream.done
		if done == nil {
			continue
		}
		s.done[stream], stream.done = done, nil
		if stream.backfill != 0 {
			s.delivery.Backfills = append(s.delivery.Backfills, metastore.BackfillProgress{ID: stream.backfill, Done: done.seen, Cursor: done.cursor, Finished: done.last})
		} else {
			s.delivery.Cursors[stream.name] = done.position
		}
	}
	s.parked, s.dead, c.dead = c.dead, len(c.dead), nil
	s.parked = append(slices.Clip(s.parked), c.toPark()...)
	down := c.breaker.total(c.stored)
	for i, it := range s.parked {
		it.changed = false
		s.delivery.Park = append(s.delivery.Park, it.park(i < s.dead, down))
	}
	c.saving = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
		defer cancel()
		s.err = c.config.Meta.AddDelivery(ctx, &s.delivery)
		c.saved <- s
	}()
}

// settled goes on from progress that is stored, or takes it back.
func (c *courier) settled(s *saving) {
	c.saving = false
	if s.err != nil {
		c.takeBack(s)
		return
	}
	for log, position := range s.delivery.Cursors {
		c.deliver.keeper.moved(c.id, log, eventlog.Position(position))
	}
	for i, it := range s.parked {
		it.parked.ID = s.delivery.Park[i].ID
		switch {
		case it.end == finished:
			c.unpark, c.unsaved = append(c.unpark, it.parked.ID), true
		case it.end == inHand:
			c.waiting[it.parked.ID] = it
		}
		c.off(it)
	}
}

// takeBack has progress stored next time that could not be.
func (c *courier) takeBack(s *saving) {
	c.config.Logger.Error("progress of a destination cannot be stored", slog.String("destination", c.id), slog.Any("error", s.err))
	c.health.giveBack(s.delivery.Counts)
	c.unpark = append(s.delivery.Unpark, c.unpark...)
	c.dead = append(slices.Clip(s.parked[:s.dead]), c.dead...)
	for _, it := range s.parked[s.dead:] {
		it.changed = it.end == inHand
	}
	for stream, done := range s.done {
		if stream.done == nil {
			stream.done = done
		}
	}
	c.unsaved = true
}

// toPark are the items that have failed for a while, and those that wait behind them: the cursor need not wait for
// them. While the place is down it may as well: there is nothing to pass them for.
func (c *courier) toPark() []*item {
	var out []*item
	chosen := map[*item]bool{}
	choose := func(it *item) {
		stored := it.parked != nil && it.parked.ID != 0
		if !chosen[it] && (it.changed || !stored) && (stored || !c.breaker.probing()) {
			chosen[it] = true
			out = append(out, it)
		}
	}
	for _, it := range c.timed {
		if it.attempts < tripAfter && it.parked == nil {
			continue
		}
		choose(it)
		for _, l := range it.lanes {
			for _, behind := range l.items {
				choose(behind)
			}
		}
	}
	return out
}
