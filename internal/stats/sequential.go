package stats

import "math"

// Sequential tests whether two groups differ, and may be looked at after every row: with a chance of at
// least its level, its interval holds the true difference at all times together, so that stopping as soon
// as it leaves 0 out is right. It is the mixture sequential probability ratio test with a normal mixture
// (H. Robbins, 1970, Annals of Mathematical Statistics 41:1397; R. Johari, P. Koomen, L. Pekelis, D. Walsh,
// 2022, Operations Research 70:1806), in its form for means of any distribution with an estimated variance
// (I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, 2024, Annals of Statistics 52:2613: an
// asymptotic confidence sequence).
//
// The mixture is over the size of the effect in units of the noise: normal around 0 with variance ρ², where
// ρ² makes the interval narrowest when Tuned rows have been seen. It is valid for every ρ²; another only
// changes when it is strongest.
//
// What is asymptotic is held by two means, checked by simulation: it says nothing ([Everything]) until each
// group has [Burn] rows, and until the two together have [BurnEvents] of the rarer outcome where the outcome
// is yes or no.
type Sequential struct {
	Level float64 // 0 is [Level]
	Tuned float64 // rows of both groups; 0 is [Tuned]
}

// Bounds of a sequential test.
const (
	Tuned      = 2000 // rows of both groups together at which the interval is narrowest relative to a fixed one
	Burn       = 50   // rows of each group before it says anything
	BurnEvents = 10   // of each outcome, in both groups together
)

// ProportionDifference is the interval of k1/n1 − k2/n2 at this time, within −1..1.
func (s Sequential) ProportionDifference(k1, n1, k2, n2 int64) Interval {
	if rare := min(k1+k2, n1+n2-k1-k2); n1 < Burn || n2 < Burn || rare < BurnEvents {
		return Interval{-1, 1}
	}
	iv := s.difference(MomentsOfProportion(k1, n1), MomentsOfProportion(k2, n2))
	return Interval{max(-1, iv[0]), min(1, iv[1])}
}

// MeanDifference is the interval of a.Mean − b.Mean at this time.
func (s Sequential) MeanDifference(a, b Moments) Interval {
	if a.N < Burn || b.N < Burn {
		return Everything()
	}
	return s.difference(a, b)
}

func (s Sequential) difference(a, b Moments) Interval {
	level, tuned := s.Level, s.Tuned
	if level == 0 {
		level = Level
	}
	if tuned == 0 {
		tuned = Tuned
	}
	d := a.Mean - b.Mean
	// A group that has seen none of a rare value yet is not free of noise: its variance is at least that of both
	// together. Simulated without, 5 % of 200 against 5 % of 1800 rows gave 6.6 % false alarms.
	n, m := float64(a.N), float64(b.N)
	pooled := ((n-1)*a.Variance + (m-1)*b.Variance + n*m/(n+m)*d*d) / (n + m - 1)
	a.Variance, b.Variance = max(a.Variance, pooled), max(b.Variance, pooled)
	v := a.squaredError() + b.squaredError()
	half := math.Sqrt(v) * mixtureCritical(float64(a.N+b.N), tuned, 1-level)
	return Interval{d - half, d + half}
}

// mixtureCritical is what takes the place of 1.96: how many standard errors wide half of the interval is
// after n rows.
func mixtureCritical(n, tuned, alpha float64) float64 {
	// The ρ² of the narrowest interval at tuned rows, to first order: Waudby-Smith et al., appendix B.2.
	rho2 := (-2*math.Log(alpha) + math.Log(1-2*math.Log(alpha))) / tuned
	x := n * rho2
	return math.Sqrt((1 + x) / x * (math.Log1p(x) - 2*math.Log(alpha)))
}
