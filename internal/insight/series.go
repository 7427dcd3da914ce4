package insight

import (
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// MaxBuckets bounds the buckets of a series: two years of hours.
const MaxBuckets = 17_600

// buckets makes the starts of all buckets that r touches; an open end is where the rows end. It returns
// none when an end is open and there are no rows.
func buckets(q *query.Query, rows []query.Row, loc *time.Location) ([]time.Time, error) {
	first, last := q.Range.From, q.Range.Until
	if first.IsZero() {
		if len(rows) == 0 {
			return nil, nil
		}
		first = rows[0].Start
	}
	if last.IsZero() {
		if len(rows) == 0 {
			return nil, nil
		}
		last = rows[len(rows)-1].Start
	} else {
		last = last.Add(-time.Microsecond)
	}
	var out []time.Time
	for t := query.Bucket(first, q.Period, loc, q.WeekStart); !t.After(last); t = nextBucket(t, q, loc) {
		if len(out) == MaxBuckets {
			return nil, fault("period", "%s cuts this range into more than %d buckets; narrow the range", q.Period, MaxBuckets)
		}
		out = append(out, t)
	}
	return out, nil
}

// nextBucket returns the start of the bucket after the one that starts at t: it steps a little over the
// length of the longest bucket of the period, and rounds down.
func nextBucket(t time.Time, q *query.Query, loc *time.Location) time.Time {
	step := map[query.Period]time.Duration{
		query.Hour:  time.Hour,
		query.Day:   26 * time.Hour,
		query.Week:  (7*24 + 2) * time.Hour,
		query.Month: (31*24 + 2) * time.Hour,
	}[q.Period]
	next := query.Bucket(t.Add(step), q.Period, loc, q.WeekStart)
	if !next.After(t) { // a clock set back by less than an hour
		return t.Add(step)
	}
	return next
}
