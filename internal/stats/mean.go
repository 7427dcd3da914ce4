package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Moments sum up a sample: how many, their mean, and their sample variance (over n − 1). The variance of
// fewer than two is not looked at.
type Moments struct {
	N        int64
	Mean     float64
	Variance float64
}

// MomentsOfProportion are those of n rows of which k are 1 and the others 0.
func MomentsOfProportion(k, n int64) Moments {
	if n <= 0 {
		return Moments{}
	}
	p := float64(k) / float64(n)
	m := Moments{N: n, Mean: p}
	if n > 1 {
		m.Variance = p * (1 - p) * float64(n) / float64(n-1)
	}
	return m
}

// squaredError is the variance of the mean.
func (m Moments) squaredError() float64 { return m.Variance / float64(m.N) }

// Mean is Student's interval of a mean ("Student", 1908, Biometrika 6:1). It is [Everything] for fewer
// than two rows. It keeps its level for normal values, and for skewed ones (latencies, costs) as the
// sample grows: from about a hundred rows on.
func Mean(m Moments, level float64) Interval {
	if m.N < 2 {
		return Everything()
	}
	half := tCritical(level, float64(m.N-1)) * math.Sqrt(m.squaredError())
	return Interval{m.Mean - half, m.Mean + half}
}

// MeanDifference is Welch's interval of a.Mean − b.Mean, with the degrees of freedom of Welch and
// Satterthwaite (B. L. Welch, 1947, Biometrika 34:28); variances need not be equal. It is [Everything]
// where a side has fewer than two rows.
func MeanDifference(a, b Moments, level float64) Interval {
	if a.N < 2 || b.N < 2 {
		return Everything()
	}
	d := a.Mean - b.Mean
	v, df := welch(a, b)
	if v == 0 {
		return Interval{d, d}
	}
	half := tCritical(level, df) * math.Sqrt(v)
	return Interval{d - half, d + half}
}

// MeanTest is the two-sided p-value of a.Mean = b.Mean by Welch's test. It is 1 where a side has fewer
// than two rows, or where no value differs from another.
func MeanTest(a, b Moments) float64 {
	if a.N < 2 || b.N < 2 {
		return 1
	}
	v, df := welch(a, b)
	d := a.Mean - b.Mean
	switch {
	case v == 0 && d == 0:
		return 1
	case v == 0:
		return 0
	}
	return tTail(d/math.Sqrt(v), df)
}

// welch returns the variance of the difference of means and its degrees of freedom.
func welch(a, b Moments) (variance, df float64) {
	va, vb := a.squaredError(), b.squaredError()
	variance = va + vb
	if variance == 0 {
		return 0, 1
	}
	return variance, variance * variance / (va*va/float64(a.N-1) + vb*vb/float64(b.N-1))
}

// tTail is P(|T| ≥ |t|) of Student's distribution.
func tTail(t, df float64) float64 {
	return mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

// tCritical is the t with P(|T| ≤ t) = level.
func tCritical(level, df float64) float64 {
	x := mathext.InvRegIncBeta(df/2, 0.5, 1-level)
	return math.Sqrt(df * (1 - x) / x)
}
