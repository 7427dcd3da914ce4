package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// filter is a random filter, nested a little.
func (a *asker) filter(g query.Grain, depth int) *query.Filter {
	if g == query.Conversations && depth == 0 && a.IntN(10) == 0 {
		f := a.funnel()
		f.Breakdown, f.Limit = nil, 0
		return &query.Filter{Reached: &query.Reached{Funnel: f, Step: 1 + a.IntN(len(f.Steps))}}
	}
	if depth < 3 && a.IntN(2) == 0 {
		inner := func(g query.Grain) *query.Filter { return a.filter(g, depth+1) }
		switch a.IntN(5) {
		case 0:
			return &query.Filter{And: []*query.Filter{inner(g), inner(g)}}
		case 1:
			return &query.Filter{Or: []*query.Filter{inner(g), inner(g)}}
		case 2:
			return &query.Filter{Not: inner(g)}
		}
		switch g {
		case query.Conversations:
			return &query.Filter{Has: inner(query.Events)}
		case query.Events:
			return &query.Filter{In: inner(query.Conversations)}
		}
	}
	name := a.field(g, func(f query.Field) bool { return f.Origin != query.OfEvents })
	f, err := query.Resolve(g, name)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	cmps := []query.Cmp{query.Eq, query.Eq, query.Exists}
	switch f.Type {
	case query.String:
		cmps = append(cmps, query.Contains)
	case query.Number, query.Time:
		cmps = append(cmps, query.Less, query.AtMost, query.Greater, query.AtLeast)
	}
	c := &query.Compare{Field: name, Cmp: pick(a.Rand, cmps...)}
	switch c.Cmp {
	case query.Exists:
	case query.Eq:
		for range pick(a.Rand, 1, 2, 3, 1, 2, 3, 1, 2, 3, 30) {
			c.Values = append(c.Values, a.value(g, f))
		}
	case query.Contains:
		c.Values = []string{a.part(a.value(g, f))}
	default:
		c.Values = []string{a.value(g, f)}
	}
	return &query.Filter{Is: c}
}

// part cuts a piece out of a text, and changes its case.
func (a *asker) part(s string) string {
	runes := []rune(s)
	if len(runes) > 0 {
		from := a.IntN(len(runes))
		runes = runes[from : from+a.IntN(len(runes)-from+1)]
	}
	return pick(a.Rand, strings.ToUpper, strings.ToLower, strings.TrimSpace)(string(runes))
}

// value is a value to compare a field with: one that a row has, if it is easily found.
func (a *asker) value(g query.Grain, f query.Field) string {
	text := ""
	switch {
	case f.Name == "person":
		text = pick(a.Rand, fmt.Sprint("u", a.IntN(9)), fmt.Sprint("x", a.IntN(9)), "u1", "x4", "p1")
	case f.Origin == query.Column && g == query.Events:
		text = fieldText(*pick(a.Rand, a.events...), f.Name)
	case f.Origin == query.Column && len(a.conversations) > 0:
		text = fieldText(pick(a.Rand, a.conversations...), f.Name)
	}
	if g == query.Conversations && text == "" {
		text = a.valueBeside(f)
	}
	switch f.Type {
	case query.Bool:
		return pick(a.Rand, "true", "false")
	case query.Time:
		if micros, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
		}
		return a.time().Format(time.RFC3339Nano)
	case query.Number:
		if text == "" || a.IntN(5) == 0 {
			return pick(a.Rand, "0", "1", "2", "3", "7", "12.5", "100", "1e2", "-3", "0.125", "60000", "15000")
		}
	case query.String:
		if text == "" {
			return pick(a.Rand, "", "x", "x1", "u1", "free", "pro", "12.5", "12.50", "100", "true", "missing_role", "case", "y", "0")
		}
	}
	return text
}

// valueBeside is a value of a field that conversations have beside their events; "" of any other.
func (a *asker) valueBeside(f query.Field) string {
	if of := map[string][]string{
		"outcome": append(outcomePool, event.OutcomeConverted), "signal": signalPool, "label": labelPool, "topic": topicPool, "topic_group": topicPool,
		"satisfaction_band":   {query.BandPoor, query.BandFair, query.BandGood},
		"satisfaction_source": {query.SatisfactionRated, query.SatisfactionInferred},
	}[f.Name]; of != nil {
		return pick(a.Rand, of...)
	}
	if len(a.analyses) == 0 {
		return ""
	}
	name := f.Name
	if name == "satisfaction" {
		name = "implied_satisfaction"
	}
	return fieldText(*pick(a.Rand, a.analyses...), name)
}
