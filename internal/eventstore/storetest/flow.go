package storetest

import (
	"context"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// flow is a question about the order of events: a funnel, a retention or paths. Answers are compared as the
// text that a script wants.
type flow interface {
	name() string
	text() string
	ask(ctx context.Context, r eventstore.Reader) (string, error)
	simpler() []flow
}

type (
	funnel    struct{ query.Funnel }
	retention struct{ query.Retention }
	paths     struct{ query.Paths }
)

func (*funnel) name() string    { return "funnel" }
func (*retention) name() string { return "retention" }
func (*paths) name() string     { return "paths" }

// asking makes a script's Ask of a kind of flow.
func asking[F flow](parse func(text string) (F, error)) Ask {
	return func(ctx context.Context, r eventstore.Reader, text string) (string, error) {
		f, err := parse(text)
		if err != nil {
			return "", err
		}
		return f.ask(ctx, r)
	}
}

func (f *funnel) ask(ctx context.Context, r eventstore.Reader) (string, error) {
	result, err := r.Funnel(ctx, f.Funnel)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, g := range result.Groups {
		out := keyTexts(g.Keys)
		for _, s := range g.Steps {
			text := fmt.Sprint(s.N)
			if s.MedianMS.OK {
				text += fmt.Sprintf("+%.4f", s.MedianMS.Num)
			}
			out = append(out, text)
		}
		fmt.Fprintln(&b, strings.Join(out, " "))
	}
	if result.Total != len(result.Groups) {
		fmt.Fprintf(&b, "of %d groups\n", result.Total)
	}
	return b.String(), nil
}

func (q *retention) ask(ctx context.Context, r eventstore.Reader) (string, error) {
	result, err := r.Retention(ctx, q.Retention)
	if err != nil {
		return "", err
	}
	zone, err := query.LoadZone(q.Zone)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	groups := map[string]bool{}
	for _, c := range result.Cohorts {
		keys := keyTexts(c.Keys)
		groups[strings.Join(keys, " ")] = true
		out := append([]string{c.Start.In(zone).Format("2006-01-02T15:04:05Z07:00")}, keys...)
		out = append(out, fmt.Sprintf("%d:", c.Size))
		for _, n := range c.Returned {
			out = append(out, fmt.Sprint(n))
		}
		fmt.Fprintln(&b, strings.Join(out, " "))
	}
	if result.Groups != len(groups) {
		fmt.Fprintf(&b, "of %d groups\n", result.Groups)
	}
	return b.String(), nil
}

func (p *paths) ask(ctx context.Context, r eventstore.Reader) (string, error) {
	result, err := r.Paths(ctx, p.Paths)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	show := func(n query.PathNode) string {
		if n.Name.Absent {
			return fmt.Sprintf("%d/%s", n.Place, n.Kind)
		}
		return fmt.Sprintf("%d/%s/%s", n.Place, n.Kind, quoted(n.Name.Value))
	}
	fmt.Fprintf(&b, "%d conversations\n", result.Conversations)
	for _, n := range result.Nodes {
		fmt.Fprintf(&b, "%s %d\n", show(n), n.N)
	}
	for _, l := range result.Links {
		fmt.Fprintf(&b, "%s -> %s %d\n", show(result.Nodes[l.From]), show(result.Nodes[l.To]), l.N)
	}
	return b.String(), nil
}

func keyTexts(keys []query.Key) []string {
	var out []string
	for _, k := range keys {
		if k.Absent {
			out = append(out, "-")
		} else {
			out = append(out, quoted(k.Value))
		}
	}
	return out
}

func (f *funnel) simpler() (out []flow) {
	with := func(change func(c *query.Funnel)) {
		c := f.Funnel
		c.Steps, c.Breakdown = append([]*query.Filter{}, f.Steps...), append([]string{}, f.Breakdown...)
		if change(&c); c.Validate() == nil {
			out = append(out, &funnel{c})
		}
	}
	with(func(c *query.Funnel) { c.Range = query.Range{} })
	with(func(c *query.Funnel) { c.Zone = "" })
	with(func(c *query.Funnel) { c.Conversion = nil })
	with(func(c *query.Funnel) { c.AnyOrder = false })
	with(func(c *query.Funnel) { c.Window = 0 })
	with(func(c *query.Funnel) { c.Limit = 0 })
	for i := range f.Breakdown {
		with(func(c *query.Funnel) { c.Breakdown = append(c.Breakdown[:i], c.Breakdown[i+1:]...) })
	}
	for i, s := range f.Steps {
		with(func(c *query.Funnel) { c.Steps = append(c.Steps[:i], c.Steps[i+1:]...) })
		for _, smaller := range simplerFilters(s) {
			with(func(c *query.Funnel) { c.Steps[i] = smaller })
		}
	}
	for _, smaller := range simplerFilters(f.Filter) {
		with(func(c *query.Funnel) { c.Filter = smaller })
	}
	return out
}

func (q *retention) simpler() (out []flow) {
	with := func(change func(c *query.Retention)) {
		c := q.Retention
		c.Breakdown = append([]string{}, q.Breakdown...)
		if change(&c); c.Validate() == nil {
			out = append(out, &retention{c})
		}
	}
	with(func(c *query.Retention) { c.Range = query.Range{} })
	with(func(c *query.Retention) { c.Zone = "" })
	with(func(c *query.Retention) { c.Conversion = nil })
	with(func(c *query.Retention) { c.Periods = 1 })
	with(func(c *query.Retention) { c.Limit = 0 })
	for i := range q.Breakdown {
		with(func(c *query.Retention) { c.Breakdown = append(c.Breakdown[:i], c.Breakdown[i+1:]...) })
	}
	for _, smaller := range simplerFilters(q.Filter) {
		with(func(c *query.Retention) { c.Filter = smaller })
	}
	for _, smaller := range simplerFilters(q.First) {
		with(func(c *query.Retention) { c.First = smaller })
	}
	for _, smaller := range simplerFilters(q.Return) {
		with(func(c *query.Retention) { c.Return = smaller })
	}
	return out
}

func (p *paths) simpler() (out []flow) {
	with := func(change func(c *query.Paths)) {
		c := p.Paths
		c.Steps = append([]query.PathStep{}, p.Steps...)
		if change(&c); c.Validate() == nil {
			out = append(out, &paths{c})
		}
	}
	with(func(c *query.Paths) { c.Range = query.Range{} })
	with(func(c *query.Paths) { c.Zone = "" })
	with(func(c *query.Paths) { c.Conversion = nil })
	with(func(c *query.Paths) { c.Converted = false })
	with(func(c *query.Paths) { c.Start = "" })
	with(func(c *query.Paths) { c.End = "" })
	for i, s := range p.Steps {
		with(func(c *query.Paths) { c.Steps = append(c.Steps[:i], c.Steps[i+1:]...) })
		for _, smaller := range simplerFilters(s.Match) {
			with(func(c *query.Paths) { c.Steps[i].Match = smaller })
		}
	}
	for _, smaller := range simplerFilters(p.Filter) {
		with(func(c *query.Paths) { c.Filter = smaller })
	}
	return out
}
