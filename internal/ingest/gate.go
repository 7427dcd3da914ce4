package ingest

import "sync/atomic"

// Gate bounds what is in the door at one time. Requests beyond it are refused before their body is read,
// so that pressure costs little.
type Gate struct {
	maxRequests, maxBytes int64
	requests, bytes       atomic.Int64
}

// NewGate returns a gate with the in-flight bounds of l, which has its defaults.
func NewGate(l Limits) *Gate {
	return &Gate{maxRequests: int64(l.InFlightRequests), maxBytes: l.InFlightBytes}
}

// Requests returns the requests inside.
func (g *Gate) Requests() int64 { return g.requests.Load() }

// Bytes returns the bytes of bodies inside, as announced or as read.
func (g *Gate) Bytes() int64 { return g.bytes.Load() }

// Enter lets a request in that announces a body of size bytes, and reports whether there is room. A
// request let in must Leave.
func (g *Gate) Enter(size int64) (Ticket, bool) {
	t := Ticket{gate: g}
	if g.requests.Add(1) > g.maxRequests {
		g.requests.Add(-1)
		return Ticket{}, false
	}
	if !t.Hold(size) {
		g.requests.Add(-1)
		return Ticket{}, false
	}
	return t, true
}

// Ticket is a request's place inside a gate.
type Ticket struct {
	gate *Gate
	held int64
}

// Hold raises the bytes that the request holds to size, and reports whether there is room.
func (t *Ticket) Hold(size int64) bool {
	more := size - t.held
	if more <= 0 {
		return true
	}
	if t.gate.bytes.Add(more) > t.gate.maxBytes {
		t.gate.bytes.Add(-more)
		return false
	}
	t.held = size
	return true
}

// Leave gives the place back.
func (t *Ticket) Leave() {
	t.gate.bytes.Add(-t.held)
	t.gate.requests.Add(-1)
	t.held = 0
}
