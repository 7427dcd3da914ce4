package insight

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/stats"
)

// The composed answers (effects, changes, opportunities, experiments) are computed again here from exported rows,
// conversation by conversation, without a query.

var oracleStart = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

// history writes random conversations of two weeks, with analyses of most.
func history(t *testing.T, r *rand.Rand, n int) *memstore.Store {
	t.Helper()
	s := memstore.New()
	b := &eventstore.Batch{}
	oneOf := func(values ...string) string { return values[r.IntN(len(values))] }
	for i := range n {
		id := fmt.Sprintf("c%03d", i)
		at := oracleStart.Add(time.Duration(r.IntN(14*24*60)) * time.Minute)
		second := at.After(oracleStart.AddDate(0, 0, 7))
		version := "v1"
		if second && r.IntN(3) > 0 {
			version = "v2"
		}
		add := func(e event.Event) {
			at = at.Add(time.Second)
			e.ID, e.ConversationID, e.OccurredAt, e.ReceivedAt = fmt.Sprintf("%s-%d", id, len(b.Puts)), id, at, at
			e.Source, e.SourceEvent, e.RequestSeq = "web", "x", int64(len(b.Puts))
			if e.Properties == nil && r.IntN(10) > 0 {
				e.Properties = json.RawMessage(`{"version":"` + version + `"}`)
			}
			b.Puts = append(b.Puts, &e)
		}
		person := fmt.Sprintf("p%d", r.IntN(n/3))
		if r.IntN(12) == 0 {
			person = ""
		}
		add(event.Event{Kind: event.KindMessage, Action: "sent", Role: event.RoleUser, UserID: person, Channel: oneOf("", "web", "app", "app"), Locale: oneOf("de", "en")})
		for range r.IntN(3) {
			add(event.Event{Kind: event.KindTool, Action: "called", ToolName: oneOf("search", "book", "pay")})
		}
		if r.IntN(15) == 0 {
			add(event.Event{Kind: event.KindProduct, Action: "tracked", Properties: json.RawMessage(`{"version":"v2"}`)})
		}
		if r.IntN(3) == 0 {
			add(event.Event{Kind: event.KindFeedback, Action: "rated", Score: new(float64(r.IntN(5)) / 4)})
		}
		if r.IntN(8) == 0 {
			add(event.Event{Kind: event.KindConversion, Action: "converted"})
		}
		if r.IntN(10) == 0 {
			continue
		}
		a := &event.Analysis{
			ConversationID: id, Version: 1, AnalysedAt: at, FailedAnswers: int64(r.IntN(4) / 2),
			Outcome: oneOf(event.OutcomeResolved, event.OutcomeResolved, event.OutcomeFailed, event.OutcomeAbandoned, event.OutcomeEscalated, event.OutcomeOpen),
		}
		if r.IntN(4) > 0 {
			a.ImpliedSatisfaction = new(float64(r.IntN(101)) / 100)
		}
		for _, name := range []string{"rephrase", "thanks", "loop"} {
			if r.IntN(3) == 0 {
				a.Signals = append(a.Signals, event.Signal{Name: name})
			}
		}
		b.Analyses = append(b.Analyses, a)
	}
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return s
}

// fact is one conversation as a person with the exported rows sees it.
type fact struct {
	row    eventstore.ConversationRow
	failed int64 // failed answers; -1: not analysed
	values map[string][]string
}

var oracleDimensions = []string{"channel", "locale", "tool_name", "outcome", "signal", "properties.version"}

func exported(t *testing.T, s *memstore.Store) []fact {
	t.Helper()
	conv := &query.Conversion{Match: defaultConversion()}
	var out []fact
	page, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations, Conversion: conv, Limit: query.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, row := range page.Conversations {
		f := fact{row: row, failed: -1, values: map[string][]string{"signal": row.Signals}}
		for field, v := range map[string]string{"channel": row.Channel, "locale": row.Locale, "outcome": row.Outcome} {
			if v != "" {
				f.values[field] = []string{v}
			}
		}
		out, ids = append(out, f), append(ids, row.ID)
	}
	analyses, err := s.Analyses(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]*fact{}
	for i := range out {
		at[out[i].row.ID] = &out[i]
		if a := analyses[out[i].row.ID]; a != nil {
			out[i].failed = a.FailedAnswers
		}
	}
	for e, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			t.Fatal(err)
		}
		f := at[e.ConversationID]
		put := func(field, v string) {
			if v != "" && !slices.Contains(f.values[field], v) {
				f.values[field] = append(f.values[field], v)
			}
		}
		put("tool_name", e.ToolName)
		var p struct{ Version string }
		if len(e.Properties) > 0 {
			if err := json.Unmarshal(e.Properties, &p); err != nil {
				t.Fatal(err)
			}
		}
		put("properties.version", p.Version)
	}
	return out
}

// has reports whether a conversation is under a value of a dimension; nil is under none.
func (f *fact) has(dimension string, value *string) bool {
	if value == nil {
		return len(f.values[dimension]) == 0
	}
	return slices.Contains(f.values[dimension], *value)
}

// of is the metric of one conversation; ok is false where it cannot be measured.
func (f *fact) of(metric string) (x float64, ok bool) {
	switch metric {
	case "resolved_rate":
		return yes(f.row.Outcome == event.OutcomeResolved || f.row.Outcome == event.OutcomeConverted), f.row.Outcome != "" && f.row.Outcome != event.OutcomeOpen
	case "conversion_rate":
		return yes(f.row.Converted), true
	case "overall_satisfaction":
		if f.row.Satisfaction == nil {
			return 0, false
		}
		return *f.row.Satisfaction, true
	}
	panic(metric)
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func momentsOf(xs []float64) stats.Moments {
	m := stats.Moments{N: int64(len(xs))}
	for _, x := range xs {
		m.Mean += x / float64(len(xs))
	}
	for _, x := range xs {
		m.Variance += (x - m.Mean) * (x - m.Mean)
	}
	if len(xs) > 1 {
		m.Variance /= float64(len(xs) - 1)
	}
	return m
}

func meanOf(xs []float64) float64 { return momentsOf(xs).Mean }

// like compares numbers but for the order of adding up.
func like(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

func (c *checking) like(what string, got *float64, want float64, known bool) {
	c.t.Helper()
	if (got != nil) != known || (known && !like(*got, want)) {
		c.t.Errorf("seed %d: %s: got %v, want %v (known: %t)", c.seed, what, value(got), want, known)
	}
}

func value(x *float64) any {
	if x == nil {
		return "none"
	}
	return *x
}

type checking struct {
	t     *testing.T
	seed  uint64
	in    *Insight
	facts []fact
}

func TestComposedAnswersAreThoseOfEveryRow(t *testing.T) {
	for seed := uint64(1); seed <= 12; seed++ {
		r := rand.New(rand.NewPCG(seed, 4))
		s := history(t, r, 40+r.IntN(160))
		c := &checking{t, seed, &Insight{Store: s}, exported(t, s)}
		for _, metric := range []string{"resolved_rate", "conversion_rate", "overall_satisfaction"} {
			for _, dimension := range oracleDimensions {
				c.effects(metric, dimension)
			}
			c.changes(metric)
			for _, unit := range []string{UnitConversation, UnitPerson} {
				c.experiment(metric, unit)
			}
		}
		c.opportunities()
		if t.Failed() {
			return
		}
	}
}

func (c *checking) effects(metric, dimension string) {
	c.t.Helper()
	got, err := c.in.Effects(c.t.Context(), Scope{}, dimension, metric, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range c.facts {
		for _, v := range f.values[dimension] {
			seen[v] = true
		}
		if len(f.values[dimension]) == 0 {
			seen["\x00"] = true
		}
	}
	if len(got.Rows) != len(seen) {
		c.t.Errorf("seed %d: effects of %s: %d rows, want %d", c.seed, dimension, len(got.Rows), len(seen))
	}
	for _, row := range got.Rows {
		var with, without []float64
		for _, f := range c.facts {
			if x, ok := f.of(metric); ok && f.has(dimension, row.Value) {
				with = append(with, x)
			} else if ok {
				without = append(without, x)
			}
		}
		what := fmt.Sprintf("effect of %s %v on %s", dimension, row.Value, metric)
		if row.With.N != int64(len(with)) || row.Without.N != int64(len(without)) {
			c.t.Errorf("seed %d: %s: got %d and %d, want %d and %d", c.seed, what, row.With.N, row.Without.N, len(with), len(without))
			continue
		}
		c.like(what+", with", row.With.Rate, meanOf(with), len(with) > 0)
		c.like(what+", without", row.Without.Rate, meanOf(without), len(without) > 0)
		c.like(what, row.Lift, meanOf(with)-meanOf(without), len(with) > 0 && len(without) > 0)
		if row.Interval != nil && !row.Interval.Contains(*row.Lift) {
			c.t.Errorf("seed %d: %s: %v is not in %v", c.seed, what, *row.Lift, *row.Interval)
		}
		if metric == "overall_satisfaction" && len(with) > 1 && len(without) > 1 {
			c.like(what+", p", row.P, stats.MeanTest(momentsOf(with), momentsOf(without)), true)
		}
	}
}

func (c *checking) changes(metric string) {
	c.t.Helper()
	split := oracleStart.AddDate(0, 0, 7)
	scope := Scope{Range: query.Range{From: split, Until: split.AddDate(0, 0, 7)}}
	got, err := c.in.Changes(c.t.Context(), ChangeQuestion{Scope: scope, Metric: metric, Dimensions: oracleDimensions, Limit: MaxChanges})
	if err != nil {
		c.t.Fatal(err)
	}
	// values of all conversations of a period that can be measured, and whether a row is of them.
	measured := func(now bool) (out []*fact) {
		for i := range c.facts {
			if _, ok := c.facts[i].of(metric); ok && now == !c.facts[i].row.At.Before(split) {
				out = append(out, &c.facts[i])
			}
		}
		return out
	}
	now, before := measured(true), measured(false)
	if got.Total.N != int64(len(now)) || got.Previous.N != int64(len(before)) {
		c.t.Errorf("seed %d: %s: %d and %d rows, want %d and %d", c.seed, metric, got.Total.N, got.Previous.N, len(now), len(before))
		return
	}
	if len(now) == 0 || len(before) == 0 {
		return
	}
	base := 0.0
	for _, f := range before {
		x, _ := f.of(metric)
		base += x / float64(len(before))
	}
	sums := map[string]float64{}
	for _, row := range slices.Concat(got.Rows, got.Symptoms) {
		share := 0.0
		for _, f := range now {
			share += yes(f.has(row.Dimension, row.Value)) / float64(len(now)) / 2
		}
		for _, f := range before {
			share += yes(f.has(row.Dimension, row.Value)) / float64(len(before)) / 2
		}
		per := func(facts []*fact) (theirs, beyond []float64) {
			for _, f := range facts {
				x, _ := f.of(metric)
				in := yes(f.has(row.Dimension, row.Value))
				theirs, beyond = append(theirs, in*(x-base)), append(beyond, (in-share)*(x-base))
			}
			return theirs, beyond
		}
		t1, b1 := per(now)
		t0, b0 := per(before)
		what := fmt.Sprintf("change of %s by %s %v", metric, row.Dimension, row.Value)
		c.like(what, &row.Contribution, meanOf(t1)-meanOf(t0), true)
		c.like(what+", parts", new(row.Mix+row.Rate), row.Contribution, true)
		c.like(what+", beyond", &row.Beyond, meanOf(b1)-meanOf(b0), true)
		if row.P != nil {
			c.like(what+", p", row.P, stats.MeanTest(momentsOf(b1), momentsOf(b0)), true)
		}
		if row.Interval != nil {
			iv := stats.MeanDifference(momentsOf(t1), momentsOf(t0), 0.95)
			c.like(what+", lower", new(row.Interval.Lo()), iv.Lo(), true)
			c.like(what+", upper", new(row.Interval.Hi()), iv.Hi(), true)
		}
		sums[row.Dimension] += row.Contribution
	}
	for _, d := range got.Dimensions {
		if !d.Overlapping {
			c.like("sum over "+d.Dimension, new(sums[d.Dimension]), *got.Change, true)
		}
	}
	for i := 1; i < len(got.Rows); i++ {
		if got.Rows[i].Certain && !got.Rows[i-1].Certain {
			c.t.Errorf("seed %d: a certain row stands below an uncertain one", c.seed)
		}
	}
}

func (c *checking) opportunities() {
	c.t.Helper()
	got, err := c.in.Opportunities(c.t.Context(), Scope{}, oracleDimensions, MaxOpportunities)
	if err != nil {
		c.t.Fatal(err)
	}
	type sides [2][]float64 // here, elsewhere
	want := map[string]float64{}
	for _, dimension := range oracleDimensions {
		values := map[string]bool{}
		for _, f := range c.facts {
			for _, v := range f.values[dimension] {
				values[v] = true
			}
		}
		for v := range values {
			var signs [3]sides
			n := 0
			for _, f := range c.facts {
				side := 1
				if f.has(dimension, &v) {
					side, n = 0, n+1
				}
				if x, ok := f.of("overall_satisfaction"); ok {
					signs[0][side] = append(signs[0][side], 1-x)
				}
				if o := f.row.Outcome; o != "" && o != event.OutcomeOpen {
					signs[1][side] = append(signs[1][side], yes(o == event.OutcomeFailed || o == event.OutcomeAbandoned || o == event.OutcomeEscalated))
				}
				if f.failed >= 0 {
					signs[2][side] = append(signs[2][side], yes(f.failed > 0))
				}
			}
			known, lower, elsewhere := 0.0, 0.0, 0.0
			for i, s := range signs {
				here, there := momentsOf(s[0]), momentsOf(s[1])
				if here.N == 0 || there.N == 0 || (i == 0 && here.N < 2) {
					continue
				}
				iv := stats.Mean(here, 0.95)
				if i > 0 {
					iv = stats.Wilson(int64(math.Round(here.Mean*float64(here.N))), here.N, 0.95)
				}
				known, lower, elsewhere = known+1, lower+max(0, iv.Lo()), elsewhere+there.Mean
			}
			if known > 0 && lower > elsewhere {
				want[dimension+"="+v] = float64(n) * (lower - elsewhere) / known
			}
		}
	}
	found := map[string]float64{}
	for i, row := range got.Rows {
		found[row.Dimension+"="+row.Key] = row.Cost
		if i > 0 && row.Cost > got.Rows[i-1].Cost {
			c.t.Errorf("seed %d: opportunities are not in order", c.seed)
		}
	}
	for key := range want {
		if x, ok := found[key]; !ok || !like(x, want[key]) {
			c.t.Errorf("seed %d: opportunity %s costs %v, want %v", c.seed, key, x, want[key])
		}
	}
	if len(found) != len(want) {
		c.t.Errorf("seed %d: opportunities %v, want %v", c.seed, slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(want)))
	}
}

func (c *checking) experiment(metric, unit string) {
	c.t.Helper()
	e := Experiment{Name: "x", Field: "properties.version", Variants: []Variant{{Value: "v1"}, {Value: "v2", Weight: 2}}, Unit: unit, Primary: metric}
	got, err := c.in.Experiment(c.t.Context(), e, "")
	if err != nil {
		c.t.Fatal(err)
	}
	unitOf := func(f *fact) string {
		if unit == UnitConversation {
			return f.row.ID
		}
		return f.row.Person
	}
	saw := map[string]map[string]bool{}
	for i := range c.facts {
		f := &c.facts[i]
		if id := unitOf(f); id != "" && len(f.values["properties.version"]) > 0 {
			if saw[id] == nil {
				saw[id] = map[string]bool{}
			}
			for _, v := range f.values["properties.version"] {
				saw[id][v] = true
			}
		}
	}
	excluded, units := int64(0), map[string]int64{}
	for _, of := range saw {
		if len(of) > 1 {
			excluded++
			continue
		}
		for v := range of {
			units[v]++
		}
	}
	if got.Excluded != excluded || got.Variants[0].Units != units["v1"] || got.Variants[1].Units != units["v2"] {
		c.t.Errorf("seed %d: experiment on %ss: %d, %d and %d excluded; want %d, %d and %d", c.seed, unit,
			got.Variants[0].Units, got.Variants[1].Units, got.Excluded, units["v1"], units["v2"], excluded)
	}
	for _, v := range got.Variants {
		byUnit := map[string][]float64{}
		for i := range c.facts {
			f := &c.facts[i]
			if x, ok := f.of(metric); ok && len(saw[unitOf(f)]) == 1 && f.has("properties.version", &v.Value) {
				byUnit[unitOf(f)] = append(byUnit[unitOf(f)], x)
			}
		}
		var xs []float64
		for _, of := range byUnit {
			xs = append(xs, meanOf(of))
		}
		what := fmt.Sprintf("experiment on %ss, %s of %s", unit, metric, v.Value)
		if v.Primary.N != int64(len(xs)) {
			c.t.Errorf("seed %d: %s: n = %d, want %d", c.seed, what, v.Primary.N, len(xs))
			continue
		}
		c.like(what, v.Primary.Value, meanOf(xs), len(xs) > 0)
	}
}
