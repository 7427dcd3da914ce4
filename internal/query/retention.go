package query

import (
	"fmt"
	"slices"
	"time"
)

// Retention asks who comes back: users or people by the period of their first event of a kind, and how many of
// them have another, period by period.
//
// The events of the question are the tracked events that pass Filter, whatever Range. The first event of a user
// or person is the first in conversation order of those that pass First; those whose first event is in Range
// are members of the cohort of its period. A member has returned after k periods if an event that passes Return,
// and is not earlier than the first event, lies in the k-th period after the cohort's, by the calendar of the
// zone: the first event itself makes one return after 0 periods if it passes Return too.
type Retention struct {
	Grain     Grain // Users or People
	Range     Range // of first events; open: all
	Zone      string
	WeekStart time.Weekday // as in Query: the zero value is Sunday
	Period    Period       // Day, Week or Month
	// Periods is how many periods after the cohort's are looked at, from 1 to MaxPeriods.
	Periods int
	Filter  *Filter // at the grain of events
	First   *Filter // at the grain of events; nil: any
	Return  *Filter // at the grain of events; nil: any
	// Breakdown groups members by fields of conversations: of the conversation of their first event. One whose
	// first event has none lacks the fields.
	Breakdown []string
	// Conversion as in Query.
	Conversion *Conversion
	// Limit bounds the groups, over all cohorts together, as in Query; the first measure is the members.
	Limit int
}

// MaxPeriods bounds the periods of a retention.
const MaxPeriods = 60

// RetentionResult answers a Retention. Cohorts are ordered by their start, then in the order of groups that
// Query.Limit describes; those without members are left out.
type RetentionResult struct {
	Cohorts []Cohort
	// Groups is the number of groups before Limit.
	Groups int
}

// Cohort is the members of one group whose first event lies in one period.
type Cohort struct {
	Start time.Time // of the period, as an instant
	Keys  []Key     // as Retention.Breakdown
	Size  int64
	// Returned is how many have returned after 0 … Periods periods. Whether a period is over yet, so that 0
	// means nobody, is for Over to say.
	Returned []int64
}

// Start is the instant that the k-th period after the one that starts at start begins with, by the calendar of
// the zone.
func (r *Retention) start(start time.Time, k int, loc *time.Location) time.Time {
	y, m, d := start.In(loc).Date()
	switch r.Period {
	case Day:
		d += k
	case Week:
		d += 7 * k
	case Month:
		m += time.Month(k)
	}
	y, m, d = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Date()
	return StartOfDay(y, m, d, loc)
}

// Begun reports whether the k-th period after a cohort's had begun at an instant, and whether it was over: only
// then is 0 returned members the last word. The zone is valid.
func (r *Retention) Begun(cohort time.Time, k int, at time.Time) (begun, over bool) {
	loc, err := LoadZone(r.Zone)
	if err != nil {
		panic("BUG: zone was not validated: " + err.Error())
	}
	return !at.Before(r.start(cohort, k, loc)), !at.Before(r.start(cohort, k+1, loc))
}

// PeriodsBetween is how many periods the one that starts at b lies after the one that starts at a.
func PeriodsBetween(a, b time.Time, p Period, loc *time.Location) int {
	ay, am, ad := a.In(loc).Date()
	by, bm, bd := b.In(loc).Date()
	if p == Month {
		return (by-ay)*12 + int(bm-am)
	}
	days := int(time.Date(by, bm, bd, 0, 0, 0, 0, time.UTC).Sub(time.Date(ay, am, ad, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	if p == Week {
		return days / 7
	}
	return days
}

// Validate reports all that is wrong with the question, joined; nil means that every engine answers it.
func (r *Retention) Validate() error {
	errs := scopeFaults(r.Zone, r.Range, r.Limit)
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if r.Grain != Users && r.Grain != People {
		add("no retention of %q; it is of users or people", r.Grain)
	}
	if !slices.Contains([]Period{Day, Week, Month}, r.Period) {
		add("unknown period %q; use day, week or month", r.Period)
	}
	if r.Periods < 1 || r.Periods > MaxPeriods {
		add("%d periods; there are from 1 to %d", r.Periods, MaxPeriods)
	}
	for _, f := range []struct {
		name string
		*Filter
	}{{"filter", r.Filter}, {"first", r.First}, {"return", r.Return}} {
		if err := f.Validate(Events); err != nil {
			add("%s: %w", f.name, err)
		}
	}
	for i, name := range r.Breakdown {
		if _, err := Resolve(Conversations, name); err != nil {
			add("breakdown: %w", err)
		}
		if slices.Contains(r.Breakdown[:i], name) {
			add("breakdown names %s twice", name)
		}
	}
	errs = append(errs, r.Conversion.validate())
	return joined(errs)
}
