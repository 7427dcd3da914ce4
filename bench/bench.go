// Package bench measures the server against bare programs in the same run, so that its figures are
// ratios, which hold on other machines too. docs/benchmarks.md explains them; bench/cmd prints them. It
// is no part of the product, and nothing imports it but its own program.
package bench

import (
	"cmp"
	"slices"
)

// median returns the middle of values, the mean of the middle two when there is an even number.
func median[T cmp.Ordered](values []T, mean func(a, b T) T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return mean(sorted[(n-1)/2], sorted[n/2])
}

func meanOf(a, b float64) float64 { return (a + b) / 2 }
