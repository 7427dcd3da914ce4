package deliver

import (
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// dispatch sends what may be sent now.
func (c *courier) dispatch(ctx context.Context) {
	now := c.config.Now()
	for len(c.timed) > 0 && !c.timed[0].nextAt.After(now) {
		it := heap.Pop(&c.timed).(*item)
		it.timed = false
		c.offer(it)
	}
	for c.sending < c.batch.Parallel && len(c.ready) > 0 && !c.breaker.free.After(now) {
		if c.breaker.probing() && c.sending > 0 {
			return
		}
		if c.gathering(now) {
			return
		}
		items := c.take(now)
		if len(items) == 0 {
			return
		}
		c.sending++
		c.flying += len(items)
		go c.send(ctx, items)
	}
}

// gathering reports whether a batch waits for more calls. Those that stand behind others of their person count: they
// go with them.
func (c *courier) gathering(now time.Time) bool {
	return c.items-c.flying-len(c.timed) < c.batch.Messages && now.Sub(c.began) < c.batch.Wait
}

// take makes a batch of ready items, with those that follow them.
func (c *courier) take(now time.Time) []*item {
	var batch []*item
	size := 0
	for len(c.ready) > 0 && len(batch) < c.batch.Messages {
		it := c.ready[0]
		if !it.next() { // another of its lanes is busy by now; it is offered again
			it.queued = false
			c.ready = c.ready[1:]
			continue
		}
		if size += it.size; len(batch) > 0 && size > c.batch.Bytes {
			break
		}
		c.ready, c.ready[0] = c.ready[1:], nil
		it.queued = false
		batch = append(batch, it)
		for _, l := range it.lanes {
			l.taken++
		}
		for _, l := range it.lanes {
			if l.taken < len(l.items) && !l.items[l.taken].nextAt.After(now) {
				c.offer(l.items[l.taken])
			}
		}
	}
	for _, it := range batch {
		if it.attempts++; it.attempts == 1 {
			it.firstAt, it.outages = now, c.breaker.total(now)
		}
		for _, l := range it.lanes {
			l.busy = true
		}
	}
	c.began = now
	return batch
}

// send prepares messages, sends them, and hands the results back. Functions have limits of their own; sending has
// SendTimeout.
func (c *courier) send(ctx context.Context, items []*item) {
	s := &sent{items: items, results: make([]destination.Result, len(items)), dropped: make([]bool, len(items))}
	begin := time.Now()
	if messages, at := c.messages(ctx, s); len(messages) > 0 {
		for i, r := range c.handOver(ctx, messages) {
			s.results[at[i]] = r
		}
	}
	s.took, s.cut = time.Since(begin), ctx.Err() != nil
	c.results <- s
}

// messages prepares those of a batch; at has the item of each. What stands behind a call that is to be tried
// again waits for it, whatever functions made of it: they run once more.
func (c *courier) messages(ctx context.Context, s *sent) (messages []destination.Message, at []int) {
	calls := make([]json.RawMessage, len(s.items))
	for i, it := range s.items {
		calls[i] = it.call
	}
	blocked := map[*lane]bool{}
	for i, p := range c.preparer.prepare(ctx, calls) {
		it := s.items[i]
		switch {
		case follows(it, blocked):
			s.results[i].Err = errBehind
		case p.err != nil:
			if s.results[i].Err = p.err; !discarded(p.err) {
				block(it, blocked)
			}
		case p.call == nil:
			s.dropped[i] = true
		default:
			messages = append(messages, destination.Message{ID: it.row.ID, Call: p.call, Payload: p.payload, Event: it.row, Attempt: it.attempts})
			at = append(at, i)
		}
	}
	return messages, at
}

// errBehind is the result of what waits for another of its batch.
var errBehind = errors.New("waits for an earlier call of the same person")

func follows(it *item, blocked map[*lane]bool) bool {
	for _, l := range it.lanes {
		if blocked[l] {
			block(it, blocked)
			return true
		}
	}
	return false
}

func block(it *item, blocked map[*lane]bool) {
	for _, l := range it.lanes {
		blocked[l] = true
	}
}

func discarded(err error) bool {
	var d *destination.Discarded
	return errors.As(err, &d)
}

// handOver calls the sender. That one panics, or breaks its contract, is a fault of one destination.
func (c *courier) handOver(ctx context.Context, messages []destination.Message) (results []destination.Result) {
	defer func() {
		if r := recover(); r != nil { // its value may quote a call
			c.config.Logger.Error("destination panics", slog.String("destination", c.id), slog.String("with", fmt.Sprintf("%T", r)))
			results = destination.All(len(messages), destination.Result{Err: errors.New("the destination's code failed")})
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.config.SendTimeout)
	defer cancel()
	results = c.sender.Send(ctx, messages)
	if len(results) != len(messages) {
		results = destination.All(len(messages), destination.Result{Err: errors.New("the destination's code answered for another number of messages")})
	}
	return results
}

// settle notes what became of a batch.
func (c *courier) settle(s *sent) {
	now := c.config.Now()
	c.sending--
	c.flying -= len(s.items)
	c.unsaved = true
	lanes := map[*lane]bool{}
	for _, it := range s.items {
		for _, l := range it.lanes {
			lanes[l] = true
			l.taken, l.busy = 0, false
		}
	}
	answered, news := false, false
	for i, it := range s.items {
		r := &s.results[i]
		switch err := r.Err; {
		case s.dropped[i]:
			c.health.count(stepDropped, "", 1)
			c.finish(it)
		case err == nil:
			answered = true
			c.health.delivered(now.Sub(it.row.ReceivedAt))
			c.finish(it)
		case s.cut || errors.Is(err, errBehind):
			it.attempts--
		case discarded(err):
			answered = true
			var d *destination.Discarded
			errors.As(err, &d)
			c.giveUp(it, now, d.Code, d.Reason)
		default:
			unavailable := errors.Is(err, destination.ErrUnavailable)
			news = news || unavailable || it.attempts == 1
			if unavailable && r.RetryAfter > 0 {
				c.breaker.hold(now.Add(r.RetryAfter))
			}
			c.again(it, now, err, r.RetryAfter)
		}
	}
	c.health.sent(s.took)
	if !s.cut {
		c.heed(now, answered, news)
	}
	for _, it := range s.items { // in the order of the batch, so that it is kept
		if it.changed {
			c.offer(it)
		}
	}
	for l := range lanes {
		if len(l.items) > 0 {
			c.offer(l.items[0])
		}
	}
}

// heed lets the breaker know.
func (c *courier) heed(now time.Time, answered, news bool) {
	open := c.breaker.probing()
	switch {
	case answered:
		c.breaker.answered(now)
	case news || open:
		c.breaker.failed(now, news)
	}
	if open == c.breaker.probing() {
		return
	}
	if !open {
		c.config.Logger.Warn("destination is down", slog.String("destination", c.id))
		return
	}
	c.config.Logger.Info("destination works again", slog.String("destination", c.id))
	for _, it := range c.timed { // what waited for it need not wait on
		it.nextAt = now
	}
	heap.Init(&c.timed)
}

// finish takes out an item that is delivered or dropped.
func (c *courier) finish(it *item) {
	it.end = finished
	if it.parked != nil && it.parked.ID != 0 {
		delete(c.waiting, it.parked.ID)
		c.unpark = append(c.unpark, it.parked.ID)
	}
	c.leave(it)
	c.off(it)
}

// again has an item tried again later, or gives it up when it had its time.
func (c *courier) again(it *item, now time.Time, err error, retryAfter time.Duration) {
	code, reason := codeOf(err), c.clean(err.Error(), it)
	tried := now.Sub(it.firstAt) - (c.breaker.total(now) - it.outages)
	if tried >= c.rules.retry() && (c.breaker.spoke || !errors.Is(err, destination.ErrUnavailable)) {
		c.giveUp(it, now, "gave_up", reason)
		return
	}
	wait := c.config.Backoff << min(it.attempts-1, 20)
	if wait <= 0 || wait > c.config.MaxBackoff {
		wait = c.config.MaxBackoff
	}
	it.nextAt = now.Add(max(jitter(wait), retryAfter))
	it.code, it.reason, it.changed = code, reason, true
	c.health.count(stepRetried, code, 1)
	c.health.failed(Failure{At: now, EventID: it.row.ID, Event: it.row.SourceEvent, Code: code, Reason: reason, Attempt: it.attempts})
}

// giveUp puts an item among the dead ones.
func (c *courier) giveUp(it *item, now time.Time, code, reason string) {
	it.code, it.reason, it.nextAt = code, c.clean(reason, it), now
	c.health.count(stepDiscarded, code, 1)
	c.health.failed(Failure{At: now, EventID: it.row.ID, Event: it.row.SourceEvent, Code: code, Reason: it.reason, Attempt: it.attempts, GivenUp: true})
	if it.parked != nil && it.parked.ID != 0 {
		delete(c.waiting, it.parked.ID)
	}
	it.end = givenUp
	c.dead = append(c.dead, it)
	c.leave(it)
}
