package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Critical values as tables of Student's distribution print them, and R's t.test on its sleep data.
func TestIntervalsOfMeansAreThePublishedOnes(t *testing.T) {
	near(t, "t, 4 df", tCritical(0.95, 4), 2.776, 5e-4)
	near(t, "t, 29 df", tCritical(0.95, 29), 2.045, 5e-4)
	near(t, "t, 10 df, 99 %", tCritical(0.99, 10), 3.169, 5e-4)
	a := momentsOf(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
	b := momentsOf(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
	iv := MeanDifference(a, b, 0.95)
	near(t, "lower", iv.Lo(), -3.3654832, 1e-6)
	near(t, "upper", iv.Hi(), 0.2054832, 1e-6)
	near(t, "p", MeanTest(a, b), 0.07939414, 1e-7)
}

func momentsOf(xs ...float64) Moments {
	var r running
	for _, x := range xs {
		r.add(x)
	}
	return r.moments()
}

func TestIntervalsOfMeansCoverAsStated(t *testing.T) {
	const seed, runs = 23, 20_000
	r := rand.New(rand.NewPCG(seed, 0))
	f := func(name string, n1, n2 int, least, most float64, one, two func() float64, d float64) {
		t.Helper()
		cover := 0
		for range runs {
			var a, b running
			for range n1 {
				a.add(one())
			}
			for range n2 {
				b.add(two())
			}
			if MeanDifference(a.moments(), b.moments(), 0.95).Contains(d) {
				cover++
			}
		}
		got := float64(cover) / runs
		t.Logf("seed %d: %s, %d and %d rows: coverage %.4f", seed, name, n1, n2, got)
		if got < least || got > most {
			t.Errorf("seed %d: %s, %d and %d rows: coverage %.4f, want %.3f to %.3f", seed, name, n1, n2, got, least, most)
		}
	}
	wide := func() float64 { return 5 * r.NormFloat64() }
	f("normal", 3, 3, 0.94, 0.98, r.NormFloat64, r.NormFloat64, 0)
	f("normal, unequal variances", 5, 40, 0.94, 0.96, wide, r.NormFloat64, 0)
	f("normal, unequal variances", 100, 20, 0.94, 0.96, wide, r.NormFloat64, 0)
	f("exponential", 100, 100, 0.94, 0.96, r.ExpFloat64, func() float64 { return 2 * r.ExpFloat64() }, -1)
}

func TestIntervalsOfQuantilesCoverWhateverTheDistribution(t *testing.T) {
	const seed, runs = 29, 20_000
	r := rand.New(rand.NewPCG(seed, 0))
	for _, q := range []float64{0.5, 0.9, 0.95} {
		for _, n := range []int64{6, 20, 100, 1000} {
			lo, hi, ok := QuantileRanks(n, q, 0.95)
			if !ok {
				t.Logf("%d values do not bound the %.2f-quantile", n, q)
				continue
			}
			truth, cover := -math.Log(1-q), 0
			for range runs / max(1, int(n)/20) {
				xs := make([]float64, n)
				for i := range xs {
					xs[i] = r.ExpFloat64()
				}
				slices.Sort(xs)
				if xs[lo-1] <= truth && truth <= xs[hi-1] {
					cover++
				}
			}
			got := float64(cover) / float64(runs/max(1, int(n)/20))
			t.Logf("seed %d: %.2f-quantile of %d values between the %d-th and the %d-th: %.4f", seed, q, n, lo, hi, got)
			if got < 0.935 {
				t.Errorf("seed %d: %.2f-quantile of %d values: coverage %.4f", seed, q, n, got)
			}
		}
	}
	if lo, hi, ok := QuantileRanks(5, 0.5, 0.95); ok {
		t.Errorf("median of five: got ranks %d to %d, want none", lo, hi)
	}
	if lo, hi, _ := QuantileRanks(100, 0.5, 0.95); lo != 40 || hi != 61 { // as tables of order statistics say
		t.Errorf("median of 100: got ranks %d to %d, want 40 to 61", lo, hi)
	}
	for n := int64(1); n < 300; n++ {
		for rank := int64(1); rank <= n; rank++ {
			if got := int64(math.Ceil(RankQuantile(rank, n) * float64(n))); got != rank {
				t.Fatalf("rank %d of %d: its quantile is the %d-th", rank, n, got)
			}
		}
	}
}
