package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// Opportunities are the groups of conversations whose mending would help most.
type Opportunities struct {
	Range Range `json:"range"`
	// Conversations and Badness are those of the whole scope.
	Conversations int64         `json:"conversations"`
	Badness       *float64      `json:"badness"`
	Rows          []Opportunity `json:"rows"`
	Dimensions    []string      `json:"dimensions"` // that were looked at
}

// Opportunity is one value of a dimension that goes worse than the rest.
//
// Badness is from 0 to 1, the mean of what is known of three: how dissatisfied people are (1 − satisfaction, rated
// or inferred), the share of conversations that end badly (failed, abandoned or escalated, of those with an outcome), and
// the share with a failed answer (of those analysed). Lower is what it is at least: the same of the lower ends of
// their 95 % intervals. Cost is Conversations × (Lower − Elsewhere): the conversations that would not go badly if the
// group went like the rest, carefully counted. Tiny groups have wide intervals and so little cost.
type Opportunity struct {
	Dimension     string  `json:"dimension"`
	Key           string  `json:"key"`
	Name          string  `json:"name"` // for people
	Conversations int64   `json:"conversations"`
	Badness       float64 `json:"badness"`
	Lower         float64 `json:"lower"`
	Elsewhere     float64 `json:"elsewhere"` // badness of all other conversations
	Cost          float64 `json:"cost"`
	// Why says what is worse than elsewhere, the most telling first.
	Why      []string `json:"why"`
	Examples []string `json:"examples"` // ids of conversations that went badly
	Small    bool     `json:"small"`
}

// Bounds of a question about opportunities.
const (
	DefaultOpportunities = 20
	MaxOpportunities     = 200
	examplesPerRow       = 3
	explainedRows        = 5 // of which signals and examples are looked up
	maxSignalGroups      = 10_000
)

// opportunityDimensions are looked at without being named, after topics.
var opportunityDimensions = []string{"tool_name", "artifact_type", "model", "source", "channel", "mode", "language", "agent_id"}

// Namer gives the values of a dimension names for people ("topic" of id t12 is "charts"). It may know none.
type Namer interface {
	// Names returns those it knows of the values.
	Names(ctx context.Context, dimension string, values []string) (map[string]string, error)
}

// health is how a group of conversations goes: three signs, each with what it rests on.
type health struct {
	n            int64
	satisfaction sample
	ended        sample
	failed       sample
}

func healthMeasures() []query.Measure {
	ended := query.AllOf(query.Is("outcome", query.Exists), &query.Filter{Not: query.Is("outcome", query.Eq, event.OutcomeOpen)})
	return []query.Measure{
		{As: "n", Op: query.Count},
		{As: "rated", Op: query.Count, Field: "satisfaction"},
		{As: "sum", Op: query.Sum, Field: "satisfaction"},
		{As: "squares", Op: query.SumSquares, Field: "satisfaction"},
		{As: "ended", Op: query.Count, Where: ended},
		{As: "badly", Op: query.Count, Where: query.Is("outcome", query.Eq, event.OutcomeFailed, event.OutcomeAbandoned, event.OutcomeEscalated)},
		{As: "analysed", Op: query.Count, Field: "failed_answers"},
		{As: "failed", Op: query.Count, Where: query.Is("failed_answers", query.Greater, "0")},
	}
}

func healthOf(v []query.Value) health {
	rated := int64(v[1].Num)
	share := func(n, k query.Value) sample { return sample{isShare, int64(n.Num), k.Num, k.Num} }
	return health{
		n: int64(v[0].Num),
		// Dissatisfaction: 1 − x for each.
		satisfaction: sample{isMean, rated, float64(rated) - v[2].Num, float64(rated) - 2*v[2].Num + v[3].Num},
		ended:        share(v[4], v[5]), failed: share(v[6], v[7]),
	}
}

func (h health) without(part health) health {
	return health{h.n - part.n, h.satisfaction.without(part.satisfaction), h.ended.without(part.ended), h.failed.without(part.failed)}
}

func (h health) signs() []sample { return []sample{h.satisfaction, h.ended, h.failed} }

// badness is the mean of the signs that are known, of h and, of the same signs, at least and elsewhere.
func (h health) badness(rest health) (is, atLeast, elsewhere float64, ok bool) {
	others, n := rest.signs(), 0.0
	for i, s := range h.signs() {
		m, o, iv := s.mean(), others[i].mean(), s.interval()
		if m == nil || o == nil || iv == nil {
			continue
		}
		n++
		is, atLeast, elsewhere = is+*m, atLeast+max(0, iv.Lo()), elsewhere+*o
	}
	if n == 0 {
		return 0, 0, 0, false
	}
	return is / n, atLeast / n, elsewhere / n, true
}

// Opportunities answers where mending would help most: by topic, tool, component and other dimensions, or those
// that are named.
func (in *Insight) Opportunities(ctx context.Context, s Scope, dimensions []string, limit int) (*Opportunities, error) {
	if limit == 0 {
		limit = DefaultOpportunities
	}
	if limit < 0 || limit > MaxOpportunities {
		return nil, fault("limit", "%d; it is from 1 to %d", limit, MaxOpportunities)
	}
	if len(dimensions) > MaxDimensions {
		return nil, fault("dimensions", "%d fields; at most %d", len(dimensions), MaxDimensions)
	}
	for _, d := range dimensions {
		if _, err := checkDimension("dimensions", query.Conversations, d); err != nil {
			return nil, err
		}
	}
	loc, err := query.LoadZone(s.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	q, err := s.query(ctx, in, query.Conversations, "outcome")
	if err != nil {
		return nil, err
	}
	q.Breakdown, q.Measures = nil, healthMeasures()
	out := &Opportunities{Range: rangeOf(s.Range, loc), Rows: []Opportunity{}}
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(dimensions) == 0 {
		found, err := in.properties(ctx, s.Range)
		if err != nil {
			return nil, err
		}
		dimensions = slices.Concat([]string{"topic"}, opportunityDimensions, found)
	}
	out.Dimensions = dimensions
	if len(res.Rows) == 0 {
		return out, nil
	}
	total := healthOf(res.Rows[0].Values)
	out.Conversations = total.n
	if is, _, _, ok := total.badness(total); ok {
		out.Badness = &is
	}
	cut := q
	cut.Limit = valuesPerDimension
	results, err := in.Store.Breakdowns(ctx, cut, dimensions)
	if err != nil {
		return nil, err
	}
	var groups []group
	for i, d := range dimensions {
		groups = append(groups, groupsOf(d, results[i], total)...)
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.Cost, a.Cost), cmp.Compare(b.Badness, a.Badness))
	})
	groups = groups[:min(limit, len(groups))]
	if err := in.explainGroups(ctx, s, q, total, groups[:min(explainedRows, len(groups))]); err != nil {
		return nil, err
	}
	for _, g := range groups {
		out.Rows = append(out.Rows, g.Opportunity)
	}
	return out, in.name(ctx, out.Rows)
}

// group is an opportunity with what it was made of.
type group struct {
	Opportunity
	health
	rest health
}

// groupsOf are the groups of one dimension that go worse than the rest for certain.
func groupsOf(dimension string, res *query.Result, total health) []group {
	var out []group
	for _, r := range res.Rows {
		if r.Keys[0].Absent {
			continue // lacking a tool, say, is no place to mend
		}
		g := group{health: healthOf(r.Values)}
		g.rest = total.without(g.health)
		is, lower, elsewhere, ok := g.health.badness(g.rest)
		if !ok || lower <= elsewhere {
			continue
		}
		g.Opportunity = Opportunity{
			Dimension: dimension, Key: r.Keys[0].Value, Conversations: g.n, Badness: is, Lower: lower, Elsewhere: elsewhere,
			Cost: float64(g.n) * (lower - elsewhere), Why: g.reasons(), Examples: []string{}, Small: stats.Small(g.n),
		}
		out = append(out, g)
	}
	return out
}

// reasons says what is worse than elsewhere, in words.
func (g *group) reasons() []string {
	type reason struct {
		worse float64
		text  string
	}
	var found []reason
	add := func(here, there sample, text string, value func(float64) string) {
		h, t := here.mean(), there.mean()
		if h != nil && t != nil && *h > *t {
			found = append(found, reason{*h - *t, fmt.Sprintf(text, value(*h), value(*t))})
		}
	}
	percent := func(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }
	add(g.satisfaction, g.rest.satisfaction, "satisfaction %s of 100, elsewhere %s", func(x float64) string { return fmt.Sprintf("%.0f", 100*(1-x)) })
	add(g.ended, g.rest.ended, "%s fail, are abandoned or escalated, elsewhere %s", percent)
	add(g.failed, g.rest.failed, "a failed answer in %s, elsewhere %s", percent)
	slices.SortStableFunc(found, func(a, b reason) int { return cmp.Compare(b.worse, a.worse) })
	out := []string{}
	for _, r := range found {
		out = append(out, r.text)
	}
	return out
}

// explainGroups adds the signals that are more frequent in a group than elsewhere, and examples.
func (in *Insight) explainGroups(ctx context.Context, s Scope, q query.Query, total health, groups []group) error {
	filters := make([]*query.Filter, len(groups))
	for i, g := range groups {
		var err error
		if filters[i], err = valueFilter(g.Dimension, g.Key); err != nil {
			return err
		}
	}
	all, each, err := in.signals(ctx, q, filters)
	if err != nil {
		return err
	}
	for i := range groups {
		g := &groups[i]
		if g.Dimension != "signal" { // which all conversations of such a group have
			g.Why = append(g.Why, tellingSignals(each[i], all, g.n, total.n)...)
		}
		if g.Examples, err = in.worst(ctx, s, g.Dimension, filters[i]); err != nil {
			return err
		}
	}
	return nil
}

// valueFilter selects the conversations of one value of a dimension.
func valueFilter(dimension, value string) (*query.Filter, error) {
	c := query.Condition{Field: dimension, Cmp: query.Eq, Values: []string{value}}
	return c.At(query.Conversations)
}

// signals counts the conversations that have each signal: all of them, and those that pass each of some filters.
func (in *Insight) signals(ctx context.Context, q query.Query, filters []*query.Filter) (all map[string]int64, each []map[string]int64, err error) {
	q.Breakdown, q.Limit = []string{"signal"}, maxSignalGroups
	q.Measures = []query.Measure{{As: "n", Op: query.Count}}
	for i, f := range filters {
		q.Measures = append(q.Measures, query.Measure{As: fmt.Sprint("n", i), Op: query.Count, Where: f})
	}
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	counts := make([]map[string]int64, len(q.Measures))
	for i := range counts {
		counts[i] = map[string]int64{}
		for _, r := range res.Rows {
			if n := int64(r.Values[i].Num); !r.Keys[0].Absent && n > 0 {
				counts[i][r.Keys[0].Value] = n
			}
		}
	}
	return counts[0], counts[1:], nil
}

// tellingSignals are at most two signals of which a group certainly has more than elsewhere.
func tellingSignals(here, all map[string]int64, n, total int64) []string {
	type telling struct {
		name       string
		more, h, t float64
	}
	var found []telling
	for name, k := range here {
		iv := stats.ProportionDifference(k, n, all[name]-k, total-n, stats.Level)
		if total > n && iv.Lo() > 0 {
			found = append(found, telling{name, iv.Lo(), float64(k) / float64(n), float64(all[name]-k) / float64(total-n)})
		}
	}
	slices.SortFunc(found, func(a, b telling) int { return cmp.Or(cmp.Compare(b.more, a.more), cmp.Compare(a.name, b.name)) })
	var out []string
	for _, f := range found[:min(2, len(found))] {
		out = append(out, fmt.Sprintf("signal %s in %.0f %%, elsewhere %.0f %%", f.name, 100*f.h, 100*f.t))
	}
	return out
}

// worst returns the ids of conversations of the scope, of one value of a dimension, with the lowest satisfaction.
func (in *Insight) worst(ctx context.Context, s Scope, dimension string, also *query.Filter) ([]string, error) {
	l, err := s.list(ctx, in, query.Conversations)
	if err != nil {
		return nil, err
	}
	if s.Funnel == nil && !s.usesConversion(dimension) {
		l.Conversion = nil // of the ids nobody asks whether they have converted
	}
	l.Filter, l.Sort, l.Limit = query.AllOf(l.Filter, also), "satisfaction", examplesPerRow
	page, err := in.Store.Conversations(ctx, l)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, c := range page.Conversations {
		if c.Satisfaction != nil && *c.Satisfaction <= 0.5 {
			out = append(out, c.ID)
		}
	}
	return out, nil
}

// name fills in the names of the rows.
func (in *Insight) name(ctx context.Context, rows []Opportunity) error {
	asked := map[string][]string{}
	for i := range rows {
		rows[i].Name = rows[i].Key
		asked[rows[i].Dimension] = append(asked[rows[i].Dimension], rows[i].Key)
	}
	if in.Namer == nil {
		return nil
	}
	for dimension, values := range asked {
		names, err := in.Namer.Names(ctx, dimension, values)
		if err != nil {
			return fmt.Errorf("name values of %s: %w", dimension, err)
		}
		for i := range rows {
			if name := names[rows[i].Key]; rows[i].Dimension == dimension && name != "" {
				rows[i].Name = name
			}
		}
	}
	return nil
}
