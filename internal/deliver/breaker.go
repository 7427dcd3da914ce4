package deliver

import "time"

// tripAfter is how many sends in a row must tell that the place is down.
const tripAfter = 5

// breaker keeps a courier from knocking at a place that is down. While it is open one batch is sent now and then;
// the time that it is open is taken off what calls have for being tried again.
type breaker struct {
	backoff, most time.Duration

	streak int       // of sends that failed, with news of the place
	trips  int       // since the place answered; 0: closed
	free   time.Time // nothing is sent before
	spoke  bool      // the place has answered since the server began
	opened time.Time
	outage time.Duration // of outages that are over
}

// probing reports whether one batch at a time is sent, to find out.
func (b *breaker) probing() bool { return b.trips > 0 }

// answered says that the place took a message, or refused it for good.
func (b *breaker) answered(now time.Time) {
	b.streak, b.spoke = 0, true
	if b.trips > 0 {
		b.outage += now.Sub(b.opened)
		b.trips, b.free = 0, time.Time{}
	}
}

// failed says that a send failed. It is news of the place if it was unavailable, or if some message was tried for
// the first time: a message that fails again and again tells of itself alone.
func (b *breaker) failed(now time.Time, news bool) {
	if !news && b.trips == 0 {
		return
	}
	if b.streak++; b.streak < tripAfter {
		return
	}
	if b.trips == 0 {
		b.opened = now
	}
	wait := b.backoff << min(b.trips, 20)
	if wait <= 0 || wait > b.most {
		wait = b.most
	}
	b.trips++
	b.hold(now.Add(jitter(wait)))
}

// hold sends nothing before a time.
func (b *breaker) hold(until time.Time) {
	if until.After(b.free) {
		b.free = until
	}
}

// total is how long the place was down altogether.
func (b *breaker) total(now time.Time) time.Duration {
	if b.trips > 0 {
		return b.outage + now.Sub(b.opened)
	}
	return b.outage
}
