package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// near reports a figure of a published table that we miss.
func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s: got %.6f, want %.6f", what, got, want)
	}
}

// binomial is the chance of k successes in n.
func binomial(k, n int, p float64) float64 {
	if p == 0 || p == 1 {
		if (p == 0 && k == 0) || (p == 1 && k == n) {
			return 1
		}
		return 0
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// Newcombe's papers of 1998 print these.
func TestIntervalsOfProportionsAreThePublishedOnes(t *testing.T) {
	f := func(k, n int64, lo, hi float64) {
		t.Helper()
		iv := Wilson(k, n, 0.95)
		near(t, "lower", iv.Lo(), lo, 5e-5)
		near(t, "upper", iv.Hi(), hi, 5e-5)
	}
	f(81, 263, 0.2553, 0.3662)
	f(15, 148, 0.0624, 0.1605)
	f(0, 20, 0, 0.1611)
	f(1, 29, 0.0061, 0.1718)
	d := func(k1, n1, k2, n2 int64, lo, hi float64) {
		t.Helper()
		iv := ProportionDifference(k1, n1, k2, n2, 0.95)
		near(t, "lower", iv.Lo(), lo, 5e-5)
		near(t, "upper", iv.Hi(), hi, 5e-5)
	}
	d(56, 70, 48, 80, 0.0524, 0.3339)
	d(9, 10, 3, 10, 0.1705, 0.8090)
	d(5, 56, 0, 29, -0.0381, 0.1926)
	d(0, 10, 0, 20, -0.1611, 0.2775)
	d(10, 10, 0, 10, 0.6075, 1)
}

// The chance that the interval holds the truth, summed over all outcomes: exact, so no seed.
func TestWilsonCoversAsStated(t *testing.T) {
	for _, n := range []int{5, 10, 20, 50, 200} {
		sum, cells, worst := 0.0, 0, 1.0
		for p := 0.005; p < 1; p += 0.01 {
			cover := 0.0
			for k := 0; k <= n; k++ {
				if Wilson(int64(k), int64(n), 0.95).Contains(p) {
					cover += binomial(k, n, p)
				}
			}
			sum, cells, worst = sum+cover, cells+1, min(worst, cover)
		}
		mean := sum / float64(cells)
		t.Logf("n = %d: coverage %.4f on average over rates of 0.005 to 0.995, %.4f at worst", n, mean, worst)
		if mean < 0.945 || mean > 0.975 || worst < 0.80 {
			t.Errorf("n = %d: coverage %.4f on average, %.4f at worst", n, mean, worst)
		}
	}
}

func TestDifferenceOfProportionsCoversAsStated(t *testing.T) {
	for _, n := range [][2]int{{10, 10}, {10, 40}, {50, 50}, {200, 20}} {
		sum, cells, worst := 0.0, 0, 1.0
		for p1 := 0.02; p1 < 1; p1 += 0.08 {
			for p2 := 0.02; p2 < 1; p2 += 0.08 {
				cover := 0.0
				for a := 0; a <= n[0]; a++ {
					chance := binomial(a, n[0], p1)
					if chance < 1e-9 {
						continue
					}
					for b := 0; b <= n[1]; b++ {
						if ProportionDifference(int64(a), int64(n[0]), int64(b), int64(n[1]), 0.95).Contains(p1 - p2) {
							cover += chance * binomial(b, n[1], p2)
						}
					}
				}
				sum, cells, worst = sum+cover, cells+1, min(worst, cover)
			}
		}
		mean := sum / float64(cells)
		t.Logf("n = %v: coverage %.4f on average, %.4f at worst", n, mean, worst)
		if mean < 0.945 || mean > 0.985 || worst < 0.85 {
			t.Errorf("n = %v: coverage %.4f on average, %.4f at worst", n, mean, worst)
		}
	}
}

func TestProportionTestKeepsItsLevel(t *testing.T) {
	const seed, runs = 11, 20_000
	r := rand.New(rand.NewPCG(seed, 0))
	for _, p := range []float64{0.1, 0.5, 0.9} {
		wrong := 0
		for range runs {
			if ProportionTest(draw(r, 200, p), 200, draw(r, 300, p), 300) < 0.05 {
				wrong++
			}
		}
		rate := float64(wrong) / runs
		t.Logf("seed %d, rate %.1f: %.4f false alarms at 0.05", seed, p, rate)
		if rate > 0.06 || rate < 0.03 {
			t.Errorf("seed %d, rate %.1f: %.4f false alarms at 0.05", seed, p, rate)
		}
	}
	if p := ProportionTest(0, 10, 0, 20); p != 1 {
		t.Errorf("no success on either side: got p = %v, want 1", p)
	}
}

// draw counts the successes of n draws.
func draw(r *rand.Rand, n int, p float64) (k int64) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}
