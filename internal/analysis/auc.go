package analysis

import (
	"math"
	"slices"
	"sort"
)

// AUC is how well a score tells two classes apart, with its 95 % interval.
type AUC struct {
	Value float64 `json:"auc"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// compareAUC computes the areas under the curves of two scores of the same examples, and the 95 % interval of
// their difference (DeLong, DeLong and Clarke-Pearson 1988, by the placements of Sun and Xu 2014). Both classes
// need at least two examples.
func compareAUC(yes []bool, a, b []float64) (ofA, ofB AUC, lo, hi float64) {
	pa, na := placements(yes, a)
	pb, nb := placements(yes, b)
	ma, mb := mean(pa), mean(pb)
	m, n := float64(len(pa)), float64(len(na))
	va := covariance(pa, pa)/m + covariance(na, na)/n
	vb := covariance(pb, pb)/m + covariance(nb, nb)/n
	vab := covariance(pa, pb)/m + covariance(na, nb)/n
	interval := func(v, variance float64) (float64, float64) {
		half := 1.959964 * math.Sqrt(max(variance, 0))
		return v - half, v + half
	}
	of := func(v, variance float64) AUC {
		lo, hi := interval(v, variance)
		return AUC{Value: v, Lo: max(lo, 0), Hi: min(hi, 1)}
	}
	lo, hi = interval(ma-mb, va+vb-2*vab)
	return of(ma, va), of(mb, vb), lo, hi
}

// placements returns, for each positive example, the share of negatives below it, and for each negative the
// share of positives above it; equal scores count half.
func placements(yes []bool, score []float64) (positives, negatives []float64) {
	var pos, neg []float64
	for i, s := range score {
		if yes[i] {
			pos = append(pos, s)
		} else {
			neg = append(neg, s)
		}
	}
	below := func(of []float64, x float64) float64 {
		first := sort.SearchFloat64s(of, x)
		after := sort.Search(len(of), func(i int) bool { return of[i] > x })
		return (float64(first) + float64(after-first)/2) / float64(len(of))
	}
	sortedPos, sortedNeg := slices.Sorted(slices.Values(pos)), slices.Sorted(slices.Values(neg))
	for _, x := range pos {
		positives = append(positives, below(sortedNeg, x))
	}
	for _, x := range neg {
		negatives = append(negatives, 1-below(sortedPos, x))
	}
	return positives, negatives
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func covariance(x, y []float64) float64 {
	mx, my, sum := mean(x), mean(y), 0.0
	for i := range x {
		sum += (x[i] - mx) * (y[i] - my)
	}
	return sum / float64(len(x)-1)
}
