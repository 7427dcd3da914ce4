package topics

import (
	"math"
	"slices"
)

// resolutions are tried, from few topics to many: each a quarter finer than the one before.
var resolutions = func() []float64 {
	out := make([]float64, 28)
	for i := range out {
		out[i] = 0.08 * math.Pow(1.25, float64(i))
	}
	return out
}()

// marginOf bounds the texts that a margin is measured on.
const marginOf = 2500

// choose cuts the graph into topics: known of them, or as many as the texts say (0).
func choose(g *graph, z matrix, known, workers int) []int {
	tried := make([][]int, len(resolutions))
	margins := make([]float64, len(resolutions))
	parallel(len(resolutions), workers, func(from, to int) {
		for i := from; i < to; i++ {
			tried[i] = g.communities(resolutions[i])
			if known == 0 {
				margins[i] = margin(z, tried[i])
			}
		}
	})
	if known > 0 {
		return exactly(tried, z, known, workers)
	}
	best, most := 0, math.Inf(-1)
	for i := range margins {
		most = max(most, around(margins, i))
	}
	for i := range margins {
		if around(margins, i) >= most*enough {
			best = i
		}
	}
	return withoutCrumbs(tried[best], z)
}

// crumb is how few texts are no topic.
const crumb = 3

// withoutCrumbs gives the texts of the smallest topics to the nearest others.
func withoutCrumbs(labels []int, z matrix) []int {
	k := count(labels)
	sizes := make([]int, k)
	for _, l := range labels {
		sizes[l]++
	}
	if !slices.ContainsFunc(sizes, func(n int) bool { return n >= crumb }) {
		return labels
	}
	centres := centresOf(z, labels, k)
	for i, l := range labels {
		if sizes[l] >= crumb {
			continue
		}
		best := float32(-2)
		for c := range k {
			if sizes[c] < crumb {
				continue
			}
			if like := dot(z.row(i), centres.row(c)); like > best {
				labels[i], best = c, like
			}
		}
	}
	renumber(labels)
	return labels
}

// enough is how near to the best margin a finer cut may be: margins are flat around the best, and two topics
// that are one are easier to mend by people than one that is two.
const enough = 0.985

// around is the mean of a margin and those beside it: single cuts are lucky or not.
func around(margins []float64, i int) float64 {
	from, to := max(i-1, 0), min(i+2, len(margins))
	sum := 0.0
	for _, m := range margins[from:to] {
		sum += m
	}
	return sum / float64(to-from)
}

// margin is how much nearer texts are to the centre of their own topic (without themselves) than to the
// nearest other centre, on average: it falls when topics are cut in two, and when two are taken for one.
func margin(z matrix, labels []int) float64 {
	k := 0
	for _, l := range labels {
		k = max(k, l+1)
	}
	if k < 2 {
		return -1
	}
	sums, counts := newMatrix(k, z.cols), make([]int, k)
	for i, l := range labels {
		add(sums.row(l), 1, z.row(i))
		counts[l]++
	}
	length := make([]float32, k)
	for c := range k {
		length[c] = float32(math.Sqrt(float64(dot(sums.row(c), sums.row(c)))))
	}
	n, sum := min(z.rows, marginOf), 0.0
	rest := make([]float32, z.cols)
	for i := range n {
		row := z.row(i)
		other := float32(-1)
		for c := range k {
			if c != labels[i] {
				other = max(other, dot(row, sums.row(c))/length[c])
			}
		}
		own := float32(0)
		if counts[labels[i]] > 1 {
			copy(rest, sums.row(labels[i]))
			add(rest, -1, row)
			unit(rest)
			own = dot(row, rest)
		}
		sum += float64(own - other)
	}
	return sum / float64(n)
}

// exactly makes k topics: of the coarsest cut that has at least as many, the two are joined that lose least by
// it (Ward), until there are k; then each text goes to its nearest centre.
func exactly(tried [][]int, z matrix, k, workers int) []int {
	labels := tried[len(tried)-1]
	for _, t := range tried {
		if count(t) >= k {
			labels = t
			break
		}
	}
	labels = append([]int(nil), labels...)
	n := count(labels)
	if n > k {
		to := ward(z, labels, n, k)
		for i, l := range labels {
			labels[i] = to[l]
		}
		n = k
	}
	for range 12 {
		centres := centresOf(z, labels, n)
		next := nearestCentre(z, centres, workers)
		same := true
		for i := range next {
			same = same && next[i] == labels[i]
		}
		if labels = next; same {
			break
		}
	}
	renumber(labels)
	return labels
}

func count(labels []int) int {
	k := 0
	for _, l := range labels {
		k = max(k, l+1)
	}
	return k
}

// ward joins n groups to k, always the two whose joining adds least to the distance from centres, and returns
// the new number of each.
func ward(z matrix, labels []int, n, k int) []int {
	mean, size := make([][]float64, n), make([]float64, n)
	for c := range n {
		mean[c] = make([]float64, z.cols)
	}
	for i, l := range labels {
		for d, v := range z.row(i) {
			mean[l][d] += float64(v)
		}
		size[l]++
	}
	for c := range n {
		for d := range mean[c] {
			mean[c][d] /= max(size[c], 1)
		}
	}
	return wardOf(mean, size, k)
}

// wardOf is ward for centres with their sizes. It changes them.
func wardOf(mean [][]float64, size []float64, k int) []int {
	n := len(mean)
	to := make([]int, n)
	cost := make([][]float64, n)
	costOf := func(a, b int) float64 {
		sum := 0.0
		for d := range mean[a] {
			x := mean[a][d] - mean[b][d]
			sum += x * x
		}
		return sum * size[a] * size[b] / (size[a] + size[b])
	}
	for a := range n {
		to[a] = a
		cost[a] = make([]float64, n)
		for b := range a {
			cost[a][b] = costOf(a, b)
		}
	}
	gone := make([]bool, n)
	for left := n; left > k; left-- {
		p, q, least := -1, -1, math.Inf(1)
		for a := range n {
			if gone[a] {
				continue
			}
			for b := range a {
				if !gone[b] && cost[a][b] < least {
					p, q, least = b, a, cost[a][b]
				}
			}
		}
		for d := range mean[p] {
			mean[p][d] = (mean[p][d]*size[p] + mean[q][d]*size[q]) / (size[p] + size[q])
		}
		size[p] += size[q]
		gone[q] = true
		for a := range n {
			if to[a] == q {
				to[a] = p
			}
			if !gone[a] && a != p {
				cost[max(a, p)][min(a, p)] = costOf(a, p)
			}
		}
	}
	renumber(to)
	return to
}
