package insight

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// ChangeQuestion asks where the change of a metric between two ranges comes from.
type ChangeQuestion struct {
	Scope         // its range is now; it must be bounded
	Metric string // a share of rows, a mean over rows or a number of rows, of events or conversations
	// Before is the range compared with; zero is the one directly before.
	Before query.Range
	// Dimensions to look at; none means those that suit the metric, and the properties that clients send
	// with few values.
	Dimensions []string
	Limit      int // of Rows and of Symptoms, each; 0 is DefaultChanges
}

// Bounds of a question about changes.
const (
	DefaultChanges     = 20
	MaxChanges         = 1000
	MaxDimensions      = 40
	valuesPerDimension = 200
)

// Changes says where the change of a metric comes from. Every dimension explains the whole change on its own:
// rows of different dimensions overlap.
type Changes struct {
	Metric Metric `json:"metric"`
	Range  Range  `json:"range"`
	Before Range  `json:"before"`
	// Against says what Before is: asked for, the period directly before, or the first half of the range where nothing
	// is in that; then Range is its second half.
	Against  Against  `json:"against"`
	Total    Side     `json:"total"`
	Previous Side     `json:"previous"`
	Change   *float64 `json:"change"` // total less previous, in the metric's unit; nil if either is unknown
	// Interval of Change, at 95 %; nil for numbers of rows.
	Interval *stats.Interval `json:"interval"`
	P        *float64        `json:"p"`
	// Rows are places: what was there before anything went well or badly. Those that certainly changed otherwise than
	// the rest come first, by how much of the change is theirs beyond their share of rows.
	Rows []ChangeRow `json:"rows"`
	// Symptoms are dimensions that are themselves a result (outcome, signals, sentiment), ranked alike: they show
	// how the change looks, not where it comes from.
	Symptoms   []ChangeRow       `json:"symptoms"`
	Dimensions []ChangeDimension `json:"dimensions"`
}

// ChangeRow is what one value of a dimension has to do with the change.
//
// Its contribution is that of its rows to the metric, less what they would give if they were as all rows were
// before: w₁(r₁−R₀) − w₀(r₀−R₀), where w is its share of rows, r its rate and R the rate of all. Contributions of
// all values of a dimension add up to the change exactly. Mix is the part that comes of there being more or less
// of its rows, (w₁−w₀)(r̄−R₀); Rate the part that comes of their being better or worse, w̄(r₁−r₀); a bar is the mean
// of now and before. Of a value that is new, or gone, all is mix. Of a number of rows all is rate.
type ChangeRow struct {
	Dimension string  `json:"dimension"`
	Value     *string `json:"value"` // nil: rows without any
	// Overlapping: rows have several values at once (tools, signals). Then a value adds up to the change with all
	// rows that lack it, not with the other values.
	Overlapping  bool            `json:"overlapping"`
	Now          *float64        `json:"now"`
	Before       *float64        `json:"before"`
	N            int64           `json:"n_now"`
	NBefore      int64           `json:"n_before"`
	Contribution float64         `json:"contribution"`
	Mix          float64         `json:"mix"`
	Rate         float64         `json:"rate"`
	Share        *float64        `json:"share_of_change"` // contribution / change; nil if there is no change
	Interval     *stats.Interval `json:"interval"`        // of Contribution, at 95 %, taking R₀ as known
	// Beyond is the contribution less the value's share of rows (w̄) of the change: 0 if it changed as the rest did.
	Beyond float64  `json:"beyond_share"`
	P      *float64 `json:"p"` // of Beyond being 0
	Q      *float64 `json:"q"` // P adjusted for all rows looked at, of all dimensions
	// Certain: Q is at most Sure, and there are enough rows.
	Certain bool `json:"certain"`
	Small   bool `json:"small"`
	// State is new, gone or "".
	State string `json:"state"`
}

// ChangeDimension is one that was looked at.
type ChangeDimension struct {
	Dimension   string `json:"dimension"`
	Overlapping bool   `json:"overlapping"`
	Symptom     bool   `json:"symptom"`
	Values      int    `json:"values"`
	LeftOut     int    `json:"left_out"` // values too rare to look at; they are part of no row
}

// Against is what a range is compared with.
type Against string

// What a range is compared with.
const (
	AgainstAsked     Against = "asked"
	AgainstPrevious  Against = "previous"
	AgainstFirstHalf Against = "first_half"
)

// symptoms are dimensions that say how it went, rather than where.
var symptoms = []string{"outcome", "signal", "sentiment", "emotion", "satisfaction_source", "label", "converted"}

// changeDimensions are looked at without being named, if the grain has them.
var changeDimensions = map[query.Grain][]string{
	query.Conversations: {"source", "agent_id", "model", "channel", "mode", "language", "locale", "topic", "tool_name", "artifact_type", "outcome", "signal"},
	query.Events:        {"source", "agent_id", "agent_name", "response_model", "provider", "channel", "mode", "locale", "tool_name", "artifact_type", "error_type", "finish_reason"},
}

// Changes answers where the change of a metric comes from.
func (in *Insight) Changes(ctx context.Context, question ChangeQuestion) (*Changes, error) {
	if question.Limit == 0 {
		question.Limit = DefaultChanges
	}
	if question.Limit < 0 || question.Limit > MaxChanges {
		return nil, fault("limit", "%d; it is from 1 to %d", question.Limit, MaxChanges)
	}
	if len(question.Dimensions) > MaxDimensions {
		return nil, fault("dimensions", "%d fields; at most %d", len(question.Dimensions), MaxDimensions)
	}
	c, err := in.comparing(ctx, question.Scope, "metric", question.Metric, append(question.Dimensions, "outcome"), query.Conversations, query.Events)
	if err != nil {
		return nil, err
	}
	if question.Range.From.IsZero() || question.Range.Until.IsZero() {
		return nil, &ParameterError{Parameter: "from", Err: errOpenRange}
	}
	before, against := question.Before, AgainstAsked
	if before == (query.Range{}) {
		against = AgainstPrevious
		if before, err = previous(question.Range, c.loc); err != nil {
			return nil, &ParameterError{Parameter: "from", Err: err}
		}
	}
	t := &tracing{compared: c, ranges: [2]query.Range{before, question.Range}}
	if err := t.ask(ctx); err != nil {
		return nil, err
	}
	if against == AgainstPrevious && t.whole[0].n == 0 && t.whole[1].n > 0 {
		against, t.ranges = AgainstFirstHalf, halves(question.Range, c.loc)
		if err := t.ask(ctx); err != nil {
			return nil, err
		}
	}
	dimensions := question.Dimensions
	if len(dimensions) == 0 {
		if dimensions, err = in.dimensions(ctx, c, t.ranges[:]...); err != nil {
			return nil, err
		}
	}
	out := &Changes{
		Metric: Describe(c.metric), Range: rangeOf(t.ranges[1], c.loc), Before: rangeOf(t.ranges[0], c.loc), Against: against,
		Rows: []ChangeRow{}, Symptoms: []ChangeRow{}, Dimensions: []ChangeDimension{},
	}
	t.totals(out)
	var rows []ChangeRow
	for _, name := range dimensions {
		if _, err := checkDimension("dimensions", c.metric.Grain, name); err != nil {
			return nil, err
		}
	}
	cut := t.both
	cut.Limit = valuesPerDimension
	results, err := in.Store.Breakdowns(ctx, cut, dimensions)
	if err != nil {
		return nil, err
	}
	for i, name := range dimensions {
		of, about, err := t.dimension(name, results[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		out.Dimensions = append(out.Dimensions, about)
	}
	adjust(rows, func(r *ChangeRow) *float64 { return r.P }, func(r *ChangeRow, q float64) {
		r.Q, r.Certain = &q, q <= Sure && !r.Small
	})
	slices.SortStableFunc(rows, func(a, b ChangeRow) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(math.Abs(b.Contribution), math.Abs(a.Contribution)), cmp.Compare(b.N+b.NBefore, a.N+a.NBefore))
	})
	for _, r := range rows {
		list := &out.Rows
		if slices.Contains(symptoms, r.Dimension) {
			list = &out.Symptoms
		}
		if len(*list) < question.Limit {
			*list = append(*list, r)
		}
	}
	return out, nil
}

// rank orders rows: certain ones first; among them by the smaller of what is theirs and what is theirs beyond
// their share, if both point the same way. So neither a value that all rows have explains anything, nor one
// that merely did not take part.
func (r *ChangeRow) rank() float64 {
	theirs := 0.0
	if r.Contribution*r.Beyond > 0 {
		theirs = min(math.Abs(r.Contribution), math.Abs(r.Beyond))
	}
	if !r.Certain {
		return -1 / (1 + theirs) // below 0, in the same order
	}
	return theirs
}

// tracing is a question about changes with its totals: [0] before, [1] now.
type tracing struct {
	*compared
	ranges [2]query.Range
	whole  [2]sample
	both   query.Query // of rows in either range, with the measures of both; the first orders groups
}

// ask makes the question of both ranges at once, and asks the totals.
func (t *tracing) ask(ctx context.Context) error {
	at := "at"
	if t.metric.Grain == query.Events {
		at = "occurred_at"
	}
	t.both = t.base
	t.both.Range = query.Range{From: t.ranges[0].From, Until: t.ranges[1].Until}
	if t.ranges[1].From.Before(t.both.Range.From) {
		t.both.Range.From = t.ranges[1].From
	}
	if t.ranges[0].Until.After(t.both.Range.Until) {
		t.both.Range.Until = t.ranges[0].Until
	}
	t.both.Measures = []query.Measure{{As: "rows", Op: query.Count}}
	var either []*query.Filter
	for i, r := range t.ranges {
		within := query.AllOf(
			query.Is(at, query.AtLeast, r.From.UTC().Format(time.RFC3339Nano)),
			query.Is(at, query.Less, r.Until.UTC().Format(time.RFC3339Nano)))
		either = append(either, within)
		for _, m := range t.measures() {
			m.As += strconv.Itoa(i)
			m.Where = query.AllOf(within, m.Where)
			t.both.Measures = append(t.both.Measures, m)
		}
	}
	if !t.ranges[0].Until.Equal(t.ranges[1].From) {
		t.both.Filter = query.AllOf(t.both.Filter, &query.Filter{Or: either})
	}
	res, err := t.in.Store.Query(ctx, t.both)
	if err != nil {
		return err
	}
	t.whole = [2]sample{{kind: t.kind}, {kind: t.kind}}
	if len(res.Rows) > 0 {
		t.whole = t.pair(res.Rows[0].Values)
	}
	return nil
}

// pair reads the samples of both ranges.
func (t *tracing) pair(values []query.Value) [2]sample {
	values = values[1:]
	half := len(values) / 2
	return [2]sample{t.sampleOf(values[:half]), t.sampleOf(values[half:])}
}

func (t *tracing) totals(out *Changes) {
	if t.kind == isCount {
		out.Total, out.Previous = countSide(t.whole[1]), countSide(t.whole[0])
	} else {
		out.Total, out.Previous = sideOf(t.whole[1]), sideOf(t.whole[0])
		out.Interval, out.P = t.whole[1].difference(t.whole[0])
	}
	if out.Total.Rate != nil && out.Previous.Rate != nil {
		out.Change = new(*out.Total.Rate - *out.Previous.Rate)
	}
}

func countSide(s sample) Side { return Side{N: s.n, Rate: new(float64(s.n))} }

// dimension makes the rows of one dimension of what was found for it.
func (t *tracing) dimension(name string, res *query.Result) ([]ChangeRow, ChangeDimension, error) {
	f, err := checkDimension("dimensions", t.metric.Grain, name)
	if err != nil {
		return nil, ChangeDimension{}, err
	}
	about := ChangeDimension{Dimension: name, Overlapping: f.Set, Symptom: slices.Contains(symptoms, name)}
	about.Values, about.LeftOut = res.Groups, res.Groups-len(res.Rows)
	rows := make([]ChangeRow, len(res.Rows))
	for i, r := range res.Rows {
		of := t.pair(r.Values)
		rows[i] = t.row(of[0], of[1])
		rows[i].Dimension, rows[i].Value, rows[i].Overlapping = name, keyOf(r.Keys[0]), f.Set
	}
	return rows, about, nil
}

// row says what a part of the rows has to do with the change; see ChangeRow.
func (t *tracing) row(before, now sample) ChangeRow {
	r := ChangeRow{N: now.n, NBefore: before.n, Small: stats.Small(max(now.n, before.n))}
	switch {
	case before.n == 0 && now.n > 0:
		r.State = "new"
	case now.n == 0 && before.n > 0:
		r.State = "gone"
	}
	if t.kind == isCount {
		t.countRow(&r, before, now)
		return r
	}
	r.Now, r.Before = now.mean(), before.mean()
	W, was := t.whole[1], t.whole[0]
	if W.n == 0 || was.n == 0 {
		return r
	}
	base := *was.mean()
	w1, w0 := float64(now.n)/float64(W.n), float64(before.n)/float64(was.n)
	r1, r0 := rateOr(now, before, base), rateOr(before, now, base)
	r.Mix = (w1 - w0) * ((r1+r0)/2 - base)
	r.Rate = (w1 + w0) / 2 * (r1 - r0)
	r.Contribution = r.Mix + r.Rate
	share := (w1 + w0) / 2
	change := *W.mean() - base
	if change != 0 {
		r.Share = new(r.Contribution / change)
	}
	r.Beyond = r.Contribution - share*change
	// Both are differences of means over all rows: of 1[v](x−R₀), and of (1[v]−w̄)(x−R₀).
	r.Interval = known(stats.MeanDifference(weighed(now, W, base, 1, 0), weighed(before, was, base, 1, 0), stats.Level), true)
	a, b := weighed(now, W, base, 1-share, -share), weighed(before, was, base, 1-share, -share)
	if a.N > 1 && b.N > 1 && share > 0 && share < 1 {
		r.P = new(stats.MeanTest(a, b))
	}
	return r
}

// countRow is row for a number of rows: a value contributes the rows that it gained.
func (t *tracing) countRow(r *ChangeRow, before, now sample) {
	W, was := t.whole[1], t.whole[0]
	r.Now, r.Before = new(float64(now.n)), new(float64(before.n))
	r.Rate = float64(now.n - before.n)
	r.Contribution = r.Rate
	change := float64(W.n - was.n)
	if change != 0 {
		r.Share = new(r.Contribution / change)
	}
	if W.n > 0 && was.n > 0 {
		share := (float64(now.n)/float64(W.n) + float64(before.n)/float64(was.n)) / 2
		r.Beyond = r.Contribution - share*change
		if share > 0 && share < 1 {
			r.P = new(stats.ProportionTest(now.n, W.n, before.n, was.n))
		}
	}
}

// rateOr is the rate of a sample; without rows that of the other one, without either the base.
func rateOr(s, other sample, base float64) float64 {
	for _, x := range []sample{s, other} {
		if m := x.mean(); m != nil {
			return *m
		}
	}
	return base
}

// weighed are the moments, over all rows of the whole, of in·(x−base) for the rows of the part and out·(x−base)
// for the others.
func weighed(part, whole sample, base, in, out float64) stats.Moments {
	sums := func(s sample) (sum, squares float64) {
		n := float64(s.n)
		return s.sum - n*base, s.squares - 2*base*s.sum + n*base*base
	}
	s1, q1 := sums(part)
	s2, q2 := sums(whole.without(part))
	n := float64(whole.n)
	m := stats.Moments{N: whole.n, Mean: (in*s1 + out*s2) / n}
	if whole.n > 1 {
		m.Variance = max(0, (in*in*q1+out*out*q2-n*m.Mean*m.Mean)/(n-1))
	}
	return m
}

// dimensions are those that are looked at without being named: fields of the grain that the metric itself does
// not rest on, and properties with few values.
func (in *Insight) dimensions(ctx context.Context, c *compared, ranges ...query.Range) ([]string, error) {
	rests := map[string]bool{}
	c.hit.Fields(rests)
	c.of.Fields(rests)
	c.metric.Rows.Fields(rests)
	rests[c.field] = true
	var out []string
	for _, name := range changeDimensions[c.metric.Grain] {
		if !rests[name] {
			out = append(out, name)
		}
	}
	found, err := in.properties(ctx, ranges...)
	return append(out, found...), err
}
