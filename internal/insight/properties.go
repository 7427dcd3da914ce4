package insight

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// Bounds of what is taken for a dimension among the free properties of events: those of a few events of each
// part of a range are looked at.
const (
	propertySlices    = 8    // parts of each range, equally long
	propertySample    = 250  // events of each part, the newest
	propertyValues    = 12   // different values at most
	propertyShare     = 0.05 // of the conversations of the sample that have it at least
	maxProperties     = 8    // the most frequent ones
	maxPropertyDepth  = 3
	maxPropertyLength = 80 // bytes of a value: longer ones are texts
)

// properties finds properties that can be broken down by: scalars that many conversations have, with few
// different values. Names come as fields ("properties.prompt_version"), the most frequent first.
func (in *Insight) properties(ctx context.Context, ranges ...query.Range) ([]string, error) {
	seen := map[string]*property{}
	conversations := map[string]bool{}
	parts, err := in.parts(ctx, ranges)
	if err != nil {
		return nil, err
	}
	for _, r := range parts {
		l := query.List{Grain: query.Events, Range: r, Desc: true, Limit: propertySample, Filter: inConversations()}
		for e, err := range in.Store.Events(ctx, l) {
			if err != nil {
				return nil, err
			}
			conversations[e.ConversationID] = true
			var object map[string]json.RawMessage
			if len(e.Properties) > 0 && json.Unmarshal(e.Properties, &object) == nil {
				note(seen, "properties", object, e.ConversationID, 1)
			}
		}
	}
	names := slices.DeleteFunc(slices.Collect(maps.Keys(seen)), func(name string) bool {
		p := seen[name]
		_, err := query.Resolve(query.Conversations, name)
		return err != nil || p.texts || len(p.values) < 2 || len(p.values) > propertyValues || float64(len(p.conversations)) < propertyShare*float64(len(conversations))
	})
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(seen[b].conversations), len(seen[a].conversations)), cmp.Compare(a, b))
	})
	return names[:min(len(names), maxProperties)], nil
}

// inConversations are the events that properties are looked for in.
func inConversations() *query.Filter {
	return query.AllOf(query.Is("tracked", query.Eq, "true"), query.Is("conversation_id", query.Exists))
}

// parts cuts ranges into equally long parts, open ends at the first and last event.
func (in *Insight) parts(ctx context.Context, ranges []query.Range) ([]query.Range, error) {
	var out []query.Range
	for _, r := range ranges {
		if r.From.IsZero() || r.Until.IsZero() {
			res, err := in.Store.Query(ctx, query.Query{Grain: query.Events, Range: r, Filter: inConversations(), Measures: []query.Measure{
				{As: "first", Op: query.Min, Field: "occurred_at"}, {As: "last", Op: query.Max, Field: "occurred_at"},
			}})
			if err != nil {
				return nil, err
			}
			if len(res.Rows) == 0 {
				continue
			}
			r.From = time.UnixMicro(int64(res.Rows[0].Values[0].Num)).UTC()
			r.Until = time.UnixMicro(int64(res.Rows[0].Values[1].Num) + 1).UTC()
		}
		step := r.Until.Sub(r.From) / propertySlices
		for i := range propertySlices {
			part := query.Range{From: r.From.Add(time.Duration(i) * step), Until: r.From.Add(time.Duration(i+1) * step)}
			if i == propertySlices-1 {
				part.Until = r.Until
			}
			out = append(out, part)
		}
	}
	return out, nil
}

// property is what a sample shows of one.
type property struct {
	values        map[string]bool // at most propertyValues + 1
	conversations map[string]bool
	texts         bool // a value is longer than a name would be
}

func note(seen map[string]*property, path string, object map[string]json.RawMessage, conversation string, depth int) {
	for key, raw := range object {
		name := path + "." + key
		var inner map[string]json.RawMessage
		if raw[0] == '{' {
			if depth < maxPropertyDepth && json.Unmarshal(raw, &inner) == nil {
				note(seen, name, inner, conversation, depth+1)
			}
			continue
		}
		value := string(raw)
		switch {
		case raw[0] == '[', value == "null", value == `""`:
			continue
		case raw[0] == '"':
			if unquoted, err := strconv.Unquote(value); err == nil {
				value = unquoted
			}
		}
		p := seen[name]
		if p == nil {
			p = &property{values: map[string]bool{}, conversations: map[string]bool{}}
			seen[name] = p
		}
		p.texts = p.texts || len(value) > maxPropertyLength
		p.conversations[conversation] = true
		if len(p.values) <= propertyValues {
			p.values[value] = true
		}
	}
}
