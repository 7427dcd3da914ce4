package vocab

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// The bounds of what is believed of a client's clock.
const (
	// latency is the difference between the clocks up to which it is the network's, not the client's.
	// Correcting each request by it would put the messages of one conversation out of order.
	latency = 5 * time.Second
	// absurdSkew is the difference beyond which sentAt says nothing.
	absurdSkew = 365 * 24 * time.Hour
	// future is how far ahead of receipt a corrected time may lie.
	future = time.Hour
	// pastYears is how long before receipt a corrected time may lie.
	pastYears = 10
	// firstYear is the first year that is believed.
	firstYear = 2000
)

// parseTime reads a time: ISO 8601 with or without zone, or seconds or milliseconds since 1970. It
// returns the code of the repair that reading took, if any.
func parseTime(v Value) (t time.Time, repair string, ok bool) {
	s, _ := v.Text()
	if v.IsNumber() {
		t, ok = parseEpoch(s)
		return t, "numeric_timestamp", ok
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC(), "", true
	}
	s = strings.ToUpper(strings.TrimSpace(s))
	s, _, _ = strings.Cut(s, " (") // the zone's name, as JavaScript writes dates
	for _, l := range [...]struct{ layout, repair string }{
		{time.RFC3339Nano, ""},
		{"2006-01-02T15:04:05Z0700", ""},
		{"2006-01-02T15:04:05Z07", ""},
		{"2006-01-02T15:04Z07:00", ""},
		{"20060102T150405Z0700", ""},
		{"2006-01-02T15:04:05", "naive_timestamp"},
		{"2006-01-02T15:04", "naive_timestamp"},
		{"2006-01-02 15:04:05Z07:00", "loose_timestamp"},
		{"2006-01-02 15:04:05 Z07:00", "loose_timestamp"},
		{"2006-01-02 15:04:05 -0700 MST", "loose_timestamp"},
		{"2006-01-02 15:04:05", "loose_timestamp"},
		{"2006-01-02", "loose_timestamp"},
		{time.RFC1123, "loose_timestamp"},
		{"Mon Jan 02 2006 15:04:05 GMT-0700", "loose_timestamp"},
	} {
		if t, err := time.Parse(l.layout, s); err == nil {
			return t.UTC(), l.repair, true
		}
	}
	t, ok = parseEpoch(s)
	return t, "numeric_timestamp", ok
}

// parseEpoch reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told
// apart by size: in seconds, 1e11 is the year 5138.
func parseEpoch(s string) (time.Time, bool) {
	n, ok := ParseNumber(s)
	if !ok || math.Abs(n) >= 1e19 {
		return time.Time{}, false
	}
	micros := n
	switch abs := math.Abs(n); {
	case abs < 1e11:
		micros = n * 1e6
	case abs < 1e14:
		micros = n * 1e3
	case abs >= 1e17:
		micros = n / 1e3
	}
	return time.UnixMicro(int64(math.Round(micros))).UTC(), true
}

// ParseNumber reads text that is a finite JSON number, give or take blanks around it and a plus sign.
func ParseNumber(s string) (float64, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	if !jsonscan.IsNumber(s) {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// clocks is what is known of the time of a call.
type clocks struct {
	original time.Time // zero: not sent, unreadable, or the first instant of year 1
	sent     time.Time // zero: unknown
	received time.Time
	stale    bool // sentAt may be older than the sending
}

// corrected returns when the call happened, by the server's clock, and the code of the repair that
// this took, if any.
func (c clocks) corrected() (at time.Time, repair string) {
	if c.original.IsZero() {
		return c.received, ""
	}
	at = c.original
	if skew := c.received.Sub(c.sent); !c.sent.IsZero() && skew.Abs() <= absurdSkew && skew.Abs() > latency {
		if c.stale && skew > 0 {
			repair = "stale_sent_at"
		} else {
			at = at.Add(skew)
		}
	}
	switch {
	case at.After(c.received.Add(future)):
		return c.received, "future_timestamp"
	case at.Year() < firstYear || at.Before(c.received.AddDate(-pastYears, 0, 0)):
		return c.received, "implausible_timestamp"
	}
	return at, repair
}

// fillTimes sets the row's four times.
func (c *Call) fillTimes(timestamp, originalTimestamp Value) {
	e := c.Row
	v := timestamp
	if v.Absent() {
		v = originalTimestamp // RudderStack's name
	}
	clock := clocks{sent: e.SentAt, received: e.ReceivedAt}
	if !clock.sent.IsZero() && clock.received.Sub(clock.sent) > latency {
		clock.stale = c.raw.Retried || c.mobile()
	}
	c.clock = clock
	text, scalar := v.Text()
	c.timestamp = text
	if !v.Absent() && !(scalar && strings.TrimSpace(text) == "") {
		t, repair, ok := parseTime(v)
		switch {
		case !ok:
			c.Violation("invalid_timestamp")
		case repair != "":
			c.Repair(repair, text, t.Format(time.RFC3339Nano))
		}
		if ok {
			e.OriginalAt = t.Truncate(time.Microsecond)
			clock.original = t
		}
		if ok && t.IsZero() { // what Go programs send for no time
			c.Repair("implausible_timestamp", text, e.ReceivedAt.Format(time.RFC3339Nano))
		}
	}
	at, repair := clock.corrected()
	e.OccurredAt = at.UTC().Truncate(time.Microsecond)
	if repair != "" {
		c.Repair(repair, clock.original.Format(time.RFC3339Nano), e.OccurredAt.Format(time.RFC3339Nano))
	}
}

// At returns when a part of the call happened that has a time of its own: text as clients write times,
// moved as the call's own time was by what its clock is off. It is the call's time where text says none
// that can be believed.
func (c *Call) At(text string) time.Time {
	e := c.Row
	t, _, ok := parseTime(Value{text: string(jsonscan.AppendQuoted(nil, text)), escaped: true})
	if !ok || t.IsZero() {
		return e.OccurredAt
	}
	clock := c.clock
	clock.original = t
	at, repair := clock.corrected()
	if repair != "" && repair != "stale_sent_at" {
		return e.OccurredAt
	}
	return at.UTC().Truncate(time.Microsecond)
}

// mobile reports whether the call came through a library that writes sentAt when it closes the file
// of a batch, which may be long before it sends it.
func (c *Call) mobile() bool {
	m := c.ctx.find("library")
	if m == nil || !m.value.IsObject() {
		return false
	}
	var library object
	if library.parse(&c.scan, m.value.text) != nil {
		return false
	}
	name := library.find("name")
	if name == nil {
		return false
	}
	s, _ := name.value.Text()
	s = strings.ToLower(s)
	for _, mobile := range [...]string{"kotlin", "swift", "csharp", "analytics-ios", "analytics-android", "react-native"} {
		if strings.Contains(s, mobile) {
			return true
		}
	}
	return false
}
