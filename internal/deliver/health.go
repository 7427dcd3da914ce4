package deliver

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// Steps that calls take at a destination, as they are counted.
const (
	stepReceived  = "received"  // read from a log or the store
	stepFiltered  = "filtered"  // not for this destination
	stepDuplicate = "duplicate" // repeated by a client
	stepDropped   = "dropped"   // by a function
	stepRetried   = "retried"   // attempts that failed and will be repeated, by code
	stepDiscarded = "discarded" // given up, by code
	stepDelivered = "delivered"
	stepLost      = "lost" // cut off a log that is not stored, by code
)

// Failure is a failed attempt, without anything of the call but its name.
type Failure struct {
	At      time.Time
	EventID string
	Event   string // name, or call type
	Code    string
	Reason  string
	Attempt int
	GivenUp bool
}

// Kept of each courier: failures, and samples of its latency.
const (
	keptFailures = 50
	keptSamples  = 1000
)

// counted is what a feed tells its courier.
type counted struct {
	step   string
	behind *stream // set when is changes
	is     bool
}

type stepKey struct {
	hour       int64
	step, code string
}

// health is what a courier counts.
type health struct {
	now      func() time.Time
	metrics  *metrics.Set
	id       string
	counts   map[stepKey]int64 // since progress was stored
	failures []Failure         // newest last
	latency  ring              // from receipt to delivery
	took     ring              // of sends
	last     time.Time         // of a delivery
}

func (h *health) count(step, code string, n int64) {
	if n == 0 {
		return
	}
	if h.counts == nil {
		h.counts = map[stepKey]int64{}
	}
	h.counts[stepKey{h.now().Truncate(time.Hour).UnixMicro(), step, code}] += n
	h.metrics.GetOrCreateCounter(fmt.Sprintf("debrief_deliveries_total{destination=%q,step=%q}", h.id, step)).Add(int(n))
}

func (h *health) delivered(after time.Duration) {
	h.count(stepDelivered, "", 1)
	h.latency.add(max(0, after))
	h.last = h.now()
}

func (h *health) sent(took time.Duration) { h.took.add(took) }

func (h *health) failed(f Failure) {
	if len(h.failures) == keptFailures {
		h.failures = slices.Delete(h.failures, 0, 1)
	}
	h.failures = append(h.failures, f)
}

// take returns the counts, to be stored.
func (h *health) take() []metastore.DeliveryCount {
	out := make([]metastore.DeliveryCount, 0, len(h.counts))
	for key, n := range h.counts {
		out = append(out, metastore.DeliveryCount{Hour: time.UnixMicro(key.hour).UTC(), Step: key.step, Code: key.code, N: n})
	}
	h.counts = nil
	return out
}

// giveBack takes counts back that could not be stored.
func (h *health) giveBack(counts []metastore.DeliveryCount) {
	before := h.counts
	h.counts = map[stepKey]int64{}
	maps.Copy(h.counts, before)
	for _, c := range counts {
		h.counts[stepKey{c.Hour.UnixMicro(), c.Step, c.Code}] += c.N
	}
}

// ring keeps the newest samples.
type ring struct {
	samples []time.Duration
	next    int
}

func (r *ring) add(d time.Duration) {
	if len(r.samples) < keptSamples {
		r.samples = append(r.samples, d)
		return
	}
	r.samples[r.next] = d
	r.next = (r.next + 1) % keptSamples
}

// quantile is the nearest rank; 0 without samples.
func (r *ring) quantile(q float64) time.Duration {
	if len(r.samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.samples))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// Status is how a destination is doing now.
type Status struct {
	// State is paused, working, down (its breaker is open, or it asked to be left alone), or invalid: it cannot
	// be opened, for the reason in Problem.
	State   string
	Problem string
	// Waiting are the calls that wait for another try, Dead those given up, InHand those read and not delivered.
	Waiting, Dead int64
	InHand        int
	// Lost are calls of the last 30 days that were cut off a log while they waited, the last in the hour LostAt.
	Lost   int64
	LostAt time.Time
	// Oldest is when the oldest call in hand was received; zero: there is none.
	Oldest time.Time
	// CatchingUp says that the log has no longer what comes next: it is read from the event store.
	CatchingUp bool
	// NextTry is when a destination that is down is asked again.
	NextTry      time.Time
	LastDelivery time.Time // of this run of the server
	// From receipt to delivery, of the last 1,000 deliveries of this run, and how long a Send took.
	LatencyP50, LatencyP95, SendP50, SendP95 time.Duration
	Failures                                 []Failure // the newest first
}

// States of a destination.
const (
	StatePaused  = "paused"
	StateWorking = "working"
	StateDown    = "down"
	StateInvalid = "invalid"
)

// status is asked in the courier's goroutine.
func (c *courier) status() Status {
	now := c.config.Now()
	s := Status{State: StateWorking, InHand: c.items, LastDelivery: c.health.last}
	if c.breaker.probing() || c.breaker.free.After(now) {
		s.State, s.NextTry = StateDown, c.breaker.free
	}
	older := func(it *item) {
		if at := it.row.ReceivedAt; s.Oldest.IsZero() || at.Before(s.Oldest) {
			s.Oldest = at
		}
	}
	for _, stream := range c.streams {
		s.CatchingUp = s.CatchingUp || stream.behind
		if len(stream.chunks) > 0 {
			for _, it := range stream.chunks[0].items {
				if it.chunk != nil {
					older(it)
				}
			}
		}
	}
	for _, it := range c.waiting {
		older(it)
	}
	s.LatencyP50, s.LatencyP95 = c.health.latency.quantile(0.5), c.health.latency.quantile(0.95)
	s.SendP50, s.SendP95 = c.health.took.quantile(0.5), c.health.took.quantile(0.95)
	s.Failures = slices.Clone(c.health.failures)
	slices.Reverse(s.Failures)
	return s
}

// count notes what a feed tells.
func (c *courier) count(n counted) {
	if n.behind != nil {
		n.behind.behind = n.is
		return
	}
	c.health.count(stepReceived, "", 1)
	c.health.count(n.step, "", 1)
	c.unsaved = true
}
