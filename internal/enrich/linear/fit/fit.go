// Package fit makes the weights of package linear from labelled inputs: logistic, softmax or ridge
// regression by L-BFGS on all examples at once, without randomness, so that the same examples in the same
// order give the same bytes. Training programs use it, and the workspace's own learning.
package fit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
)

// Loss says what is fitted.
type Loss int

// The losses. Targets of Logistic are probabilities, one each output, of Softmax one distribution over the
// outputs, of Squared any numbers.
const (
	Logistic Loss = iota
	Softmax
	Squared
)

// Config says how to fit. Zero values choose what is said.
type Config struct {
	Loss       Loss
	L2         float64 // pull of n-grams to zero, each example counting 1; 0 is 1
	DenseL2    float64 // the same of features, which are brought to unit variance before; 0 is 1
	Iterations int     // most steps; 0 is 100
	MinCount   int     // n-grams in fewer examples get no weight; 0 is 2
	// Rare pulls n-grams the less the fewer examples they are in, as inverse document frequency does: weights
	// are fitted to values times 1+log(examples/examples with it), which they then contain.
	Rare bool
}

// Set holds examples. Bits and Dense are those of the header that the weights will have.
type Set struct {
	linear.Header
	rows []row
}

type row struct {
	index  []uint32 // of the table, ascending order not needed
	value  []float32
	dense  []float64
	target []float64
	weight float64
	group  string
}

// Len is the number of examples.
func (s *Set) Len() int { return len(s.rows) }

// Add copies an example into the set. Examples of the same group (a conversation, a template) are never
// divided between training and test by [Set.OutOfFold].
func (s *Set) Add(in *linear.Input, target []float64, weight float64, group string) {
	if len(in.Dense) != len(s.Dense) || len(target) != len(s.Outputs) {
		panic(fmt.Sprintf("BUG: example has %d features and %d targets, not %d and %d", len(in.Dense), len(target), len(s.Dense), len(s.Outputs)))
	}
	r := row{weight: weight, group: group, target: append([]float64(nil), target...)}
	for i := range in.Blocks {
		b := &in.Blocks[i]
		for j, h := range b.Grams() {
			r.index = append(r.index, linear.Row(h, b.Field, s.Bits))
			r.value = append(r.value, b.At(j))
		}
	}
	for _, v := range in.Dense {
		r.dense = append(r.dense, float64(v))
	}
	s.rows = append(s.rows, r)
}

// Without returns the set without the examples of groups that drop names. The examples are shared.
func (s *Set) Without(drop func(group string) bool) *Set {
	left := &Set{Header: s.Header}
	for _, r := range s.rows {
		if !drop(r.group) {
			left.rows = append(left.rows, r)
		}
	}
	return left
}

// Fit makes weights from all examples.
func (s *Set) Fit(cfg Config) *linear.Weights {
	return s.fit(cfg, func(int) bool { return true })
}

// OutOfFold predicts each example by weights that were fitted without its fold, and returns the sums of the
// outputs in the order of the examples. fold names the fold of a group; see [Fold].
func (s *Set) OutOfFold(cfg Config, fold func(group string) string) [][]float64 {
	out := make([][]float64, len(s.rows))
	for i, r := range s.rows {
		if out[i] != nil {
			continue
		}
		held := fold(r.group)
		w := s.fit(cfg, func(j int) bool { return fold(s.rows[j].group) != held })
		for j, other := range s.rows[i:] {
			if fold(other.group) == held {
				out[i+j] = s.predict(w, &s.rows[i+j])
			}
		}
	}
	return out
}

// Fold puts a group into one of n folds, always the same.
func Fold(n int) func(group string) string {
	return func(group string) string {
		h := fnv.New32a()
		_, _ = h.Write([]byte(group))
		return fmt.Sprint((h.Sum32() >> 8) % uint32(n))
	}
}

func (s *Set) predict(w *linear.Weights, r *row) []float64 {
	k := len(s.Outputs)
	out := append([]float64(nil), w.Bias...)
	for i, v := range r.dense {
		for o := range k {
			out[o] += v * w.Dense[i*k+o]
		}
	}
	for i, at := range r.index {
		for o := range k {
			out[o] += float64(r.value[i]) * w.Table[int(at)*k+o]
		}
	}
	return out
}

// problem is what is minimised: x has, for each used row of the table, then each feature, then the bias, a
// place for each output.
type problem struct {
	cfg      Config
	k        int
	rows     []compact
	used     int // rows of the table
	features int
}

type compact struct {
	index  []int32
	value  []float32
	dense  []float64
	target []float64
	weight float64
}

func (s *Set) fit(cfg Config, keep func(int) bool) *linear.Weights {
	cfg.L2, cfg.DenseL2 = cmp.Or(cfg.L2, 1), cmp.Or(cfg.DenseL2, 1)
	cfg.Iterations, cfg.MinCount = cmp.Or(cfg.Iterations, 100), cmp.Or(cfg.MinCount, 2)
	k := len(s.Outputs)
	place, rowOf, scale := s.places(cfg, keep)
	mean, deviation := s.moments(keep)
	p := &problem{cfg: cfg, k: k, used: len(rowOf), features: len(s.Dense)}
	for i := range s.rows {
		if !keep(i) {
			continue
		}
		r := &s.rows[i]
		c := compact{target: r.target, weight: r.weight, dense: make([]float64, len(r.dense))}
		for j, at := range r.index {
			if to := place[at]; to >= 0 {
				c.index, c.value = append(c.index, to), append(c.value, r.value[j]*scale[to])
			}
		}
		for j, v := range r.dense {
			c.dense[j] = (v - mean[j]) / deviation[j]
		}
		p.rows = append(p.rows, c)
	}
	x := minimise(p, (p.used+p.features+1)*k)
	w := &linear.Weights{Header: s.Header, Table: make([]float64, k<<s.Bits), Dense: make([]float64, k*p.features), Bias: make([]float64, k)}
	copy(w.Bias, x[(p.used+p.features)*k:])
	for i, at := range rowOf {
		for o := range k {
			w.Table[int(at)*k+o] = x[i*k+o] * float64(scale[i])
		}
	}
	for i := range p.features {
		for o := range k {
			v := x[(p.used+i)*k+o] / deviation[i]
			w.Dense[i*k+o] = v
			w.Bias[o] -= v * mean[i]
		}
	}
	w.Round()
	return w
}

// places numbers the rows of the table that enough of the kept examples use, and says how much their values
// count.
func (s *Set) places(cfg Config, keep func(int) bool) (place []int32, rowOf []uint32, scale []float32) {
	place = make([]int32, 1<<s.Bits)
	last := make([]int32, 1<<s.Bits) // example that counted the row last, plus one
	kept := 0
	for i := range s.rows {
		if !keep(i) {
			continue
		}
		kept++
		for _, at := range s.rows[i].index {
			if last[at] != int32(i+1) {
				last[at] = int32(i + 1)
				place[at]++
			}
		}
	}
	for at, n := range place {
		place[at] = -1
		if int(n) >= cfg.MinCount {
			place[at] = int32(len(rowOf))
			rowOf = append(rowOf, uint32(at))
			scale = append(scale, 1)
			if cfg.Rare {
				scale[len(scale)-1] = float32(1 + math.Log(float64(kept)/float64(n)))
			}
		}
	}
	return place, rowOf, scale
}

func (s *Set) moments(keep func(int) bool) (mean, deviation []float64) {
	d := len(s.Dense)
	mean, deviation = make([]float64, d), make([]float64, d)
	n := 0.0
	for i := range s.rows {
		if keep(i) {
			n++
			for j, v := range s.rows[i].dense {
				mean[j] += v
				deviation[j] += v * v
			}
		}
	}
	for j := range mean {
		mean[j] /= max(n, 1)
		deviation[j] = math.Sqrt(max(deviation[j]/max(n, 1)-mean[j]*mean[j], 0))
		if deviation[j] < 1e-9 {
			deviation[j] = 1
		}
	}
	return mean, deviation
}

// at computes the loss at x and writes its gradient to g.
func (p *problem) at(x, g []float64) float64 {
	k := p.k
	clear(g)
	features, bias := x[p.used*k:], x[(p.used+p.features)*k:]
	gFeatures, gBias := g[p.used*k:], g[(p.used+p.features)*k:]
	sums, loss := make([]float64, k), 0.0
	for i := range p.rows {
		r := &p.rows[i]
		copy(sums, bias[:k])
		for j, at := range r.index {
			v, w := float64(r.value[j]), x[int(at)*k:int(at)*k+k]
			for o := range sums {
				sums[o] += v * w[o]
			}
		}
		for j, v := range r.dense {
			for o := range sums {
				sums[o] += v * features[j*k+o]
			}
		}
		loss += r.weight * p.cfg.slope(sums, r.target)
		for o := range sums {
			sums[o] *= r.weight
			gBias[o] += sums[o]
		}
		for j, at := range r.index {
			v, w := float64(r.value[j]), g[int(at)*k:int(at)*k+k]
			for o := range sums {
				w[o] += v * sums[o]
			}
		}
		for j, v := range r.dense {
			for o := range sums {
				gFeatures[j*k+o] += v * sums[o]
			}
		}
	}
	for i := range (p.used + p.features) * k {
		l2 := p.cfg.L2
		if i >= p.used*k {
			l2 = p.cfg.DenseL2
		}
		loss += l2 / 2 * x[i] * x[i]
		g[i] += l2 * x[i]
	}
	return loss
}

// slope replaces sums by the slope of the loss along them, and returns the loss.
func (c *Config) slope(sums, target []float64) (loss float64) {
	switch c.Loss {
	case Squared:
		for o, s := range sums {
			d := s - target[o]
			loss += d * d / 2
			sums[o] = d
		}
	case Softmax:
		linear.Softmax(sums)
		for o, q := range sums {
			loss -= target[o] * math.Log(max(q, 1e-300))
			sums[o] = q - target[o]
		}
	default:
		for o, s := range sums {
			loss += math.Max(s, 0) - s*target[o] + math.Log1p(math.Exp(-math.Abs(s)))
			sums[o] = linear.Logistic(s) - target[o]
		}
	}
	return loss
}
