package topics

import (
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"
)

// matrix is dense, row by row.
type matrix struct {
	rows, cols int
	data       []float32
}

func newMatrix(rows, cols int) matrix {
	return matrix{rows, cols, make([]float32, rows*cols)}
}

func (m matrix) row(i int) []float32 { return m.data[i*m.cols : (i+1)*m.cols : (i+1)*m.cols] }

func dot(a, b []float32) float32 {
	return blas32.Dot(blas32.Vector{N: len(a), Inc: 1, Data: a}, blas32.Vector{N: len(b), Inc: 1, Data: b})
}

// add adds by times x to y.
func add(y []float32, by float32, x []float32) {
	blas32.Axpy(by, blas32.Vector{N: len(x), Inc: 1, Data: x}, blas32.Vector{N: len(y), Inc: 1, Data: y})
}

// unit gives x the length 1, unless it is 0.
func unit(x []float32) {
	n := dot(x, x)
	if n < 1e-12 {
		clear(x)
		return
	}
	by := float32(1 / math.Sqrt(float64(n)))
	for i := range x {
		x[i] *= by
	}
}

// parallel calls do with ranges that together are [0, n). What it writes must depend on the index alone.
func parallel(n, workers int, do func(from, to int)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers = min(workers, n); workers <= 1 {
		do(0, n)
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(w*n/workers, (w+1)*n/workers) })
	}
	wg.Wait()
}
