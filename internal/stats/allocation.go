package stats

import "math"

// MismatchLevel is the chance of a false alarm about a split that is right.
const MismatchLevel = 0.001

// Allocation is how a split of units over variants compares with the one that was meant.
type Allocation struct {
	// P is the p-value of Pearson's chi-square test at this moment, for people who look once.
	P float64 `json:"p"`
	// AlwaysP survives looking again and again: the chance, if the split is right, that it is ever at most
	// x is at most x. It is the multinomial mixture of M. Lindon and A. Malek, 2022, "Anytime-valid inference
	// for multinomial count data" (NeurIPS 35), with a Dirichlet prior around the split that was meant, of
	// the weight of 100 units a variant.
	AlwaysP float64 `json:"always_p"`
	// Mismatch says that AlwaysP is below MismatchLevel: then the experiment is broken somewhere, and its
	// differences mean nothing (A. Fabijan et al., 2019, "Diagnosing sample ratio mismatch", KDD).
	Mismatch bool `json:"mismatch"`
}

// SampleRatio compares counts of units with the weights they were to be in; weights are positive and need
// not add up to 1. With fewer than two variants, or no units, nothing is wrong.
func SampleRatio(counts []int64, weights []float64) Allocation {
	out := Allocation{P: 1, AlwaysP: 1}
	var n, sum float64
	for i, c := range counts {
		n += float64(c)
		sum += weights[i]
	}
	if len(counts) < 2 || n == 0 {
		return out
	}
	var chi float64
	strength := 100 * float64(len(counts))
	logOdds := lgamma(strength) - lgamma(strength+n)
	for i, c := range counts {
		share := weights[i] / sum
		d := float64(c) - n*share
		chi += d * d / (n * share)
		logOdds += lgamma(strength*share+float64(c)) - lgamma(strength*share) - float64(c)*math.Log(share)
	}
	out.P = chiSquareTail(chi, float64(len(counts)-1))
	out.AlwaysP = min(1, math.Exp(-logOdds))
	out.Mismatch = out.AlwaysP < MismatchLevel
	return out
}

func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}
