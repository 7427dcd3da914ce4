// Package query is the closed algebra in which every figure of Debrief is asked: measures over rows
// of one grain, filtered, broken down, cut into periods. Metrics, the HTTP API, the UI and exports
// are all written in it; an engine compiles it whole and answers nothing else, so that a new metric
// never touches an engine.
//
// The meaning given here is the law that eventstore/storetest holds engines to. Times in a question,
// as those in a store, count to the microsecond; what is finer is cut off.
package query

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Grain says what one row of a question is.
type Grain string

const (
	// Events asks of event rows. A row's time is occurred_at.
	Events Grain = "events"
	// Conversations asks of roll-ups, one row a conversation. A row's time is its "at"; its facts
	// cover the whole conversation, also what lies outside the range.
	Conversations Grain = "conversations"
	// Users asks of distinct user ids: one row for each user_id that has a tracked event among the
	// events that pass range and filters (an event's time decides). With a period, one row for each
	// user and bucket. Facts of the row are computed of those tracked events only, but first_seen_at,
	// which is the user's first tracked event of all.
	Users Grain = "users"
	// People is as Users, for resolved persons: user_id if present, else the one user_id linked to
	// the anonymous id, else the anonymous id itself, unless it was decided otherwise of the ids; package
	// eventstore says it in full.
	People Grain = "people"
)

// Period cuts rows into buckets by their time, in the question's zone.
type Period string

// The periods that a question can be cut by.
const (
	All   Period = "" // one bucket
	Hour  Period = "hour"
	Day   Period = "day"
	Week  Period = "week" // starts on Query.WeekStart
	Month Period = "month"
)

// Range is a half-open interval of instants. A zero bound is open.
type Range struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Contains reports whether t lies in [From, Until).
func (r Range) Contains(t time.Time) bool {
	return (r.From.IsZero() || !t.Before(r.From)) && (r.Until.IsZero() || t.Before(r.Until))
}

// Query is one question. The zero value of a field means what its comment says.
type Query struct {
	Grain  Grain  // required
	Range  Range  // open: all rows
	Zone   string // IANA name; "" means UTC
	Period Period // All: one bucket
	// WeekStart is the first day of a week. The zero value is Sunday: callers set Monday, the default of
	// a workspace, themselves.
	WeekStart time.Weekday

	// Filter selects rows by fields of the grain. At the grains of users and people it selects the
	// events that make the rows. Nil selects all.
	Filter *Filter

	// Breakdown groups rows by these fields, in order. A row that lacks a field goes to the group
	// whose key is absent. A set-valued field ([Set]) puts the row once under each of its values. At
	// the grain of conversations a field of events is set-valued: the conversation counts once under
	// each value that its tracked events carry. Several set-valued fields make every combination.
	// No field is named twice.
	Breakdown []string

	Measures []Measure // at least one; names distinct

	// Conversion gives the conversion fields of conversations their meaning. Nil: no conversation
	// has converted.
	Conversion *Conversion

	// Limit bounds the groups of a breakdown, over all periods together: groups are ordered by the
	// first measure's value over the rows of all buckets together, highest first, absent values last,
	// then by keys ascending (strings by their bytes, numbers and times by size, false before true),
	// absent keys last; the first Limit are answered. 0 means DefaultLimit.
	Limit int

	// Totals asks for Result.Total as well: what the question answers without its Period. It takes a grain of
	// events or conversations, and no Breakdown.
	Totals bool
}

// DefaultLimit is the number of groups that a question without a limit is answered with; MaxLimit
// is the most that one may ask for.
const (
	DefaultLimit = 1000
	MaxLimit     = 100_000
)

// Op is what a measure does with the rows of a group. Of a set-valued field, every value of every row
// is looked at, equal ones too; only Count counts rows.
type Op string

const (
	Count    Op = "count"    // rows (Field empty), or rows that have Field; never absent
	Distinct Op = "distinct" // distinct values of Field; never absent
	Sum      Op = "sum"      // of Field; absent if no row has it
	// SumSquares is the sum of Field times itself, each in float64; absent if no row has it. With Count and
	// Sum it makes the variance, which intervals stand on.
	SumSquares Op = "sum_squares"
	Mean       Op = "mean" // of Field; absent if no row has it
	Min        Op = "min"  // of Field, a number or a time
	Max        Op = "max"  // of Field, a number or a time
	// Quantile is the Q-quantile of Field over the rows that have it. Q = 0.5 is the mean of the
	// middle two when the count is even; any other is the nearest rank, the ceil(Q·n)-th smallest,
	// where Q·n is the product in float64.
	Quantile Op = "quantile"
)

// Measure is one number a group.
type Measure struct {
	As    string // its name in the result
	Op    Op
	Field string
	Q     float64 // of Quantile: 0 < Q < 1
	// Where narrows the rows that this measure looks at; nil takes all rows of the group. Shares are
	// two measures, one with Where and one without.
	Where *Filter
}

// Conversion is a definition of what counts as a conversion. It is applied when a question is
// asked, so it is retroactive. At the grain of conversations it gives:
//
//	converted               bool: an event of the conversation matches
//	converted_at            time of the first such event
//	conversion_inferred     bool: no event at converted_at says the conversation itself, see below
//	messages_to_conversion  user messages not later than converted_at; absent if not converted
//	outcome                 converted, if so; else that of the conversation's analysis
//
// A matching event without a conversation id belongs to the last conversation that was active (had a
// tracked event) within the 30 minutes up to it, both ends included, by an event that resolves to the
// same person; on equal times the one whose event is last in order ([event.Event.Before]) wins. An
// event without a person belongs to none. Explicit leaves such events out.
type Conversion struct {
	Name string
	// Match is at the grain of events; nil matches all. Only tracked events can match. It cannot ask
	// for the conversion fields above.
	Match    *Filter
	Explicit bool
}

// ConversionWindow is how long before a conversion without conversation id a conversation must have
// been active to be given it.
const ConversionWindow = 30 * time.Minute

// Result answers a Query. Rows are ordered by period, then in the order of groups that Query.Limit
// describes. Groups without rows in a bucket have no row; a question that no row answers has none at
// all, whatever its measures.
type Result struct {
	Rows []Row
	// Groups is the number of groups before Limit.
	Groups int
	// Total are the measures over all rows, with Query.Totals; nil if there is no row.
	Total []Value
}

// Row is one group in one bucket.
type Row struct {
	Start  time.Time // start of the bucket, as an instant; zero for All
	Keys   []Key     // as Query.Breakdown
	Values []Value   // as Query.Measures
}

// Key is one value of a breakdown field. Booleans are "true" and "false", numbers the shortest decimal
// of the float64 without exponent (negative zero is 0), times RFC 3339 UTC, their fraction without
// trailing zeros. Value is empty if Absent.
type Key struct {
	Value  string
	Absent bool
}

// Value is a number or nothing. Times (of Min and Max) are Unix microseconds.
type Value struct {
	Num float64
	OK  bool // false: no row had the field
}

// Validate reports all that is wrong with the question, joined; nil means that every engine
// answers it.
func (q *Query) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !slices.Contains([]Grain{Events, Conversations, Users, People}, q.Grain) {
		add("unknown grain %q", q.Grain)
	}
	if !slices.Contains([]Period{All, Hour, Day, Week, Month}, q.Period) {
		add("unknown period %q; use hour, day, week or month", q.Period)
	}
	if _, err := LoadZone(q.Zone); err != nil {
		errs = append(errs, err)
	}
	if !q.Range.From.IsZero() && !q.Range.Until.IsZero() && q.Range.Until.Before(q.Range.From) {
		add("range ends (%s) before it starts (%s)", q.Range.Until.Format(time.RFC3339), q.Range.From.Format(time.RFC3339))
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		add("limit %d; it is from 1 to %d", q.Limit, MaxLimit)
	}
	if q.Totals && (q.Grain != Events && q.Grain != Conversations || len(q.Breakdown) > 0) {
		add("totals with a breakdown, or of %s; they are of events or conversations", q.Grain)
	}
	filterGrain := q.Grain
	if q.Grain == Users || q.Grain == People {
		filterGrain = Events
	}
	if err := q.Filter.Validate(filterGrain); err != nil {
		errs = append(errs, err)
	}
	for i, name := range q.Breakdown {
		if _, err := Resolve(q.Grain, name); err != nil {
			errs = append(errs, fmt.Errorf("breakdown: %w", err))
		}
		if slices.Contains(q.Breakdown[:i], name) {
			add("breakdown names %s twice", name)
		}
	}
	if len(q.Measures) == 0 {
		add("no measure")
	}
	names := map[string]bool{}
	for _, m := range q.Measures {
		if m.As == "" || names[m.As] {
			add("measure name %q is empty or taken", m.As)
		}
		names[m.As] = true
		if err := m.validate(q.Grain); err != nil {
			errs = append(errs, fmt.Errorf("measure %s: %w", m.As, err))
		}
	}
	if err := q.Conversion.validate(); err != nil {
		errs = append(errs, err)
	}
	return joined(errs)
}

func (c *Conversion) validate() error {
	if c == nil {
		return nil
	}
	if err := c.Match.Validate(Events); err != nil {
		return fmt.Errorf("conversion: %w", err)
	}
	if c.Match.asksConversion() {
		return errors.New("conversion: its match asks for conversions")
	}
	return nil
}

func (m *Measure) validate(g Grain) error {
	if err := m.Where.Validate(g); err != nil {
		return err
	}
	if m.Op == Count && m.Field == "" {
		return nil
	}
	f, err := Resolve(g, m.Field)
	if err != nil {
		return err
	}
	if f.Origin == OfEvents {
		return fmt.Errorf("%s is a field of events; measure it at that grain", m.Field)
	}
	switch m.Op {
	case Count, Distinct:
		return nil
	case Sum, SumSquares, Mean:
		if f.Type != Number {
			return fmt.Errorf("%s of %s, which is a %s", m.Op, m.Field, f.Type)
		}
	case Min, Max:
		if f.Type != Number && f.Type != Time {
			return fmt.Errorf("%s of %s, which is a %s", m.Op, m.Field, f.Type)
		}
	case Quantile:
		if f.Type != Number {
			return fmt.Errorf("quantile of %s, which is a %s", m.Field, f.Type)
		}
		if m.Q <= 0 || m.Q >= 1 {
			return fmt.Errorf("quantile %v; it is between 0 and 1", m.Q)
		}
	default:
		return fmt.Errorf("unknown operation %q", m.Op)
	}
	return nil
}

// LoadZone returns the location of an IANA name, UTC for "".
func LoadZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("zone %q is not an IANA zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is not an IANA zone", name)
	}
	return loc, nil
}

// Bucket returns the start of t's bucket of period p in loc, as an instant. All answers the zero
// time. Where a zone skips midnight, the bucket starts with the first instant of the day.
func Bucket(t time.Time, p Period, loc *time.Location, weekStart time.Weekday) time.Time {
	l := t.In(loc)
	y, m, d := l.Date()
	switch p {
	case Hour:
		// Whole hours of local time: subtract what the local clock shows beyond the hour, which also
		// holds in zones that are off by half an hour and in the repeated hour of autumn.
		return l.Add(-time.Duration(l.Minute())*time.Minute - time.Duration(l.Second())*time.Second - time.Duration(l.Nanosecond()))
	case Day:
	case Week:
		d -= (int(l.Weekday()) - int(weekStart) + 7) % 7
	case Month:
		d = 1
	default:
		return time.Time{}
	}
	return StartOfDay(y, m, d, loc)
}

// StartOfDay is the first instant of a date in loc. time.Date answers a skipped midnight with an
// instant of the day before; then the day starts where the gap ends. Of a midnight that the clock
// shows twice it may answer the second; then the day starts with the first.
func StartOfDay(y int, m time.Month, d int, loc *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	wall := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	start, end := t.ZoneBounds()
	if t.Day() != wall.Day() {
		return end
	}
	if !start.IsZero() {
		_, offset := start.Add(-1).Zone()
		if first := wall.Add(-time.Duration(offset) * time.Second); first.Before(start) {
			return first.In(loc)
		}
	}
	return t
}
