package insight

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// SignalRates is how many of the analysed conversations of a scope have each signal.
type SignalRates struct {
	Range Range `json:"range"`
	// Of is how many conversations were analysed; Conversations how many there are.
	Of            int64        `json:"of"`
	Conversations int64        `json:"conversations"`
	Signals       []SignalRate `json:"signals"` // the most frequent first; those that nothing has are left out
}

// SignalRate is the rate of one signal.
type SignalRate struct {
	Name   string      `json:"name"`
	N      int64       `json:"n"`
	Rate   float64     `json:"rate"`
	Series []RatePoint `json:"series"` // with a period
}

// RatePoint is a rate in one bucket; nil where nothing was analysed.
type RatePoint struct {
	Start time.Time `json:"start"`
	N     int64     `json:"n"`
	Of    int64     `json:"of"`
	Rate  *float64  `json:"rate"`
}

// analysed holds for conversations that have an analysis: what a rate is a share of.
func analysed() *query.Filter { return query.Is("analysis_version", query.Exists) }

// SignalRates answers the rates of all signals, over time if a period is asked for.
func (in *Insight) SignalRates(ctx context.Context, s Scope, period query.Period) (*SignalRates, error) {
	loc, err := query.LoadZone(s.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	q, err := s.query(ctx, in, query.Conversations)
	if err != nil {
		return nil, err
	}
	q.Measures = []query.Measure{{As: "all", Op: query.Count}, {As: "of", Op: query.Count, Where: analysed()}}
	total, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &SignalRates{Range: rangeOf(s.Range, loc), Signals: []SignalRate{}}
	if len(total.Rows) > 0 {
		out.Conversations, out.Of = int64(total.Rows[0].Values[0].Num), int64(total.Rows[0].Values[1].Num)
	}
	per := map[int64]int64{} // analysed, by bucket
	var starts []time.Time
	if period != query.All {
		q.Period = period
		cut, err := in.Store.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		if starts, err = buckets(&q, cut.Rows, loc); err != nil {
			return nil, err
		}
		for _, r := range cut.Rows {
			per[r.Start.UnixMicro()] = int64(r.Values[1].Num)
		}
	}
	byName, err := in.signalCounts(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, c := range byName {
		r := SignalRate{Name: c.name, N: c.n, Rate: share(c.n, out.Of), Series: []RatePoint{}}
		for _, t := range starts {
			at := t.UnixMicro()
			r.Series = append(r.Series, ratePoint(t.In(loc), c.per[at], per[at]))
		}
		out.Signals = append(out.Signals, r)
	}
	return out, nil
}

// signalCount is how many conversations have a signal.
type signalCount struct {
	name string
	n    int64
	per  map[int64]int64 // by bucket
}

func (in *Insight) signalCounts(ctx context.Context, q query.Query) ([]*signalCount, error) {
	q.Measures, q.Breakdown = []query.Measure{{As: "n", Op: query.Count}}, []string{"signal"}
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []*signalCount
	byName := map[string]*signalCount{}
	// Rows come by bucket, so the order of groups is made again.
	for _, r := range res.Rows {
		if r.Keys[0].Absent {
			continue
		}
		c := byName[r.Keys[0].Value]
		if c == nil {
			c = &signalCount{name: r.Keys[0].Value, per: map[int64]int64{}}
			byName[c.name] = c
			all = append(all, c)
		}
		n := int64(r.Values[0].Num)
		c.n += n
		c.per[r.Start.UnixMicro()] += n
	}
	slices.SortFunc(all, func(a, b *signalCount) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name))
	})
	return all, nil
}

// SignalBreakdown is the rate of one signal over time and by dimensions.
type SignalBreakdown struct {
	Range  Range       `json:"range"`
	Name   string      `json:"name"`
	N      int64       `json:"n"`
	Of     int64       `json:"of"`
	Rate   float64     `json:"rate"`
	Series []RatePoint `json:"series"`
	Groups []RateGroup `json:"groups"` // the most conversations first
	// GroupsTotal is how many groups there are before the limit.
	GroupsTotal int `json:"groups_total"`
}

// RateGroup is the rate under one combination of values; a nil key stands for those without the field.
type RateGroup struct {
	Keys []*string `json:"keys"`
	N    int64     `json:"n"`
	Of   int64     `json:"of"`
	Rate float64   `json:"rate"`
}

// SignalBreakdown answers the rate of a signal, over time with a period and by fields with a breakdown.
func (in *Insight) SignalBreakdown(ctx context.Context, s Scope, name string, period query.Period, breakdown []string, limit int) (*SignalBreakdown, error) {
	loc, err := query.LoadZone(s.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	if len(breakdown) > MaxBreakdown {
		return nil, fault("breakdown", "%d fields; at most %d", len(breakdown), MaxBreakdown)
	}
	q, err := s.query(ctx, in, query.Conversations, breakdown...)
	if err != nil {
		return nil, err
	}
	q.Filter, q.Breakdown = query.AllOf(q.Filter, analysed()), nil
	q.Measures = []query.Measure{{As: "of", Op: query.Count}, {As: "n", Op: query.Count, Where: query.Is("signal", query.Eq, name)}}
	out := &SignalBreakdown{Range: rangeOf(s.Range, loc), Name: name, Series: []RatePoint{}, Groups: []RateGroup{}}
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(res.Rows) > 0 {
		out.Of, out.N = int64(res.Rows[0].Values[0].Num), int64(res.Rows[0].Values[1].Num)
		out.Rate = share(out.N, out.Of)
	}
	if period != query.All {
		cut := q
		cut.Period = period
		if out.Series, err = in.rateSeries(ctx, cut, loc); err != nil {
			return nil, err
		}
	}
	if len(breakdown) == 0 {
		return out, nil
	}
	q.Breakdown, q.Limit = breakdown, limit
	if res, err = in.Store.Query(ctx, q); err != nil {
		return nil, err
	}
	out.GroupsTotal = res.Groups
	for _, r := range res.Rows {
		g := RateGroup{Keys: keysOf(r.Keys), Of: int64(r.Values[0].Num), N: int64(r.Values[1].Num)}
		g.Rate = share(g.N, g.Of)
		out.Groups = append(out.Groups, g)
	}
	return out, nil
}

func (in *Insight) rateSeries(ctx context.Context, q query.Query, loc *time.Location) ([]RatePoint, error) {
	res, err := in.Store.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	starts, err := buckets(&q, res.Rows, loc)
	if err != nil {
		return nil, err
	}
	at := map[int64]query.Row{}
	for _, r := range res.Rows {
		at[r.Start.UnixMicro()] = r
	}
	out := []RatePoint{}
	for _, t := range starts {
		var n, of int64
		if r, ok := at[t.UnixMicro()]; ok {
			of, n = int64(r.Values[0].Num), int64(r.Values[1].Num)
		}
		out = append(out, ratePoint(t.In(loc), n, of))
	}
	return out, nil
}

func ratePoint(start time.Time, n, of int64) RatePoint {
	p := RatePoint{Start: start, N: n, Of: of}
	if of > 0 {
		p.Rate = new(share(n, of))
	}
	return p
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// SignalExample is a conversation that has a signal, and why.
type SignalExample struct {
	ConversationID string         `json:"conversation_id"`
	At             time.Time      `json:"at"`
	Preview        string         `json:"preview"`
	Outcome        string         `json:"outcome"`
	Signals        []event.Signal `json:"signals"` // of that name, in the order of their events
}

// SignalExamples answers the newest conversations of a scope that have a signal.
func (in *Insight) SignalExamples(ctx context.Context, s Scope, name string, limit int) ([]SignalExample, error) {
	l, err := s.conversationList(ctx, in, Page{Limit: limit, Desc: true})
	if err != nil {
		return nil, err
	}
	l.Filter = query.AllOf(l.Filter, query.Is("signal", query.Eq, name))
	page, err := in.Store.Conversations(ctx, l)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(page.Conversations))
	for i, c := range page.Conversations {
		ids[i] = c.ID
	}
	analyses, err := in.Store.Analyses(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []SignalExample{}
	for _, c := range page.Conversations {
		x := SignalExample{ConversationID: c.ID, At: c.At, Preview: c.Preview, Outcome: c.Outcome, Signals: []event.Signal{}}
		if a := analyses[c.ID]; a != nil {
			for _, s := range a.Signals {
				if s.Name == name {
					x.Signals = append(x.Signals, s)
				}
			}
		}
		out = append(out, x)
	}
	return out, nil
}
