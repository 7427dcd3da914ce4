// Package stats says how sure a figure is: intervals of proportions, means, quantiles and of their
// differences, tests that may be looked at every day, and corrections for looking at many things at
// once. It is pure arithmetic on counts and moments: it knows no rows, no metrics and no clock.
//
// Each function names the source of its formula, and each claim (coverage, false positive rates) is
// checked by simulation in the tests, also for few rows and for rates near 0 and 1.
package stats

import "math"

// Level is the confidence that figures are shown with unless somebody asks for another.
const Level = 0.95

// Interval is [lo, hi], both ends included. It marshals as a JSON array of two numbers. Its ends are
// finite, but for those of [Everything].
type Interval [2]float64

// Lo is the lower end.
func (iv Interval) Lo() float64 { return iv[0] }

// Hi is the upper end.
func (iv Interval) Hi() float64 { return iv[1] }

// Contains reports whether x lies in the interval.
func (iv Interval) Contains(x float64) bool { return iv[0] <= x && x <= iv[1] }

// Everything is the interval that says nothing. It has no JSON form: callers leave it out.
func Everything() Interval { return Interval{math.Inf(-1), math.Inf(1)} }

// Known reports whether both ends are finite numbers.
func (iv Interval) Known() bool {
	for _, x := range iv {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return false
		}
	}
	return true
}

// z is the two-sided critical value of the standard normal distribution: P(|Z| ≤ z) = level.
func z(level float64) float64 { return math.Sqrt2 * math.Erfinv(level) }

// normalTail is P(|Z| ≥ |x|).
func normalTail(x float64) float64 { return math.Erfc(math.Abs(x) / math.Sqrt2) }
