package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFalseDiscoveryIsThePublishedOne(t *testing.T) {
	// R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "BH"), and in another order with ties.
	f := func(ps, want []float64) {
		t.Helper()
		got := FalseDiscovery(ps)
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-12 {
				t.Errorf("%v: got %v, want %v", ps, got, want)
				return
			}
		}
	}
	f(nil, nil)
	f([]float64{0.01, 0.02, 0.03, 0.04, 0.05}, []float64{0.05, 0.05, 0.05, 0.05, 0.05})
	f([]float64{0.9, 0.001, 0.02, 0.02}, []float64{0.9, 0.004, 0.08 / 3, 0.08 / 3})
	f([]float64{1, 1}, []float64{1, 1})
}

func TestFalseDiscoveryControlsTheShareOfFalseFinds(t *testing.T) {
	const seed, runs, tests, real = 31, 4000, 100, 10
	r := rand.New(rand.NewPCG(seed, 0))
	share, power := 0.0, 0.0
	for range runs {
		ps := make([]float64, tests)
		for i := range ps {
			x := r.NormFloat64()
			if i < real {
				x += 4
			}
			ps[i] = normalTail(x)
		}
		found, wrong := 0, 0
		for i, q := range FalseDiscovery(ps) {
			if q <= 0.05 {
				found++
				if i >= real {
					wrong++
				}
			}
		}
		share += float64(wrong) / float64(max(1, found))
		power += float64(found-wrong) / real
	}
	t.Logf("seed %d: %.4f of what is found is false, %.3f of what is there is found", seed, share/runs, power/runs)
	if share/runs > 0.05 {
		t.Errorf("seed %d: %.4f of what is found is false; want at most 0.05", seed, share/runs)
	}
}

func TestSampleRatioAlarmsSeldomWhenTheSplitIsRight(t *testing.T) {
	const seed, runs, n = 37, 500, 1500 // 3000 runs of 3000 units were measured once: at most 0.0010
	r := rand.New(rand.NewPCG(seed, 0))
	f := func(truth, weights []float64) float64 {
		t.Helper()
		alarms := 0
		for range runs {
			counts := make([]int64, len(truth))
			for range n {
				x, i := r.Float64(), 0
				for x >= truth[i] && i < len(truth)-1 {
					x -= truth[i]
					i++
				}
				counts[i]++
				if SampleRatio(counts, weights).Mismatch { // after every unit
					alarms++
					break
				}
			}
		}
		t.Logf("seed %d: split %v meant as %v: %.4f alarms within %d units", seed, truth, weights, float64(alarms)/runs, n)
		return float64(alarms) / runs
	}
	for _, split := range [][]float64{{0.5, 0.5}, {0.9, 0.1}, {0.5, 0.25, 0.25}} {
		if got := f(split, split); got > 4*MismatchLevel {
			t.Errorf("seed %d: right split %v: %.4f alarms; want about %v", seed, split, got, MismatchLevel)
		}
	}
	if got := f([]float64{0.56, 0.44}, []float64{1, 1}); got < 0.5 {
		t.Errorf("seed %d: 56 to 44 meant as halves: %.4f alarms; want most", seed, got)
	}
}

func TestSampleRatioIsPearsons(t *testing.T) {
	// R: chisq.test(c(520, 480))$p.value, chisq.test(c(50, 30, 20), p = c(.5, .25, .25))$p.value
	near(t, "two", SampleRatio([]int64{520, 480}, []float64{1, 1}).P, 0.2059032, 1e-7)
	near(t, "three", SampleRatio([]int64{50, 30, 20}, []float64{2, 1, 1}).P, 0.3678794, 1e-7)
	if a := SampleRatio([]int64{0, 0}, []float64{1, 1}); a.Mismatch || a.P != 1 {
		t.Errorf("no units: got %+v", a)
	}
	if a := SampleRatio([]int64{9}, []float64{1}); a.Mismatch {
		t.Errorf("one variant: got %+v", a)
	}
	ps := []float64{}
	for _, n := range []int64{10, 100, 1000, 10_000} {
		ps = append(ps, SampleRatio([]int64{6 * n, 4 * n}, []float64{1, 1}).AlwaysP)
	}
	if !slices.IsSortedFunc(ps, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
		t.Errorf("more units of the same wrong split: got %v, want ever smaller", ps)
	}
}
