package stats

import (
	"cmp"
	"slices"
)

// SmallGroup is the number of rows below which a group is marked as small: its figure is shown, but no
// sentence, order or verdict rests on it. 30 is the rule of thumb of introductory texts, no threshold of a
// theory; the interval beside the figure says the rest.
const SmallGroup = 30

// Small reports whether a group of n rows is small.
func Small(n int64) bool { return n < SmallGroup }

// FalseDiscovery adjusts the p-values of many questions asked at once (Y. Benjamini and Y. Hochberg, 1995,
// JRSS B 57:289): of those whose adjusted value is at most q, at most the share q is expected to be false,
// for independent or positively dependent tests. The answer is in the order of ps.
func FalseDiscovery(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[b], ps[a]) })
	out := make([]float64, len(ps))
	least := 1.0
	for i, at := range order { // the largest first
		least = min(least, ps[at]*float64(len(ps))/float64(len(ps)-i))
		out[at] = least
	}
	return out
}
