package storetest

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// asker makes up questions over the whole algebra, with values that the history has.
type asker struct {
	*rand.Rand
	events        []*event.Event
	conversations []event.Conversation
	analyses      []*event.Analysis
	chats         []string // ids that analyses are of
}

// newAsker asks about what some writes put, if some of it was replaced since.
func newAsker(r *rand.Rand, writes []*eventstore.Batch) *asker {
	a := &asker{Rand: r}
	byID := map[string][]*event.Event{}
	var ids []string
	for _, b := range writes {
		a.analyses = append(a.analyses, b.Analyses...)
		for _, x := range b.Analyses {
			a.chats = append(a.chats, x.ConversationID)
		}
		for _, e := range b.Puts {
			a.events = append(a.events, e)
			if e.ConversationID != "" && e.Tracked() {
				if byID[e.ConversationID] == nil {
					ids = append(ids, e.ConversationID)
				}
				byID[e.ConversationID] = append(byID[e.ConversationID], e)
			}
		}
	}
	for _, id := range ids {
		slices.SortFunc(byID[id], func(x, y *event.Event) int { return x.OccurredAt.Compare(y.OccurredAt) })
		a.conversations = append(a.conversations, event.Roll(byID[id]))
	}
	return a
}

var (
	zones   = []string{"", "", "", "UTC", "Europe/Paris", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York", "Asia/Amman", "Pacific/Apia"}
	periods = []query.Period{query.All, query.All, query.Hour, query.Day, query.Week, query.Month}

	// usual are the fields that people ask for: few values, some of them absent or several.
	usual = map[query.Grain][]string{
		query.Events: {
			"kind", "action", "role", "source", "source_event", "channel", "locale", "session_id", "user_id", "anonymous_id", "person",
			"conversation_id", "tracked", "hour_of_day", "weekday", "violation", "repair", "score", "tool_name", "tool_ok", "artifact_type", "inferred",
			"properties.plan", "properties.n", "properties.deep.er", "properties.deep.er.est", "properties.é ü", "number.properties.n", "number.properties.price",
			"response_ms", "title", "revision", "trace_id", "response_model", "input_tokens", "counts_usage",
		},
		query.Conversations: {
			"source", "user_id", "person", "channel", "mode", "started", "ended", "end_reason", "messages", "user_messages", "rated", "converted", "conversion_inferred", "hour_of_day", "weekday",
			"messages_to_conversion", "title", "kind", "tool_name", "violation", "properties.plan", "number.properties.n", "artifact_type", "role", "tracked", "response_ms",
			"model_calls", "failed_calls", "cancelled_calls", "failed_tools", "input_tokens", "output_tokens", "cost_usd", "model", "tokens", "trace_id",
			"outcome", "outcome", "signal", "signal", "label", "topic", "topic_group", "sentiment", "language", "quality", "implied_satisfaction", "satisfaction",
			"satisfaction_source", "satisfaction_band", "dissatisfied_turns", "analysed_at", "analysis_version",
		},
		query.Users: {"person", "events", "messages", "user_messages", "conversations", "sessions", "feedback", "new"},
	}
)

func (a *asker) question() question {
	if a.IntN(6) == 0 {
		return question{flow: a.flow()}
	}
	if a.IntN(6) == 0 {
		return question{list: a.list()}
	}
	return question{query: a.query()}
}

func (a *asker) query() *query.Query {
	q := &query.Query{
		Grain:     pick(a.Rand, query.Events, query.Events, query.Conversations, query.Conversations, query.Users, query.People),
		Zone:      pick(a.Rand, zones...),
		Period:    pick(a.Rand, periods...),
		WeekStart: time.Weekday(a.IntN(7)),
		Range:     a.span(),
	}
	if a.IntN(2) == 0 {
		g := q.Grain
		if g == query.Users || g == query.People {
			g = query.Events
		}
		q.Filter = a.filter(g, 0)
	}
	if a.IntN(3) == 0 {
		q.Conversion = a.conversion()
	}
	for range pick(a.Rand, 0, 0, 1, 1, 2, 3) {
		name := a.field(q.Grain, func(query.Field) bool { return true })
		if !slices.Contains(q.Breakdown, name) && len(q.Breakdown)*len(name) < 40 {
			q.Breakdown = append(q.Breakdown, name)
		}
	}
	for i := range 1 + a.IntN(4) {
		q.Measures = append(q.Measures, a.measure(q.Grain, "m"+strconv.Itoa(i+1)))
	}
	if a.IntN(5) == 0 {
		q.Limit = 1 + a.IntN(5)
	}
	return q
}

func (a *asker) list() *query.List {
	l := &query.List{
		Grain: pick(a.Rand, query.Events, query.Conversations),
		Range: a.span(),
		Zone:  pick(a.Rand, zones...),
		Desc:  a.IntN(2) == 0,
		Raw:   a.IntN(2) == 0,
		Limit: 1 + len(a.events)/(2+a.IntN(8)),
	}
	l.Count = l.Grain == query.Conversations && a.IntN(2) == 0
	if a.IntN(2) == 0 {
		l.Filter = a.filter(l.Grain, 0)
	}
	if a.IntN(3) == 0 {
		l.Conversion = a.conversion()
	}
	if a.IntN(2) == 0 {
		l.Sort = a.field(l.Grain, func(f query.Field) bool { return f.Sorts(l.Grain) })
	}
	return l
}

// field is a field of a grain that will do: mostly a usual one.
func (a *asker) field(g query.Grain, will func(f query.Field) bool) string {
	if g == query.People {
		g = query.Users
	}
	var usually, all []string
	for _, name := range usual[g] {
		if f, err := query.Resolve(g, name); err == nil && will(f) {
			usually = append(usually, name)
		}
	}
	for _, f := range query.Fields(g) {
		if will(f) {
			all = append(all, f.Name)
		}
	}
	if len(usually) > 0 && (len(all) == 0 || a.IntN(4) > 0) {
		return pick(a.Rand, usually...)
	}
	return pick(a.Rand, all...)
}

func (a *asker) measure(g query.Grain, as string) query.Measure {
	m := query.Measure{As: as, Op: pick(a.Rand, query.Count, query.Count, query.Distinct, query.Sum, query.SumSquares, query.Mean, query.Min, query.Max, query.Quantile)}
	if a.IntN(3) == 0 {
		m.Where = a.filter(g, 1)
	}
	if m.Op == query.Count && a.IntN(2) == 0 {
		return m
	}
	m.Field = a.field(g, func(f query.Field) bool {
		switch m.Op {
		case query.Count, query.Distinct:
			return f.Origin != query.OfEvents
		case query.Min, query.Max:
			return f.Origin != query.OfEvents && (f.Type == query.Number || f.Type == query.Time)
		}
		return f.Origin != query.OfEvents && f.Type == query.Number
	})
	if m.Op == query.Quantile {
		m.Q = pick(a.Rand, 0.5, 0.5, 0.9, 0.95, 0.25, 0.1, 0.99, 0.29)
	}
	return m
}

// span is a range: open, or with bounds at, or right beside, something that happened.
func (a *asker) span() query.Range {
	var r query.Range
	if a.IntN(2) == 0 {
		r.From = a.time()
	}
	if a.IntN(2) == 0 {
		r.Until = a.time()
	}
	if !r.From.IsZero() && !r.Until.IsZero() && r.Until.Before(r.From) {
		r.From, r.Until = r.Until, r.From
	}
	return r
}

func (a *asker) time() time.Time {
	t := pick(a.Rand, a.events...).OccurredAt
	switch a.IntN(4) {
	case 0:
		return t.Truncate(24 * time.Hour)
	case 1:
		return t.Add(time.Duration(a.IntN(3)-1) * time.Microsecond)
	case 2:
		return t.Add(time.Duration(a.IntN(999)) * time.Nanosecond)
	}
	return t
}

func (a *asker) conversion() *query.Conversion {
	c := &query.Conversion{Name: "converted", Match: query.Is("source_event", query.Eq, "Bought"), Explicit: a.IntN(4) == 0}
	switch a.IntN(4) {
	case 0:
		c.Match = query.Is("source_event", query.Eq, "Bought", "Signed Up")
	case 1:
		c.Match = withoutConversion(a.filter(query.Events, 1))
	}
	return c
}

// withoutConversion replaces a filter that a conversion cannot have.
func withoutConversion(f *query.Filter) *query.Filter {
	text := formatFilter(f)
	if strings.Contains(text, "converted") || strings.Contains(text, "conversion") || strings.Contains(text, "outcome") {
		return nil
	}
	return f
}
