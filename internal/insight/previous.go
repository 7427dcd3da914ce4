package insight

import (
	"errors"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

var errOpenRange = errors.New("comparing needs a range with from and until")

// previous returns the range directly before r that it is compared with. Whole months are compared
// with as many whole months and whole days with as many whole days, by the calendar of loc, so that
// neither a short month nor a change of clocks shifts it; all else with the same length of time.
func previous(r query.Range, loc *time.Location) (query.Range, error) {
	if r.From.IsZero() || r.Until.IsZero() {
		return query.Range{}, errOpenRange
	}
	from, until := r.From.In(loc), r.Until.In(loc)
	before := query.Range{From: r.From.Add(-r.Until.Sub(r.From)), Until: r.From}
	if !startsDay(from) || !startsDay(until) {
		return before, nil
	}
	fy, fm, fd := from.Date()
	uy, um, ud := until.Date()
	if months := (uy-fy)*12 + int(um-fm); fd == 1 && ud == 1 && months > 0 {
		before.From = query.Bucket(time.Date(fy, fm-time.Month(months), 1, 12, 0, 0, 0, loc), query.Day, loc, time.Monday)
		return before, nil
	}
	noon := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, time.UTC) }
	days := int(noon(uy, um, ud).Sub(noon(fy, fm, fd)).Hours() / 24)
	before.From = query.Bucket(time.Date(fy, fm, fd-days, 12, 0, 0, 0, loc), query.Day, loc, time.Monday)
	return before, nil
}

// halves parts a range in two: at the beginning of a day, by the calendar of loc, where it has two days at least.
func halves(r query.Range, loc *time.Location) [2]query.Range {
	middle := r.From.Add(r.Until.Sub(r.From) / 2)
	// A change of clocks moves the middle by half an hour from the beginning of a day.
	if day := query.Bucket(middle.Add(time.Hour).In(loc), query.Day, loc, time.Monday); day.After(r.From) {
		middle = day
	}
	return [2]query.Range{{From: r.From, Until: middle}, {From: middle, Until: r.Until}}
}

// startsDay reports whether t is the first instant of its day.
func startsDay(t time.Time) bool {
	return query.Bucket(t, query.Day, t.Location(), time.Monday).Equal(t)
}
