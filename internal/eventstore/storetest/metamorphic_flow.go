package storetest

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/query"
)

// flowsAddUp: no step of a funnel is reached by more than the one before, and a filter opens just those that
// it counts; what flows into a node of paths flows out; no period has more returned than there are members, and
// cohorts of parts of a range are those of the whole.
func flowsAddUp(t *testing.T, m *metamorphosis) {
	for range m.n {
		checkFunnel(t, m, m.asker.funnel())
		checkPaths(t, m, m.asker.paths())
		checkRetention(t, m, m.asker.retention())
	}
}

func checkFunnel(t *testing.T, m *metamorphosis, f *query.Funnel) {
	t.Helper()
	text := (&funnel{*f}).text()
	f.Breakdown, f.Limit = nil, 0
	result, err := m.base.Funnel(t.Context(), *f)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	steps := result.Groups[0].Steps
	for i, s := range steps {
		if i > 0 && s.N > steps[i-1].N {
			t.Fatalf("step %d is reached by %d, the one before by %d\n%s", i+1, s.N, steps[i-1].N, text)
		}
		q := query.Query{
			Grain: query.Conversations, Filter: &query.Filter{Reached: &query.Reached{Funnel: f, Step: i + 1}},
			Measures: []query.Measure{{As: "n", Op: query.Count}, {As: "people", Op: query.Distinct, Field: "person"}},
		}
		opened, err := m.base.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var n, people int64
		for _, row := range opened.Rows {
			n, people = int64(row.Values[0].Num), int64(row.Values[1].Num)
		}
		// A person may have reached it without a conversation, or in one that began as somebody else's.
		if f.Grain == query.Conversations && n != s.N || f.Grain == query.People && people > s.N {
			t.Fatalf("step %d counts %d and opens %d conversations of %d people\n%s", i+1, s.N, n, people, text)
		}
	}
}

func checkPaths(t *testing.T, m *metamorphosis, p *query.Paths) {
	t.Helper()
	text := (&paths{*p}).text()
	result, err := m.base.Paths(t.Context(), *p)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	in, out := make([]int64, len(result.Nodes)), make([]int64, len(result.Nodes))
	for _, l := range result.Links {
		if result.Nodes[l.From].Place >= result.Nodes[l.To].Place {
			t.Fatalf("a link goes from %v to %v\n%s", result.Nodes[l.From], result.Nodes[l.To], text)
		}
		out[l.From] += l.N
		in[l.To] += l.N
	}
	nodes, ends := map[int]int{}, int64(0)
	for i, n := range result.Nodes {
		nodes[n.Place]++
		if n.Place > 0 && in[i] != n.N || n.Place < p.Depth+2 && out[i] != n.N {
			t.Fatalf("%d flow into %v, and %d out of it\n%s", in[i], n, out[i], text)
		}
		if n.Place == p.Depth+2 {
			ends += n.N
		}
		if nodes[n.Place] > p.Limit+1 {
			t.Fatalf("place %d has more nodes than %d\n%s", n.Place, p.Limit+1, text)
		}
	}
	if ends != result.Conversations {
		t.Fatalf("%d ways end of %d\n%s", ends, result.Conversations, text)
	}
}

func checkRetention(t *testing.T, m *metamorphosis, r *query.Retention) {
	t.Helper()
	text := (&retention{*r}).text()
	ask := func(in query.Range) (size int64, returned []int64) {
		t.Helper()
		c := *r
		c.Range, c.Breakdown, c.Limit = in, nil, 0
		result, err := m.base.Retention(t.Context(), c)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		returned = make([]int64, r.Periods+1)
		for _, c := range result.Cohorts {
			size += c.Size
			for k, n := range c.Returned {
				if returned[k] += n; n > c.Size {
					t.Fatalf("%d of %d returned after %d periods\n%s", n, c.Size, k, text)
				}
			}
		}
		return size, returned
	}
	whole, all := ask(r.Range)
	middle := m.asker.time().UTC().Truncate(1000)
	if !r.Range.Contains(middle) {
		return
	}
	early, before := ask(query.Range{From: r.Range.From, Until: middle})
	late, after := ask(query.Range{From: middle, Until: r.Range.Until})
	for k := range all {
		if early+late != whole || before[k]+after[k] != all[k] {
			t.Fatalf("members before and after %v are %d and %d of %d, after %d periods %d and %d of %d\n%s",
				middle, early, late, whole, k, before[k], after[k], all[k], text)
		}
	}
}
