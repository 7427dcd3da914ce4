package insight

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// RetentionQuestion asks who comes back; [query.Retention] says what that means. Scope.Range is that of first
// events. Filter, Text and Where select the events that count, first ones and returns.
type RetentionQuestion struct {
	Scope
	People bool // resolved persons; else user ids
	Period query.Period
	// Periods is how many periods after the first are looked at; 0 is 14 days, 8 weeks or 6 months.
	Periods int
	// First and Return are conditions on events as those of a [Step].
	First, Return []string
	// Breakdown is a field of conversations, of that of the first event; "" is none. Limit is the most groups to
	// answer; 0 means DefaultGroups.
	Breakdown string
	Limit     int
}

// MaxCohorts bounds the cohorts of an answer: about three years of days.
const MaxCohorts = 1100

// RetentionAnswer is a retention's answer. Its JSON is that of the HTTP API.
type RetentionAnswer struct {
	Who         string           `json:"who"` // users or people
	Period      query.Period     `json:"period"`
	Range       Range            `json:"range"`
	Cohorts     []Cohort         `json:"cohorts"`
	Curve       []ReturnPoint    `json:"curve"`
	Groups      []RetentionGroup `json:"groups"` // with Breakdown
	GroupsTotal int              `json:"groups_total"`
}

// Cohort is those whose first event lies in one period. Returned has a number for each period that has begun;
// only the first Complete of them are over.
type Cohort struct {
	Start    time.Time `json:"start"`
	Size     int64     `json:"size"`
	Returned []int64   `json:"returned"`
	Complete int       `json:"complete"`
}

// ReturnPoint is how many have returned after K periods, of the Eligible: the members of the cohorts for which
// that period is over. Rate and Interval are absent where there are none.
type ReturnPoint struct {
	K        int             `json:"k"`
	Returned int64           `json:"returned"`
	Eligible int64           `json:"eligible"`
	Rate     *float64        `json:"rate"`
	Interval *stats.Interval `json:"interval"`
}

// RetentionGroup is the curve of those whose first conversation has one value; a nil key stands for those that
// lack the field, or that had no conversation first.
type RetentionGroup struct {
	Key   *string       `json:"key"`
	Label string        `json:"label,omitempty"` // for people, where the key is an id that has a name
	Size  int64         `json:"size"`
	Curve []ReturnPoint `json:"curve"`
}

// Retention answers a retention.
func (in *Insight) Retention(ctx context.Context, question RetentionQuestion) (*RetentionAnswer, error) {
	loc, err := query.LoadZone(question.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	q, err := in.retention(ctx, &question)
	if err != nil {
		return nil, err
	}
	res, err := in.Store.Retention(ctx, *q)
	if err != nil {
		return nil, err
	}
	if len(res.Cohorts) > MaxCohorts {
		return nil, fault("period", "%s cuts this range into %d cohorts, more than %d; narrow the range", q.Period, len(res.Cohorts), MaxCohorts)
	}
	out := &RetentionAnswer{
		Who: string(q.Grain), Period: q.Period, Range: rangeOf(q.Range, loc),
		Cohorts: []Cohort{}, Groups: []RetentionGroup{},
	}
	now := in.now()
	curve := newCurve(q, now)
	for _, c := range res.Cohorts {
		begun, over := curve.add(c)
		out.Cohorts = append(out.Cohorts, Cohort{Start: c.Start.In(loc), Size: c.Size, Returned: c.Returned[:begun], Complete: over})
	}
	out.Curve = curve.points()
	if question.Breakdown == "" {
		return out, nil
	}
	q.Breakdown, q.Limit = []string{question.Breakdown}, limitOf(question.Limit)
	if res, err = in.Store.Retention(ctx, *q); err != nil {
		return nil, err
	}
	out.GroupsTotal = res.Groups
	out.Groups = curvesByKey(q, now, res.Cohorts)
	return out, label(ctx, in, q.Breakdown, out.Groups, func(g *RetentionGroup) ([]*string, *string) { return []*string{g.Key}, &g.Label })
}

// retention compiles the question without its breakdown.
func (in *Insight) retention(ctx context.Context, question *RetentionQuestion) (*query.Retention, error) {
	q := &query.Retention{
		Grain: query.Users, Range: question.Range, Zone: question.Zone, WeekStart: question.WeekStart,
		Period: question.Period, Periods: question.Periods,
	}
	if question.People {
		q.Grain = query.People
	}
	if q.Periods == 0 {
		q.Periods = map[query.Period]int{query.Day: 14, query.Week: 8, query.Month: 6}[q.Period]
	}
	var err error
	if q.Filter, err = question.Scope.filterAt(ctx, in, query.Events); err != nil {
		return nil, err
	}
	if q.First, err = eventsWith("first", question.First); err != nil {
		return nil, err
	}
	if q.Return, err = eventsWith("return", question.Return); err != nil {
		return nil, err
	}
	if question.Breakdown != "" {
		if err := breakdownOf(query.Conversations, []string{question.Breakdown}); err != nil {
			return nil, err
		}
	}
	q.Conversion, err = in.conversion(ctx, question.Conversion, question.Explicit)
	return q, err
}

// curve adds cohorts up, each as far as its periods are over.
type curve struct {
	q        *query.Retention
	now      time.Time
	members  int64
	returned []int64
	eligible []int64
	furthest int              // periods that have begun for some cohort
	ends     map[int64][2]int // how many periods of a cohort have begun, and are over, by its start
}

func newCurve(q *query.Retention, now time.Time) *curve {
	return &curve{q: q, now: now, returned: make([]int64, q.Periods+1), eligible: make([]int64, q.Periods+1), ends: map[int64][2]int{}}
}

// add takes a cohort, and returns how many of its periods have begun, and how many are over.
func (c *curve) add(k query.Cohort) (begun, over int) {
	known, ok := c.ends[k.Start.UnixMicro()]
	if !ok {
		for i := range k.Returned {
			b, o := c.q.Begun(k.Start, i, c.now)
			if !b && i > 0 { // the first has begun, whatever our clock says
				break
			}
			if known[0] = i + 1; o {
				known[1] = i + 1
			}
		}
		c.ends[k.Start.UnixMicro()] = known
	}
	begun, over = known[0], known[1]
	c.members += k.Size
	c.furthest = max(c.furthest, begun)
	for i := range over {
		c.returned[i] += k.Returned[i]
		c.eligible[i] += k.Size
	}
	return begun, over
}

func (c *curve) points() []ReturnPoint {
	out := make([]ReturnPoint, c.furthest)
	for k := range out {
		out[k] = ReturnPoint{K: k, Returned: c.returned[k], Eligible: c.eligible[k], Rate: rate(c.returned[k], c.eligible[k]), Interval: intervalOf(c.returned[k], c.eligible[k])}
	}
	return out
}

// curvesByKey makes a curve for each group, the largest first.
func curvesByKey(q *query.Retention, now time.Time, cohorts []query.Cohort) []RetentionGroup {
	curves := map[query.Key]*curve{}
	var keys []query.Key
	for _, c := range cohorts {
		key := c.Keys[0]
		if curves[key] == nil {
			curves[key] = newCurve(q, now)
			keys = append(keys, key)
		}
		curves[key].add(c)
	}
	out := make([]RetentionGroup, len(keys))
	for i, key := range keys {
		out[i] = RetentionGroup{Key: keysOf([]query.Key{key})[0], Size: curves[key].members, Curve: curves[key].points()}
	}
	slices.SortStableFunc(out, func(a, b RetentionGroup) int { return cmp.Compare(b.Size, a.Size) })
	return out
}
