package topics

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// sameTopic is how much of the texts of two topics together must be in both, for one to be the other.
const sameTopic = 0.25

// Adopt gives the topics that old has too their ids and makes ids for the others. Docs and labels are what m
// was fitted to and what Fit said of them. Topics of old that keep names stay, as far as docs still has texts
// of them, also if they were not found again. Nil old makes all ids.
//
// What it does follows from its arguments alone, whatever the order of docs.
func (m *Model) Adopt(old *Model, docs []Doc, labels []int, keep map[string]bool) {
	taken := map[string]bool{}
	if old != nil && len(old.Topics) > 0 && len(m.Topics) > 0 {
		was := make([]int, len(docs))
		parallel(len(docs), 0, func(from, to int) {
			a := old.Assigner()
			for i := from; i < to; i++ {
				was[i], _ = a.Assign(docs[i].Texts)
			}
		})
		for _, t := range old.Topics {
			taken[t.ID] = true // an id is never given to something else
		}
		for next, before := range matched(labels, was, len(m.Topics), len(old.Topics)) {
			m.Topics[next].ID = old.Topics[before].ID
		}
		m.retain(old, docs, was, keep)
		m.adoptGroups(old)
	}
	for i := range m.Topics {
		if m.Topics[i].ID == "" {
			m.Topics[i].ID = freshID("t", m.Topics[i].Terms, taken)
		}
	}
	for i := range m.Groups {
		if m.Groups[i].ID == "" {
			m.Groups[i].ID = freshID("g", m.Groups[i].Terms, taken)
		}
	}
}

// matched pairs numbers of a with numbers of b that label the same things, those that agree best first.
func matched(a, b []int, na, nb int) map[int]int {
	both := map[[2]int]int{}
	ofA, ofB := make([]int, na), make([]int, nb)
	for i := range a {
		if a[i] >= 0 {
			ofA[a[i]]++
		}
		if b[i] >= 0 {
			ofB[b[i]]++
		}
		if a[i] >= 0 && b[i] >= 0 {
			both[[2]int{a[i], b[i]}]++
		}
	}
	type pair struct {
		a, b    int
		overlap float64
	}
	var pairs []pair
	for k, n := range both {
		if o := float64(n) / float64(ofA[k[0]]+ofB[k[1]]-n); o >= sameTopic {
			pairs = append(pairs, pair{k[0], k[1], o})
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.overlap, x.overlap), x.a-y.a, x.b-y.b)
	})
	out, used := map[int]int{}, map[int]bool{}
	for _, p := range pairs {
		if _, ok := out[p.a]; !ok && !used[p.b] {
			out[p.a] = p.b
			used[p.b] = true
		}
	}
	return out
}

// retain adds the kept topics of old that were not found again, where their texts are now.
func (m *Model) retain(old *Model, docs []Doc, was []int, keep map[string]bool) {
	found := map[string]bool{}
	for _, t := range m.Topics {
		found[t.ID] = true
	}
	var r reader
	var scratch []cell
	for c, t := range old.Topics {
		if !keep[t.ID] || found[t.ID] {
			continue
		}
		order := make([]int, 0)
		for i, l := range was {
			if l == c {
				order = append(order, i)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(docs[a].ID, docs[b].ID) })
		centre, place := make([]float32, m.space.width()), make([]float32, m.space.width())
		for _, i := range order {
			b := r.read(&docs[i])
			scratch = m.space.place(place, &b, scratch)
			add(centre, 1, place)
		}
		unit(centre)
		if dot(centre, centre) == 0 {
			continue
		}
		t.Group, t.Size = -1, len(order)
		m.Topics = append(m.Topics, t)
		m.centres.data = append(m.centres.data, centre...)
		m.centres.rows++
	}
}

// adoptGroups gives groups the ids of those that had most of their topics.
func (m *Model) adoptGroups(old *Model) {
	group := map[string]int{}
	for _, t := range old.Topics {
		group[t.ID] = t.Group
	}
	now, before := make([]int, len(m.Topics)), make([]int, len(m.Topics))
	for i, t := range m.Topics {
		now[i], before[i] = t.Group, -1
		if g, ok := group[t.ID]; ok {
			before[i] = g
		}
	}
	for next, was := range matched(now, before, len(m.Groups), len(old.Groups)) {
		m.Groups[next].ID = old.Groups[was].ID
	}
}

// freshID makes an id of what a topic is told by, so that the same texts give the same ids.
func freshID(kind string, terms []string, taken map[string]bool) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(terms, "\n")))
	for x := mix(h.Sum64()); ; x = mix(x + 1) {
		if id := fmt.Sprintf("%s%08x", kind, uint32(x)); !taken[id] {
			taken[id] = true
			return id
		}
	}
}
