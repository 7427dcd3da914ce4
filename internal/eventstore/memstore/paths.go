package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// node is one node of a path.
type node struct {
	place      int
	kind, name string
	value      *value // nil where the name is absent
}

func nodeOf(place int, kind string, v *value) node {
	if v == nil {
		return node{place: place, kind: kind}
	}
	return node{place: place, kind: kind, name: v.key(), value: v}
}

// same says that two nodes stand for the same, wherever they are.
func (n node) same(o node) bool {
	return n.kind == o.kind && n.name == o.name && (n.value == nil) == (o.value == nil)
}

// Paths implements [eventstore.Reader].
func (s *Store) Paths(ctx context.Context, p query.Paths) (*query.PathsResult, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("paths: %w: %w", eventstore.ErrInvalid, err)
	}
	v, err := s.open(ctx, p.Zone, p.Conversion)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	var ways [][]node
	for _, r := range v.rows(query.Query{Grain: query.Conversations, Range: cut(p.Range), Filter: p.Filter}, nil) {
		ways = append(ways, v.way(&p, r.conversation))
	}
	fold(ways, p.Limit)
	return flows(ways), nil
}

// way is the path of a conversation.
func (v *view) way(p *query.Paths, c *conversation) []node {
	one := func(r row, field string) *value {
		if field == "" {
			return nil
		}
		if values := v.values(r, field); len(values) > 0 {
			return &values[0]
		}
		return nil
	}
	var steps []node
	add := func(n node) {
		if len(steps) == 0 || !steps[len(steps)-1].same(n) {
			steps = append(steps, n)
		}
	}
	converted := p.Converted && c.converted
	for _, e := range c.tracked {
		if converted && e.OccurredAt.After(c.convertedAt) {
			add(node{kind: query.PathConversion})
			converted = false
		}
		for _, s := range p.Steps {
			if v.passes(s.Match, row{event: e}) {
				if x := one(row{event: e}, s.Field); x != nil {
					add(nodeOf(0, s.Kind, x))
				}
				break
			}
		}
	}
	if converted {
		add(node{kind: query.PathConversion})
	}
	out := []node{nodeOf(0, query.PathStart, one(row{conversation: c}, p.Start))}
	for i, n := range steps[:min(len(steps), p.Depth)] {
		n.place = i + 1
		out = append(out, n)
	}
	if len(steps) > p.Depth {
		out = append(out, node{place: p.Depth + 1, kind: query.PathMore})
	}
	return append(out, nodeOf(p.Depth+2, query.PathEnd, one(row{conversation: c}, p.End)))
}

// fold makes one node of all but the limit most frequent at a place.
func fold(ways [][]node, limit int) {
	at := map[int][]node{}
	for _, n := range ordered(ways) {
		at[n.place] = append(at[n.place], n.node)
	}
	for _, way := range ways {
		for i, n := range way {
			rank := slices.IndexFunc(at[n.place], func(o node) bool { return o.same(n) })
			if rank >= limit {
				way[i] = node{place: n.place, kind: query.PathOther}
			}
		}
	}
}

type counted struct {
	node
	n int64
}

type nodeID struct {
	place      int
	kind, name string
	named      bool
}

func (n node) id() nodeID { return nodeID{n.place, n.kind, n.name, n.value != nil} }

// ordered are all nodes in the order of query.PathsResult.
func ordered(ways [][]node) []counted {
	counts := map[nodeID]*counted{}
	for _, way := range ways {
		for _, n := range way {
			if counts[n.id()] == nil {
				counts[n.id()] = &counted{node: n}
			}
			counts[n.id()].n++
		}
	}
	var out []counted
	for c := range maps.Values(counts) {
		out = append(out, *c)
	}
	last := func(n counted) int {
		if n.kind == query.PathOther {
			return 1
		}
		return 0
	}
	slices.SortFunc(out, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(last(a), last(b)), cmp.Compare(b.n, a.n), cmp.Compare(a.kind, b.kind), absentLast(a.value, b.value))
	})
	return out
}

// flows counts nodes and links.
func flows(ways [][]node) *query.PathsResult {
	result := &query.PathsResult{Conversations: int64(len(ways))}
	index := map[nodeID]int{}
	for i, n := range ordered(ways) {
		name := query.Key{Absent: true}
		if n.value != nil {
			name = query.Key{Value: n.name}
		}
		result.Nodes = append(result.Nodes, query.PathNode{Place: n.place, Kind: n.kind, Name: name, N: n.n})
		index[n.id()] = i
	}
	links := map[[2]int]int64{}
	for _, way := range ways {
		for i := range way[1:] {
			links[[2]int{index[way[i].id()], index[way[i+1].id()]}]++
		}
	}
	for ends, n := range links {
		result.Links = append(result.Links, query.PathLink{From: ends[0], To: ends[1], N: n})
	}
	slices.SortFunc(result.Links, func(a, b query.PathLink) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return result
}
