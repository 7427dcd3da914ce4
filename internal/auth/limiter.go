package auth

import (
	"sync"
	"time"
)

// Guessing is bounded for each address and for each account: a burst of attempts, then one every
// refill. An account's bound is larger, so that a stranger cannot easily lock its owner out.
const (
	addressBurst = 10
	accountBurst = 30
	refill       = 12 * time.Second
	// maxTracked bounds memory. When it is reached, all are forgotten: filling it takes as many
	// addresses, and then their attempts are worth more than what is forgotten.
	maxTracked = 50_000
)

// limiter counts attempts in buckets that leak.
type limiter struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]time.Time // when the bucket will be empty
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, buckets: map[string]time.Time{}}
}

// allow notes an attempt and reports whether it is within the burst.
func (l *limiter) allow(key string, burst int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.buckets) >= maxTracked {
		l.sweep(now)
	}
	empty := l.buckets[key]
	if empty.Before(now) {
		empty = now
	}
	if empty.Sub(now) > time.Duration(burst-1)*refill {
		return false
	}
	l.buckets[key] = empty.Add(refill)
	return true
}

// sweep forgets empty buckets, or all if none is empty.
func (l *limiter) sweep(now time.Time) {
	for key, empty := range l.buckets {
		if empty.Before(now) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxTracked {
		clear(l.buckets)
	}
}

// forgive forgets the attempts of a key.
func (l *limiter) forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.buckets, key)
}
