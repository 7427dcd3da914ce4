package fit

import "math"

// memory is how many steps L-BFGS remembers. Nocedal and Wright, Numerical Optimization, algorithm 7.4.
const memory = 8

// minimise finds the least loss from zero, by L-BFGS with backtracking.
func minimise(p *problem, n int) []float64 {
	x, g := make([]float64, n), make([]float64, n)
	nextX, nextG, d := make([]float64, n), make([]float64, n), make([]float64, n)
	var steps []step
	f := p.at(x, g)
	for range p.cfg.Iterations {
		direction(d, g, steps)
		slope := dot(d, g)
		if slope > -1e-12*(1+math.Abs(f)) {
			break
		}
		t := 1.0
		if len(steps) == 0 {
			t = min(1, 1/math.Sqrt(dot(g, g)))
		}
		next, ok := 0.0, false
		for range 30 {
			for i := range x {
				nextX[i] = x[i] + t*d[i]
			}
			if next = p.at(nextX, nextG); next <= f+1e-4*t*slope {
				ok = true
				break
			}
			t /= 2
		}
		if !ok {
			break
		}
		steps = remember(steps, x, nextX, g, nextG)
		gain := f - next
		x, nextX, g, nextG, f = nextX, x, nextG, g, next
		if gain < 1e-5*(1+math.Abs(f)) {
			break
		}
	}
	return x
}

// step is a move and what it changed of the gradient.
type step struct {
	s, y []float64
	rho  float64
}

func remember(steps []step, x, nextX, g, nextG []float64) []step {
	var st step
	if len(steps) == memory {
		st, steps = steps[0], append(steps[:0:0], steps[1:]...)
	} else {
		st.s, st.y = make([]float64, len(x)), make([]float64, len(x))
	}
	for i := range x {
		st.s[i], st.y[i] = nextX[i]-x[i], nextG[i]-g[i]
	}
	sy := dot(st.s, st.y)
	if sy <= 1e-12 {
		return steps
	}
	st.rho = 1 / sy
	return append(steps, st)
}

// direction is that of descent, by the two loops.
func direction(d, g []float64, steps []step) {
	for i := range g {
		d[i] = -g[i]
	}
	if len(steps) == 0 {
		return
	}
	alpha := make([]float64, len(steps))
	for i := len(steps) - 1; i >= 0; i-- {
		alpha[i] = steps[i].rho * dot(steps[i].s, d)
		add(d, -alpha[i], steps[i].y)
	}
	last := steps[len(steps)-1]
	scale := 1 / (last.rho * dot(last.y, last.y))
	for i := range d {
		d[i] *= scale
	}
	for i, st := range steps {
		add(d, alpha[i]-st.rho*dot(st.y, d), st.s)
	}
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func add(to []float64, by float64, v []float64) {
	for i, x := range v {
		to[i] += by * x
	}
}
