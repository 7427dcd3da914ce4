package insight

import (
	"context"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// Scope is what every question has: which rows it is about, and how their times are read. The zero
// value is everything, in UTC, with weeks that start on Sunday.
type Scope struct {
	Range     query.Range
	Zone      string // IANA name; "" is UTC
	WeekStart time.Weekday
	// Filter selects conversations: all must hold. At other grains it selects what belongs to such
	// conversations.
	Filter []query.Condition
	// Where narrows the rows themselves: conditions at the grain of the question, on events for users
	// and people.
	Where []query.Condition
	// Text selects conversations one of whose events has it in its body, whatever the case.
	Text string
	// Funnel selects conversations that a step of a funnel counts.
	Funnel *FunnelPart
	// Conversion names the definition that conversion fields follow; "" is any. Explicit leaves out
	// conversion events that name no conversation.
	Conversion string
	Explicit   bool
}

// filterAt compiles Filter, Text, Funnel and Where for rows of a grain.
func (s *Scope) filterAt(ctx context.Context, in *Insight, g query.Grain) (*query.Filter, error) {
	ofConversations, err := allOf("filter", query.Conversations, s.Filter)
	if err != nil {
		return nil, err
	}
	if s.Text != "" {
		text := &query.Filter{Has: query.Is("body", query.Contains, s.Text)}
		ofConversations = query.AllOf(ofConversations, text)
	}
	if s.Funnel != nil {
		part, err := s.Funnel.filter(ctx, in, s)
		if err != nil {
			return nil, err
		}
		ofConversations = query.AllOf(ofConversations, part)
	}
	if g == query.Conversations {
		where, err := allOf("where", g, s.Where)
		return query.AllOf(ofConversations, where), err
	}
	where, err := allOf("where", query.Events, s.Where)
	if ofConversations != nil {
		ofConversations = &query.Filter{In: ofConversations}
	}
	return query.AllOf(ofConversations, where), err
}

// usesConversion reports whether a condition or one of the fields depends on the definition.
func (s *Scope) usesConversion(fields ...string) bool {
	of := func(c query.Condition) bool { return query.OfConversion(c.Field) }
	return slices.ContainsFunc(s.Filter, of) || slices.ContainsFunc(s.Where, of) || slices.ContainsFunc(fields, query.OfConversion)
}

// query starts a question at a grain.
func (s *Scope) query(ctx context.Context, in *Insight, g query.Grain, breakdown ...string) (query.Query, error) {
	f, err := s.filterAt(ctx, in, g)
	if err != nil {
		return query.Query{}, err
	}
	for _, name := range breakdown {
		if _, err := query.Resolve(g, name); err != nil {
			return query.Query{}, &ParameterError{Parameter: "breakdown", Err: err}
		}
	}
	q := query.Query{Grain: g, Range: s.Range, Zone: s.Zone, WeekStart: s.WeekStart, Filter: f, Breakdown: breakdown}
	if s.Conversion != "" || s.usesConversion(breakdown...) {
		if q.Conversion, err = in.conversion(ctx, s.Conversion, s.Explicit); err != nil {
			return query.Query{}, err
		}
	}
	return q, nil
}

// list starts a list of a grain. Conversations always say whether they have converted.
func (s *Scope) list(ctx context.Context, in *Insight, g query.Grain) (query.List, error) {
	f, err := s.filterAt(ctx, in, g)
	if err != nil {
		return query.List{}, err
	}
	l := query.List{Grain: g, Range: s.Range, Zone: s.Zone, Filter: f}
	if g == query.Conversations || s.Conversion != "" || s.usesConversion() {
		l.Conversion, err = in.conversion(ctx, s.Conversion, s.Explicit)
	}
	return l, err
}
