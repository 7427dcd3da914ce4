package topics

import (
	"cmp"
	"math"
	"slices"
)

// Neighbours of a text: it is moved towards smoothBy of them, and the graph has edges to graphBy of them then.
const graphBy = 15

// smoothBy is fewer where there are few texts.
func smoothBy(n int) int { return min(max(n/20, 3), 10) }

// near are the nearest neighbours of each text: k of them a text, nearest first.
type near struct {
	k    int
	of   []int32
	like []float32 // cosine
}

func (n *near) row(i int) ([]int32, []float32) {
	return n.of[i*n.k : (i+1)*n.k], n.like[i*n.k : (i+1)*n.k]
}

// nearest keeps the k best of what it is offered.
type nearest struct {
	k    int
	of   []int32
	like []float32
}

func (b *nearest) reset() { b.of, b.like = b.of[:0], b.like[:0] }

func (b *nearest) offer(j int32, like float32) {
	if len(b.of) == b.k && like <= b.like[b.k-1] {
		return
	}
	if len(b.of) < b.k {
		b.of, b.like = append(b.of, j), append(b.like, like)
	} else {
		b.of[b.k-1], b.like[b.k-1] = j, like
	}
	for i := len(b.of) - 1; i > 0 && b.like[i] > b.like[i-1]; i-- {
		b.of[i], b.of[i-1] = b.of[i-1], b.of[i]
		b.like[i], b.like[i-1] = b.like[i-1], b.like[i]
	}
}

func (n *near) set(i int, b *nearest) {
	of, like := n.row(i)
	got := copy(of, b.of)
	copy(like, b.like)
	for ; got < n.k; got++ {
		of[got], like[got] = int32(i), 0 // too few: itself, which counts for nothing
	}
}

// Up to this many texts each is compared with each; of more, with those of the cells nearest to it, about
// this many.
const compareAll = 700

// neighbours finds the k nearest of each row of x. Of many rows it finds nearly all of them.
func neighbours(x matrix, k, workers int) *near {
	n := x.rows
	out := &near{k: k, of: make([]int32, n*k), like: make([]float32, n*k)}
	if n <= compareAll {
		parallel(n, workers, func(from, to int) {
			b := nearest{k: k}
			for i := from; i < to; i++ {
				b.reset()
				for j := range n {
					if j != i {
						b.offer(int32(j), dot(x.row(i), x.row(j)))
					}
				}
				out.set(i, &b)
			}
		})
		return out
	}
	centres, cells := cellsOf(x, workers)
	parallel(n, workers, func(from, to int) {
		b := nearest{k: k}
		order := make([]int, centres.rows)
		likes := make([]float32, centres.rows)
		for i := from; i < to; i++ {
			b.reset()
			row := x.row(i)
			for c := range order {
				order[c], likes[c] = c, dot(row, centres.row(c))
			}
			slices.SortFunc(order, func(p, q int) int { return cmp.Or(cmp.Compare(likes[q], likes[p]), p-q) })
			seen := 0
			for _, c := range order {
				if seen >= compareAll {
					break
				}
				for _, j := range cells[c] {
					if int(j) != i {
						b.offer(j, dot(row, x.row(int(j))))
					}
				}
				seen += len(cells[c])
			}
			out.set(i, &b)
		}
	})
	return out
}

// cellsOf cuts the space into about √n cells around centres. The first rows are the first centres: their order
// is that of hashes.
func cellsOf(x matrix, workers int) (matrix, [][]int32) {
	n := x.rows
	k := int(math.Sqrt(float64(n)))
	centres := newMatrix(k, x.cols)
	copy(centres.data, x.data[:k*x.cols])
	var cells [][]int32
	for range 3 {
		labels := nearestCentre(x, centres, workers)
		cells = make([][]int32, k)
		for i, c := range labels {
			cells[c] = append(cells[c], int32(i))
		}
		centres = centresOf(x, labels, k)
	}
	return centres, cells
}

func nearestCentre(x, centres matrix, workers int) []int {
	labels := make([]int, x.rows)
	parallel(x.rows, workers, func(from, to int) {
		for i := from; i < to; i++ {
			best := float32(-2)
			for c := range centres.rows {
				if like := dot(x.row(i), centres.row(c)); like > best {
					labels[i], best = c, like
				}
			}
		}
	})
	return labels
}

// centresOf is the direction of each label's rows.
func centresOf(x matrix, labels []int, k int) matrix {
	c := newMatrix(k, x.cols)
	for i, l := range labels {
		if l >= 0 {
			add(c.row(l), 1, x.row(i))
		}
	}
	for i := range k {
		unit(c.row(i))
	}
	return c
}

// smoothed moves each row half way to its neighbours, the nearer the more.
func smoothed(x matrix, near *near) matrix {
	z := newMatrix(x.rows, x.cols)
	for i := range x.rows {
		row := z.row(i)
		of, like := near.row(i)
		for k, j := range of {
			if like[k] > 0 {
				add(row, like[k]*like[k], x.row(int(j)))
			}
		}
		add(row, 1, x.row(i))
		unit(row)
	}
	return z
}

// neighboursOf finds the k nearest rows of z among the neighbours in first, and theirs.
func neighboursOf(z matrix, first *near, k, workers int) *near {
	n := z.rows
	out := &near{k: k, of: make([]int32, n*k), like: make([]float32, n*k)}
	back := make([][]int32, n) // who has it as a neighbour
	for i := range n {
		of, _ := first.row(i)
		for _, j := range of {
			if len(back[j]) < 2*first.k {
				back[j] = append(back[j], int32(i))
			}
		}
	}
	parallel(n, workers, func(from, to int) {
		b := nearest{k: k}
		seen := make([]int32, n)
		for i := from; i < to; i++ {
			b.reset()
			mark := int32(i + 1)
			seen[i] = mark
			row := z.row(i)
			offer := func(j int32) {
				if seen[j] != mark {
					seen[j] = mark
					b.offer(j, dot(row, z.row(int(j))))
				}
			}
			of, _ := first.row(i)
			for _, lists := range [][]int32{of, back[i]} {
				for _, j := range lists {
					offer(j)
					next, _ := first.row(int(j))
					for _, l := range next {
						offer(l)
					}
					for _, l := range back[j] {
						offer(l)
					}
				}
			}
			out.set(i, &b)
		}
	})
	return out
}
