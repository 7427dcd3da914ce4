package topics

import "slices"

// graph has weighted edges both ways: those of node i are edges[start[i]:start[i+1]].
type graph struct {
	start []int
	edges []edge
	self  []float64 // weight inside of the node itself
	total float64   // of all edges, both ways, and what is inside
}

type edge struct {
	to int32
	by float32
}

// newGraph joins neighbours by the square of how alike they are; where both are each other's, twice.
func newGraph(near *near) *graph {
	n := len(near.of) / near.k
	out := make([][]edge, n)
	for i := range n {
		of, like := near.row(i)
		for k, j := range of {
			if int(j) == i {
				continue
			}
			by := max(like[k]*like[k], 0.01)
			if like[k] < 0 {
				by = 0.01
			}
			out[i] = append(out[i], edge{j, by})
			out[j] = append(out[j], edge{int32(i), by})
		}
	}
	g := &graph{start: make([]int, 1, n+1), self: make([]float64, n)}
	for i := range n {
		slices.SortFunc(out[i], func(a, b edge) int { return int(a.to - b.to) })
		for k, e := range out[i] {
			if k > 0 && g.edges[len(g.edges)-1].to == e.to {
				g.edges[len(g.edges)-1].by += e.by
			} else {
				g.edges = append(g.edges, e)
			}
			g.total += float64(e.by)
		}
		g.start = append(g.start, len(g.edges))
	}
	return g
}

func (g *graph) nodes() int { return len(g.self) }

// communities cuts the graph into parts with more edges inside than chance would have, times resolution
// (modularity: Reichardt, Bornholdt 2006; moves as of Blondel et al. 2008, and once more from the outcome).
// Parts are numbered from 0 in the order of their first node.
func (g *graph) communities(resolution float64) []int {
	labels := make([]int, g.nodes())
	for i := range labels {
		labels[i] = i
	}
	for range 3 {
		before := slices.Clone(labels)
		labels = g.moved(labels, resolution)
		for { // join parts as long as that is better
			n := renumber(labels)
			joined := g.joined(labels, n)
			own := make([]int, n)
			for i := range own {
				own[i] = i
			}
			own = joined.moved(own, resolution)
			if renumber(own) == n {
				break
			}
			for i, l := range labels {
				labels[i] = own[l]
			}
		}
		renumber(labels)
		if slices.Equal(before, labels) {
			break
		}
	}
	return labels
}

// renumber numbers labels in the order of their first use and returns how many there are.
func renumber(labels []int) int {
	number := map[int]int{}
	for i, l := range labels {
		if _, ok := number[l]; !ok {
			number[l] = len(number)
		}
		labels[i] = number[l]
	}
	return len(number)
}

// moved moves node by node to the neighbouring part where it gains most, until none gains.
func (g *graph) moved(labels []int, resolution float64) []int {
	n := g.nodes()
	weight := make([]float64, n) // of a node's edges
	part := make([]float64, n)   // of a part's nodes
	for i := range n {
		weight[i] = g.self[i]
		for _, e := range g.edges[g.start[i]:g.start[i+1]] {
			weight[i] += float64(e.by)
		}
		part[labels[i]] += weight[i]
	}
	to := make([]float64, n) // weight of edges to a part
	var touched []int
	queue, waiting := make([]int, n), make([]bool, n)
	for i := range n {
		queue[i], waiting[i] = i, true
	}
	for steps := 0; len(queue) > 0 && steps < 100*n; steps++ {
		i := queue[0]
		queue = queue[1:]
		waiting[i] = false
		own := labels[i]
		touched = append(touched[:0], own)
		for _, e := range g.edges[g.start[i]:g.start[i+1]] {
			l := labels[e.to]
			if to[l] == 0 && l != own {
				touched = append(touched, l)
			}
			to[l] += float64(e.by)
		}
		part[own] -= weight[i]
		best, gain := own, to[own]-resolution*weight[i]*part[own]/g.total
		for _, l := range touched {
			if v := to[l] - resolution*weight[i]*part[l]/g.total; v > gain+1e-9 {
				best, gain = l, v
			}
			to[l] = 0
		}
		part[best] += weight[i]
		if best == own {
			continue
		}
		labels[i] = best
		for _, e := range g.edges[g.start[i]:g.start[i+1]] {
			if !waiting[e.to] && labels[e.to] != best {
				waiting[e.to] = true
				queue = append(queue, int(e.to))
			}
		}
	}
	return labels
}

// joined is the graph whose nodes are the parts.
func (g *graph) joined(labels []int, n int) *graph {
	members := make([][]int, n)
	for i, l := range labels {
		members[l] = append(members[l], i)
	}
	out := &graph{start: make([]int, 1, n+1), self: make([]float64, n), total: g.total}
	to := make([]float64, n)
	for l, nodes := range members {
		var touched []int
		for _, i := range nodes {
			out.self[l] += g.self[i]
			for _, e := range g.edges[g.start[i]:g.start[i+1]] {
				o := labels[e.to]
				if o == l {
					out.self[l] += float64(e.by)
					continue
				}
				if to[o] == 0 {
					touched = append(touched, o)
				}
				to[o] += float64(e.by)
			}
		}
		slices.Sort(touched)
		for _, o := range touched {
			out.edges = append(out.edges, edge{int32(o), float32(to[o])})
			to[o] = 0
		}
		out.start = append(out.start, len(out.edges))
	}
	return out
}
