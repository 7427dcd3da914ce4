package deliver

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// load takes what waits in hand, trying until it can be read or ctx ends.
func (c *courier) load(ctx context.Context) bool {
	for {
		c.more = true
		if c.takeWaiting(ctx) {
			return true
		}
		if !pause(ctx, followPause) {
			return false
		}
	}
}

// takeWaiting takes parked calls in hand, as many as there is room for.
func (c *courier) takeWaiting(ctx context.Context) bool {
	except := make([]int64, 0, len(c.waiting)+len(c.unpark))
	for id := range c.waiting {
		except = append(except, id)
	}
	except = append(except, c.unpark...)
	limit := max(1, c.config.Window-c.items)
	calls, err := c.config.Meta.WaitingCalls(ctx, c.id, except, limit)
	if err != nil {
		if ctx.Err() == nil {
			c.config.Logger.Error("waiting calls cannot be read", slog.String("destination", c.id), slog.Any("error", err))
		}
		return false
	}
	c.more = len(calls) == limit
	acceptor := c.deliver.acceptor()
	for i := range calls {
		p := &calls[i]
		call, err := acceptor.restore(p)
		if err != nil {
			c.config.Logger.Error("waiting call cannot be read", slog.String("destination", c.id), slog.Any("error", err))
			p.Dead, p.Code, p.Reason, p.NextAt = true, "unreadable", "the call that was kept cannot be read", c.config.Now()
			c.dead = append(c.dead, &item{accepted: &accepted{row: &event.Event{ID: p.EventID}}, parked: p, attempts: p.Attempts, code: p.Code, reason: p.Reason, nextAt: p.NextAt})
			c.unsaved = true
			continue
		}
		it := newItem(call, p.Log, p.Position, c.ordered)
		it.parked, it.attempts, it.firstAt, it.nextAt, it.code, it.reason = p, p.Attempts, p.FirstAt, p.NextAt, p.Code, p.Reason
		it.outages = c.breaker.total(c.config.Now())
		c.waiting[p.ID] = it
		c.enter(it)
	}
	return true
}

// restore reads a parked call. It was accepted once, and is not judged again but for what the plan omits.
func (a *acceptor) restore(p *metastore.ParkedCall) (*accepted, error) {
	request, err := event.DecodeRequest(p.Request)
	if err != nil {
		return nil, err
	}
	if len(request.Calls) != 1 {
		return nil, fmt.Errorf("parked call %s is %d calls", p.EventID, len(request.Calls))
	}
	call, _, err := a.call(&request, 0, p.Position, false)
	if err != nil {
		return nil, err
	}
	call.place = p.Place
	return call, nil
}

// start starts the feeds.
func (c *courier) start(ctx context.Context, feeds *sync.WaitGroup) {
	for i, s := range c.streams {
		l := &c.config.Logs[i]
		from := c.deliver.keeper.at(l.Name, c.id)
		skip, err := c.config.Meta.ParkedPlaces(ctx, c.id, l.Name, uint64(from))
		if err != nil && ctx.Err() == nil {
			// They are delivered twice then, which is allowed.
			c.config.Logger.Error("parked calls cannot be read", slog.String("destination", c.id), slog.Any("error", err))
		}
		f := &feed{courier: c, stream: s, acceptor: c.deliver.acceptor(), skip: skip}
		feeds.Go(func() { f.follow(ctx, l, from) })
	}
	if c.config.Store == nil {
		return
	}
	backfills, err := c.config.Meta.Backfills(ctx, c.id)
	if err != nil && ctx.Err() == nil {
		c.config.Logger.Error("backfills cannot be read", slog.String("destination", c.id), slog.Any("error", err))
	}
	for _, b := range backfills {
		if b.State != "running" {
			continue
		}
		s := &stream{name: fmt.Sprintf("backfill %d", b.ID), backfill: b.ID}
		c.streams = append(c.streams, s)
		f := &feed{courier: c, stream: s, acceptor: c.deliver.acceptor()}
		if b.Computed {
			feeds.Go(func() { f.computed(ctx, b) })
			continue
		}
		feeds.Go(func() { f.backfill(ctx, b) })
	}
}
