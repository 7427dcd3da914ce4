package ingest

import (
	"sync"
	"sync/atomic"
	"time"
)

// Rate bounds the requests of each source: a bucket that holds one second's worth and fills steadily
// (the generic cell rate algorithm, so that a source is one number).
type Rate struct {
	interval time.Duration // between requests
	sources  sync.Map      // source id → *atomic.Int64: when the bucket is full again, in nanoseconds
}

// NewRate returns a bound of perSecond requests for each source; 0 is no bound.
func NewRate(perSecond int) *Rate {
	if perSecond <= 0 {
		return &Rate{}
	}
	return &Rate{interval: time.Second / time.Duration(perSecond)}
}

// Take counts a request of a source. It returns 0, or after how long to come back.
func (r *Rate) Take(source string, now time.Time) time.Duration {
	if r.interval == 0 {
		return 0
	}
	v, ok := r.sources.Load(source)
	if !ok {
		v, _ = r.sources.LoadOrStore(source, new(atomic.Int64))
	}
	full := v.(*atomic.Int64)
	for {
		old := full.Load()
		next := max(old, now.UnixNano()) + int64(r.interval)
		if wait := next - now.UnixNano() - int64(time.Second); wait > 0 {
			return time.Duration(wait)
		}
		if full.CompareAndSwap(old, next) {
			return 0
		}
	}
}
