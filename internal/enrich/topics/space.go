package topics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/debrief-dev/debrief/internal/enrich/vectors"
)

// space is where texts have a place: the reduced space of their terms, beside that of what words mean.
type space struct {
	columns map[uint32]int32
	idf     []float32
	words   int // columns from here on are runs of characters
	// basis takes terms to the reduced space, a byte a number: columns × dim, with the scale of each column.
	basis  []int8
	scale  []float32
	dim    int
	centre []float32 // mean of the texts in the space of meaning
}

// Bounds of the space.
const (
	maxDim     = 200    // of the reduced space
	oversample = 10     // more dimensions while it is computed
	passes     = 2      // over the texts, to find it
	maxColumns = 60_000 // terms, and as many runs
	maxShare   = 0.5    // of the texts may have a term; what more have tells nothing
)

// newSpace makes the space of texts. Terms of one text only, and runs of fewer than three, tell nothing.
func newSpace(bags []bag, workers int) *space {
	s := &space{columns: map[uint32]int32{}}
	n := len(bags)
	most := max(int(maxShare*float64(n)), 3)
	s.take(frequencies(bags, func(b *bag) []uint32 { return b.terms }), 2, most, n)
	s.words = len(s.idf)
	s.take(frequencies(bags, func(b *bag) []uint32 { return b.chars }), 3, most, n)
	s.centre = make([]float32, vectors.Dim)
	for i := range bags {
		if m := bags[i].meaning; m != nil {
			add(s.centre, 1/float32(n), m)
		}
	}
	s.reduce(bags, workers)
	return s
}

type frequency struct {
	hash uint32
	n    int
}

func frequencies(bags []bag, of func(*bag) []uint32) []frequency {
	count := map[uint32]int{}
	for i := range bags {
		for _, h := range of(&bags[i]) {
			count[h]++
		}
	}
	all := make([]frequency, 0, len(count))
	for h, n := range count {
		all = append(all, frequency{h, n})
	}
	slices.SortFunc(all, func(a, b frequency) int { return cmp.Or(b.n-a.n, cmp.Compare(a.hash, b.hash)) })
	return all
}

func (s *space) take(all []frequency, least, most, n int) {
	taken := 0
	for _, f := range all {
		if f.n < least || taken == maxColumns {
			return
		}
		if f.n > most {
			continue
		}
		if _, ok := s.columns[f.hash]; ok {
			continue // a run that hashes like a word
		}
		s.columns[f.hash] = int32(len(s.idf))
		s.idf = append(s.idf, float32(math.Log(float64(1+n)/float64(1+f.n))+1))
		taken++
	}
}

// cell is a weighted term of a text.
type cell struct {
	col int32
	val float32
}

// cells appends the terms of a text that the space knows, those of words and those of runs each of length 1.
func (s *space) cells(out []cell, b *bag) []cell {
	half := func(hashes []uint32, counts []float32, words bool) {
		from, sum := len(out), float32(0)
		for i, h := range hashes {
			c, ok := s.columns[h]
			if !ok || (int(c) < s.words) != words {
				continue
			}
			v := float32(1+math.Log(max(float64(counts[i]), 0.1))) * s.idf[c]
			if counts[i] < 1 {
				v = counts[i] * s.idf[c]
			}
			out = append(out, cell{c, v})
			sum += v * v
		}
		if sum > 0 {
			by := float32(1 / math.Sqrt(float64(sum)))
			for i := from; i < len(out); i++ {
				out[i].val *= by
			}
		}
	}
	half(b.terms, b.counts, true)
	half(b.chars, b.ccounts, false)
	return out
}

// sparse is a matrix of few cells: row i is cells[start[i]:start[i+1]].
type sparse struct {
	start []int
	cells []cell
	cols  int
}

func (a *sparse) transposed() *sparse {
	t := &sparse{start: make([]int, a.cols+1), cells: make([]cell, len(a.cells)), cols: len(a.start) - 1}
	for _, c := range a.cells {
		t.start[c.col+1]++
	}
	for i := range a.cols {
		t.start[i+1] += t.start[i]
	}
	at := slices.Clone(t.start)
	for r := range len(a.start) - 1 {
		for _, c := range a.cells[a.start[r]:a.start[r+1]] {
			t.cells[at[c.col]] = cell{int32(r), c.val}
			at[c.col]++
		}
	}
	return t
}

// times writes a·x to y.
func (a *sparse) times(x, y matrix, workers int) {
	parallel(len(a.start)-1, workers, func(from, to int) {
		for i := from; i < to; i++ {
			out := y.row(i)
			clear(out)
			for _, c := range a.cells[a.start[i]:a.start[i+1]] {
				add(out, c.val, x.row(int(c.col)))
			}
		}
	})
}

// reduce finds the basis by a randomised truncated singular value decomposition (Halko, Martinsson, Tropp
// 2011). The random numbers are hashes of the terms, so that the same texts give the same basis.
func (s *space) reduce(bags []bag, workers int) {
	n, m := len(bags), len(s.idf)
	s.dim = min(maxDim, n/4, m/2)
	if s.dim == 0 {
		return
	}
	r := min(s.dim+oversample, n, m)
	a := &sparse{start: make([]int, n+1), cols: m}
	for i := range bags {
		a.cells = s.cells(a.cells, &bags[i])
		a.start[i+1] = len(a.cells)
	}
	t := a.transposed()
	z := newMatrix(m, r)
	for h, c := range s.columns {
		row, state := z.row(int(c)), uint64(h)+0x9e3779b97f4a7c15
		for d := range row {
			state += 0x9e3779b97f4a7c15
			row[d] = float32(int64(mix(state))>>40) / (1 << 23)
		}
	}
	y := newMatrix(n, r)
	for range passes {
		a.times(z, y, workers)
		orthonormal(y, workers)
		t.times(y, z, workers)
	}
	a.times(z, y, workers)
	orthonormal(y, workers)
	t.times(y, z, workers)
	// With y = Q, z = AᵀQ: the left singular vectors are Q·W, W the eigenvectors of QᵀAAᵀQ = Qᵀ(Az).
	az := newMatrix(n, r)
	a.times(z, az, workers)
	values, w := eigen(product(y, az, workers))
	s.basis, s.scale = make([]int8, m*s.dim), make([]float32, m)
	by := make([]float32, s.dim)
	for d := range by {
		// A singular vector, times the root of its value: between all directions alike and as texts have them.
		by[d] = float32(math.Pow(max(values[d], 1e-9), -0.75))
	}
	parallel(m, workers, func(from, to int) {
		v := make([]float32, r)
		for c := from; c < to; c++ {
			clear(v)
			for k, x := range z.row(c) {
				add(v, x, w[k*r:(k+1)*r])
			}
			largest := float32(0)
			for d, b := range by {
				v[d] *= b
				largest = max(largest, float32(math.Abs(float64(v[d]))))
			}
			if largest == 0 {
				continue
			}
			s.scale[c] = largest / 127
			row := s.basis[c*s.dim : (c+1)*s.dim]
			for d := range row {
				row[d] = int8(math.Round(float64(v[d] / s.scale[c])))
			}
		}
	})
}

// product is xᵀy in double precision; of a symmetric one.
func product(x, y matrix, workers int) []float64 {
	r := x.cols
	const parts = 8 // fixed, so that sums do not depend on the workers
	sums := make([][]float64, parts)
	parallel(parts, workers, func(from, to int) {
		for p := from; p < to; p++ {
			sum := make([]float64, r*r)
			block := make([]float32, r*r)
			lo, hi := p*x.rows/parts, (p+1)*x.rows/parts
			for i := lo; i < hi; i++ {
				row := y.row(i)
				for k, v := range x.row(i) {
					add(block[k*r:k*r+k+1], v, row[:k+1])
				}
				if (i-lo)%512 == 511 || i == hi-1 {
					for k, v := range block {
						sum[k] += float64(v)
					}
					clear(block)
				}
			}
			sums[p] = sum
		}
	})
	out := make([]float64, r*r)
	for _, s := range sums {
		for k, v := range s {
			out[k] += v
		}
	}
	for i := range r {
		for j := range i {
			out[j*r+i] = out[i*r+j]
		}
	}
	return out
}

// orthonormal makes the columns of y such, by Cholesky's decomposition of its Gram matrix, twice, since once
// is not exact where columns are nearly alike.
func orthonormal(y matrix, workers int) {
	r := y.cols
	for range 2 {
		g := product(y, y, workers)
		ridge := 0.0
		for i := range r {
			ridge = max(ridge, g[i*r+i])
		}
		for i := range r {
			g[i*r+i] += ridge * 1e-7
		}
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(r, g)) {
			return // rank is lower than r: what is there is good enough
		}
		var upper mat.TriDense
		chol.UTo(&upper)
		var inverse mat.TriDense
		if err := inverse.InverseTri(&upper); err != nil {
			return
		}
		by := make([]float32, r*r) // row k: what column k of y adds to the later ones
		for k := range r {
			for d := k; d < r; d++ {
				by[k*r+d] = float32(inverse.At(k, d))
			}
		}
		parallel(y.rows, workers, func(from, to int) {
			out := make([]float32, r)
			for i := from; i < to; i++ {
				clear(out)
				row := y.row(i)
				for k, v := range row {
					add(out[k:], v, by[k*r+k:k*r+r])
				}
				copy(row, out)
			}
		})
	}
}

// eigen returns the eigenvalues of a symmetric matrix, largest first, and their vectors as columns.
func eigen(g []float64) ([]float64, []float32) {
	r := int(math.Round(math.Sqrt(float64(len(g)))))
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(r, g), true) {
		panic("BUG: no eigenvalues of a Gram matrix")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values, w := e.Values(nil), make([]float32, r*r)
	slices.Reverse(values)
	for i := range r {
		for d := range r {
			w[i*r+d] = float32(v.At(i, r-1-d))
		}
	}
	return values, w
}

// width is how many numbers a place has.
func (s *space) width() int { return s.dim + vectors.Dim }

// place writes the place of a text, of length 1, or 0 if the space knows nothing of it.
func (s *space) place(out []float32, b *bag, scratch []cell) []cell {
	clear(out)
	scratch = s.cells(scratch[:0], b)
	terms, meaning := out[:s.dim], out[s.dim:]
	for _, c := range scratch {
		row, by := s.basis[int(c.col)*s.dim:(int(c.col)+1)*s.dim], c.val*s.scale[c.col]
		for d, v := range row {
			terms[d] += by * float32(v)
		}
	}
	unit(terms)
	if b.meaning != nil {
		copy(meaning, b.meaning)
		add(meaning, -1, s.centre)
		unit(meaning)
	}
	unit(out)
	return scratch
}

func (s *space) placeAll(bags []bag, workers int) matrix {
	x := newMatrix(len(bags), s.width())
	parallel(len(bags), workers, func(from, to int) {
		var scratch []cell
		for i := from; i < to; i++ {
			scratch = s.place(x.row(i), &bags[i], scratch)
		}
	})
	return x
}
