package duckstore

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// DuckDB has time zones of its own, but their data may be of another year than Go's, and the contract
// is query.Bucket. So the offsets of the zone are taken from Go, written into the statement for the
// span that matters, and buckets are found by arithmetic: as fast, and equal by construction.

// offset is the zone's distance from UTC at the instant of a column, in microseconds, as SQL; "" for none.
func (c *compiler) offset(column string, in span) (string, error) {
	if c.zone == time.UTC {
		return "", nil
	}
	if in.from == math.MinInt64 || in.until == math.MaxInt64 {
		whole, err := c.dataSpan()
		if err != nil {
			return "", err
		}
		in = in.meet(whole)
	}
	var b strings.Builder
	b.WriteString("CASE")
	at := time.UnixMicro(in.from).In(c.zone)
	for {
		_, seconds := at.Zone()
		_, end := at.ZoneBounds()
		if end.IsZero() || end.UnixMicro() >= in.until {
			if b.Len() == len("CASE") {
				if seconds == 0 {
					return "", nil
				}
				return fmt.Sprintf("(%d)", int64(seconds)*1e6), nil
			}
			fmt.Fprintf(&b, " ELSE %d END", int64(seconds)*1e6)
			return b.String(), nil
		}
		fmt.Fprintf(&b, " WHEN %s < %s THEN %d", column, timestamp(end.UnixMicro()), int64(seconds)*1e6)
		at = end
	}
}

// dataSpan is where all events and roll-ups lie.
func (c *compiler) dataSpan() (span, error) {
	if c.data != nil {
		return *c.data, nil
	}
	found, ok, err := c.bounds("SELECT epoch_us(min(occurred_at)), epoch_us(max(occurred_at)) FROM " +
		c.v.manifest.parts([]string{"occurred_at"}, everything(), ""))
	if err != nil {
		return span{}, err
	}
	if !ok {
		found = span{0, 1}
	}
	c.data = &found
	return found, nil
}

// local is a column's instant on the zone's clock.
func (c *compiler) local(column string, in span) (string, error) {
	offset, err := c.offset(column, in)
	if err != nil || offset == "" {
		return column, err
	}
	return "(" + column + " + to_microseconds(" + offset + "))", nil
}

// bucket is the number of the bucket that a column's instant is in: of hours the start in Unix
// microseconds, of other periods the date of the first day, as if it were in UTC. bucketStart reads it.
func (c *compiler) bucket(column string, in span) (string, error) {
	if c.period == query.All {
		return "0", nil
	}
	local, err := c.local(column, in)
	if err != nil {
		return "", err
	}
	number := func(unit, of string) string {
		return fmt.Sprintf("epoch_us(date_trunc('%s', %s)::TIMESTAMP)", unit, of)
	}
	switch c.period {
	case query.Hour:
		offset, err := c.offset(column, in)
		if err != nil || offset == "" {
			return number("hour", local), err
		}
		return number("hour", local) + " - " + offset, nil
	case query.Week: // DuckDB's start on Monday
		shift := (int64(c.weekStart) - int64(time.Monday)) * 24 * int64(time.Hour/time.Microsecond)
		if shift == 0 {
			return number("week", local), nil
		}
		return fmt.Sprintf("%s + %d", number("week", fmt.Sprintf("(%s - to_microseconds(%d))", local, shift)), shift), nil
	}
	return number(string(c.period), local), nil
}

// bucketStart is the instant that a bucket of bucket starts with.
func (c *compiler) bucketStart(number int64) time.Time {
	switch c.period {
	case query.All:
		return time.Time{}
	case query.Hour:
		return time.UnixMicro(number).UTC()
	}
	y, m, d := time.UnixMicro(number).UTC().Date()
	return query.StartOfDay(y, m, d, c.zone).UTC()
}
