package stats

import "math"

// Wilson is the score interval of a proportion of k out of n (E. B. Wilson, 1927, JASA 22:209). It
// keeps its level on average from n = 1 on and never leaves 0..1; it is exactly 0 at the lower end for
// k = 0 and exactly 1 at the upper for k = n. With n = 0 it is [0, 1]. k is taken into 0..n.
func Wilson(k, n int64, level float64) Interval {
	if n <= 0 {
		return Interval{0, 1}
	}
	k = min(max(k, 0), n)
	iv := wilson(float64(k)/float64(n), float64(n), level)
	if k == 0 {
		iv[0] = 0
	}
	if k == n {
		iv[1] = 1
	}
	return iv
}

func wilson(p, n, level float64) Interval {
	c := z(level)
	centre := (p + c*c/(2*n)) / (1 + c*c/n)
	half := c / (1 + c*c/n) * math.Sqrt(p*(1-p)/n+c*c/(4*n*n))
	return Interval{max(0, centre-half), min(1, centre+half)}
}

// ProportionDifference is the interval of k1/n1 − k2/n2 by Newcombe's hybrid score method (R. G.
// Newcombe, 1998, Statistics in Medicine 17:873, method 10): the Wilson intervals of both sides put
// together. It stays within −1..1. A side without rows makes it [−1, 1].
func ProportionDifference(k1, n1, k2, n2 int64, level float64) Interval {
	if n1 <= 0 || n2 <= 0 {
		return Interval{-1, 1}
	}
	p1, p2 := float64(k1)/float64(n1), float64(k2)/float64(n2)
	a, b := Wilson(k1, n1, level), Wilson(k2, n2, level)
	d := p1 - p2
	return Interval{
		d - math.Hypot(p1-a[0], b[1]-p2),
		d + math.Hypot(a[1]-p1, p2-b[0]),
	}
}

// ProportionTest is the two-sided p-value of k1/n1 = k2/n2 by the pooled score test (the same as the
// chi-square test of the two by two table without correction). It is 1 where nothing can be said: a
// side without rows, or no difference of outcomes at all.
func ProportionTest(k1, n1, k2, n2 int64) float64 {
	if n1 <= 0 || n2 <= 0 {
		return 1
	}
	a, b := float64(n1), float64(n2)
	pool := float64(k1+k2) / (a + b)
	variance := pool * (1 - pool) * (1/a + 1/b)
	if variance <= 0 {
		return 1
	}
	return normalTail((float64(k1)/a - float64(k2)/b) / math.Sqrt(variance))
}
