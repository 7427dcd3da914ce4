package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// shrinker looks for a small history and question on which two stores still differ.
type shrinker struct {
	t                 testing.TB
	reference, engine Open
	writes            []*eventstore.Batch
	question          question
	diff              string
	deadline          time.Time
}

// shrinkTime bounds the search for a small example.
const shrinkTime = 30 * time.Second

// shrink returns what differs and a script that shows it.
func (s *shrinker) shrink() string {
	s.deadline = time.Now().Add(shrinkTime)
	if !s.try(s.writes, s.question) {
		return fmt.Sprintf("%s\nonly while it was written, not when all of it is written again:\n%s", s.diff, s.question.text())
	}
	for size := 0; size != s.size(); {
		size = s.size()
		s.shrinkQuestion()
		s.shrinkHistory()
		s.shrinkFields()
	}
	var want string
	s.stores(s.writes, func(reference, _ eventstore.Store) {
		want = s.question.format(s.question.ask(context.WithoutCancel(s.t.Context()), reference))
	})
	return s.diff + "\n" + formatScript(s.writes, s.question, want)
}

func (s *shrinker) size() int {
	n := len(s.question.text())
	for _, b := range s.writes {
		n += len(formatBatch(b))
	}
	return n
}

// stores opens both stores and writes the history to them.
func (s *shrinker) stores(writes []*eventstore.Batch, use func(reference, engine eventstore.Store)) {
	reference, engine := s.reference(s.t), s.engine(s.t)
	defer reference.Close()
	defer engine.Close()
	for _, b := range writes {
		for _, store := range []eventstore.Store{reference, engine} {
			if _, err := store.Write(s.t.Context(), b); err != nil {
				s.t.Logf("write while shrinking: %v", err)
				return
			}
		}
	}
	use(reference, engine)
}

// try keeps a history and a question if the stores differ on them.
func (s *shrinker) try(writes []*eventstore.Batch, questions ...question) bool {
	kept := false
	if time.Now().After(s.deadline) {
		return false
	}
	s.stores(writes, func(reference, engine eventstore.Store) {
		for _, q := range questions {
			diff := q.differ(q.ask(s.t.Context(), reference), q.ask(s.t.Context(), engine))
			if diff != "" {
				s.writes, s.question, s.diff, kept = writes, q, diff, true
				return
			}
		}
	})
	return kept
}

// shrinkHistory drops chunks of what was written, smaller and smaller.
func (s *shrinker) shrinkHistory() {
	for chunk := (operations(s.writes) + 1) / 2; chunk > 0; chunk /= 2 {
		for from := 0; from < operations(s.writes); {
			if !s.try(without(s.writes, from, from+chunk), s.question) {
				from += chunk
			}
		}
	}
}

// operations counts puts, retracts, and what is said beside them.
func operations(writes []*eventstore.Batch) int {
	n := 0
	for _, b := range writes {
		n += len(b.Puts) + len(b.Retracts) + len(b.Analyses) + len(b.Topics) + len(b.Labels) + len(b.Identities)
	}
	return n
}

// without leaves out the operations from up to, not including, until.
func without(writes []*eventstore.Batch, from, until int) []*eventstore.Batch {
	var out []*eventstore.Batch
	i := 0
	dropped := func() bool { i++; return i > from && i <= until }
	for _, b := range writes {
		c := &eventstore.Batch{Import: b.Import}
		c.Puts, c.Retracts = kept(b.Puts, dropped), kept(b.Retracts, dropped)
		c.Analyses, c.Topics, c.Labels = kept(b.Analyses, dropped), kept(b.Topics, dropped), kept(b.Labels, dropped)
		c.Identities = kept(b.Identities, dropped)
		if operations([]*eventstore.Batch{c}) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// kept is what is left of a list.
func kept[T any](list []T, dropped func() bool) []T {
	var out []T
	for _, x := range list {
		if !dropped() {
			out = append(out, x)
		}
	}
	return out
}

// shrinkFields clears one field of all events, one after the other.
func (s *shrinker) shrinkFields() {
	for i := range reflect.TypeFor[event.Event]().NumField() {
		if name := reflect.TypeFor[event.Event]().Field(i).Name; slices.Contains([]string{"ID", "OccurredAt", "ReceivedAt", "Kind", "Action"}, name) {
			continue
		}
		cleared := without(s.writes, 0, 0)
		changed := false
		for _, b := range cleared {
			for j, e := range b.Puts {
				c := *e
				f := reflect.ValueOf(&c).Elem().Field(i)
				changed = changed || !f.IsZero()
				f.SetZero()
				b.Puts[j] = &c
			}
		}
		if changed {
			s.try(cleared, s.question)
		}
	}
}

// shrinkQuestion leaves out one part of the question after the other.
func (s *shrinker) shrinkQuestion() {
	for {
		smaller := simpler(s.question)
		if len(smaller) == 0 || !s.try(s.writes, smaller...) {
			return
		}
	}
}

// simpler are the questions that lack one part of this.
func simpler(q question) []question {
	var out []question
	if q.flow != nil {
		for _, f := range q.flow.simpler() {
			out = append(out, question{flow: f})
		}
	} else if q.list != nil {
		for _, change := range []func(l *query.List){
			func(l *query.List) { l.Range = query.Range{} },
			func(l *query.List) { l.Zone = "" },
			func(l *query.List) { l.Conversion = nil },
			func(l *query.List) { l.Sort = "" },
			func(l *query.List) { l.Desc = false },
		} {
			l := *q.list
			change(&l)
			out = append(out, question{list: &l})
		}
		for _, f := range simplerFilters(q.list.Filter) {
			l := *q.list
			l.Filter = f
			out = append(out, question{list: &l})
		}
	} else {
		out = simplerQueries(q.query)
	}
	return slices.DeleteFunc(out, func(o question) bool { return len(o.text()) >= len(q.text()) })
}

func simplerQueries(q *query.Query) []question {
	var out []question
	with := func(change func(c *query.Query)) {
		c := *q
		c.Breakdown, c.Measures = slices.Clone(q.Breakdown), slices.Clone(q.Measures)
		change(&c)
		if c.Validate() == nil {
			out = append(out, question{query: &c})
		}
	}
	with(func(c *query.Query) { c.Range = query.Range{} })
	with(func(c *query.Query) { c.Range.From = time.Time{} })
	with(func(c *query.Query) { c.Range.Until = time.Time{} })
	with(func(c *query.Query) { c.Zone = "" })
	with(func(c *query.Query) { c.Period = query.All })
	with(func(c *query.Query) { c.Limit = 0 })
	with(func(c *query.Query) { c.Conversion = nil })
	for i := range q.Breakdown {
		with(func(c *query.Query) { c.Breakdown = slices.Delete(c.Breakdown, i, i+1) })
	}
	for i, m := range q.Measures {
		with(func(c *query.Query) { c.Measures = slices.Delete(c.Measures, i, i+1) })
		with(func(c *query.Query) { c.Measures[i] = query.Measure{As: m.As, Op: query.Count} })
		for _, f := range simplerFilters(m.Where) {
			with(func(c *query.Query) { c.Measures[i].Where = f })
		}
	}
	for _, f := range simplerFilters(q.Filter) {
		with(func(c *query.Query) { c.Filter = f })
	}
	if q.Conversion != nil {
		for _, f := range simplerFilters(q.Conversion.Match) {
			with(func(c *query.Query) { c.Conversion = &query.Conversion{Match: f, Explicit: q.Conversion.Explicit} })
		}
	}
	return out
}

// simplerFilters are none, the parts of a filter, and the filter with a part made simpler.
func simplerFilters(f *query.Filter) []*query.Filter {
	if f == nil {
		return nil
	}
	out := []*query.Filter{nil}
	list := func(parts []*query.Filter, whole func(parts []*query.Filter) *query.Filter) {
		out = append(out, parts...)
		for i, p := range parts {
			for _, smaller := range simplerFilters(p) {
				if smaller != nil {
					changed := slices.Clone(parts)
					changed[i] = smaller
					out = append(out, whole(changed))
				}
			}
		}
	}
	one := func(inner *query.Filter, whole func(f *query.Filter) *query.Filter) {
		for _, smaller := range simplerFilters(inner) {
			if smaller != nil {
				out = append(out, whole(smaller))
			}
		}
	}
	switch {
	case f.And != nil:
		list(f.And, func(p []*query.Filter) *query.Filter { return &query.Filter{And: p} })
	case f.Or != nil:
		list(f.Or, func(p []*query.Filter) *query.Filter { return &query.Filter{Or: p} })
	case f.Not != nil:
		out = append(out, f.Not)
		one(f.Not, func(f *query.Filter) *query.Filter { return &query.Filter{Not: f} })
	case f.Has != nil:
		one(f.Has, func(f *query.Filter) *query.Filter { return &query.Filter{Has: f} })
	case f.In != nil:
		one(f.In, func(f *query.Filter) *query.Filter { return &query.Filter{In: f} })
	case f.Is != nil && len(f.Is.Values) > 1:
		for _, v := range f.Is.Values {
			out = append(out, query.Is(f.Is.Field, f.Is.Cmp, v))
		}
	}
	return out
}
