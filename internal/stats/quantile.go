package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// QuantileRanks are the ranks (1 is the smallest of n values) of the two values between which the
// q-quantile lies with at least the level, whatever the distribution: the number of values below it is
// binomial (W. R. Thompson, 1936; H. A. David and H. N. Nagaraja, Order Statistics, 7.1). ok is false
// where n values cannot say it: of a median, fewer than six at 95 %.
func QuantileRanks(n int64, q, level float64) (lo, hi int64, ok bool) {
	if n <= 0 || q <= 0 || q >= 1 {
		return 0, 0, false
	}
	tail := (1 - level) / 2
	lo = lastBelow(n, q, tail)
	hi = n - lastBelow(n, 1-q, tail) + 1
	return lo, hi, lo >= 1 && hi <= n
}

// lastBelow is the greatest r with P(X ≤ r − 1) ≤ tail for X binomial of n and q; 0 if there is none.
func lastBelow(n int64, q, tail float64) int64 {
	lo, hi := int64(0), n // r = lo holds, hi + 1 does not
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if atMost(mid-1, n, q) <= tail {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// atMost is P(X ≤ k) of the binomial distribution.
func atMost(k, n int64, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
}

// RankQuantile is the q that query.Quantile (the nearest rank: the ceil(q·n)-th smallest) answers with the
// value of that rank, 1 to n. It lies strictly between 0 and 1, and is never the median of an even count,
// which is read differently.
func RankQuantile(rank, n int64) float64 {
	return (float64(rank) - 0.25) / float64(n)
}

// chiSquareTail is P(X ≥ x) of the chi-square distribution.
func chiSquareTail(x, df float64) float64 {
	if x <= 0 {
		return 1
	}
	if math.IsInf(x, 1) {
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
