package storetest

import (
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// flow is a random question about the order of events.
func (a *asker) flow() flow {
	switch a.IntN(3) {
	case 0:
		return &funnel{*a.funnel()}
	case 1:
		return &retention{*a.retention()}
	}
	return &paths{*a.paths()}
}

func (a *asker) maybeConversion() *query.Conversion {
	if a.IntN(3) == 0 {
		return a.conversion()
	}
	return nil
}

// maybeFilter is a filter in one of so many times.
func (a *asker) maybeFilter(g query.Grain, times int) *query.Filter {
	if a.IntN(times) > 0 {
		return nil
	}
	return a.filter(g, 1)
}

// step is a filter that many events pass, so that funnels go on.
func (a *asker) step() *query.Filter {
	switch a.IntN(8) {
	case 0:
		return nil
	case 1:
		return &query.Filter{In: a.filter(query.Conversations, 2)}
	case 2, 3:
		return a.filter(query.Events, 1)
	case 4:
		return query.AllOf(query.Is("kind", query.Eq, "message"), &query.Filter{In: a.filter(query.Conversations, 2)})
	}
	return query.Is("source_event", query.Eq, pick(a.Rand, a.events...).SourceEvent, pick(a.Rand, a.events...).SourceEvent)
}

func (a *asker) funnel() *query.Funnel {
	f := &query.Funnel{
		Grain: pick(a.Rand, query.Conversations, query.Conversations, query.People), Range: a.span(), Zone: pick(a.Rand, zones...),
		Conversion: a.maybeConversion(), AnyOrder: a.IntN(3) == 0, Window: a.window(),
	}
	g := query.Conversations
	if f.Grain == query.People {
		g = query.Events
	}
	f.Filter = a.maybeFilter(g, 3)
	for range 1 + a.IntN(5) {
		f.Steps = append(f.Steps, a.step())
	}
	for range pick(a.Rand, 0, 0, 1, 2) {
		if name := a.field(g, func(query.Field) bool { return true }); len(f.Breakdown) == 0 || f.Breakdown[0] != name {
			f.Breakdown = append(f.Breakdown, name)
		}
	}
	if a.IntN(5) == 0 {
		f.Limit = 1 + a.IntN(3)
	}
	return f
}

// window is none, some time, or exactly the time between two events.
func (a *asker) window() time.Duration {
	switch a.IntN(4) {
	case 0:
		return time.Duration(1+a.IntN(100)) * time.Minute
	case 1:
		return pick(a.Rand, a.events...).OccurredAt.Sub(pick(a.Rand, a.events...).OccurredAt).Truncate(time.Microsecond).Abs()
	case 2:
		return time.Duration(a.IntN(4)) * time.Microsecond
	}
	return 0
}

func (a *asker) retention() *query.Retention {
	r := &query.Retention{
		Grain: pick(a.Rand, query.Users, query.People), Range: a.span(), Zone: pick(a.Rand, zones...), WeekStart: time.Weekday(a.IntN(7)),
		Period: pick(a.Rand, query.Day, query.Week, query.Month), Periods: pick(a.Rand, 1, 3, 8, query.MaxPeriods), Conversion: a.maybeConversion(),
		Filter: a.maybeFilter(query.Events, 4),
	}
	if a.IntN(3) > 0 {
		r.First = a.step()
	}
	if a.IntN(3) > 0 {
		r.Return = a.step()
	}
	if a.IntN(2) == 0 {
		r.Breakdown = []string{a.field(query.Conversations, func(query.Field) bool { return true })}
	}
	if a.IntN(5) == 0 {
		r.Limit = 1 + a.IntN(3)
	}
	return r
}

func (a *asker) paths() *query.Paths {
	p := &query.Paths{
		Range: a.span(), Zone: pick(a.Rand, zones...), Conversion: a.maybeConversion(), Filter: a.maybeFilter(query.Conversations, 3),
		Converted: a.IntN(2) == 0, Depth: 1 + a.IntN(6), Limit: 1 + a.IntN(6),
	}
	text := func(f query.Field) bool {
		return f.Type == query.String && !f.Set
	}
	if a.IntN(2) == 0 {
		p.Start = a.field(query.Conversations, text)
	}
	if a.IntN(2) == 0 {
		p.End = a.field(query.Conversations, text)
	}
	if a.IntN(6) > 0 {
		p.Steps = append(p.Steps, query.PathStep{Kind: "tool", Match: query.Is("action", query.Eq, "called"), Field: "tool_name"},
			query.PathStep{Kind: "component", Match: query.Is("kind", query.Eq, "artifact"), Field: "artifact_type"})
	}
	if a.IntN(2) == 0 {
		p.Steps = append(p.Steps, query.PathStep{Kind: "event", Match: a.step(), Field: a.field(query.Events, text)})
	}
	return p
}
