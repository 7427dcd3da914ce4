package memstore

import (
	"math"
	"slices"

	"github.com/debrief-dev/debrief/internal/query"
)

// measure computes one measure over the rows of a group.
func (v *view) measure(m query.Measure, rows []row) query.Value {
	var looked int        // rows that pass Where
	var having int        // those of them that have the field
	var values []value    // theirs
	var numbers []float64 // the same as numbers, ascending
	keys := map[string]bool{}
	for _, r := range rows {
		if !v.passes(m.Where, r) {
			continue
		}
		looked++
		if m.Field == "" {
			continue
		}
		own := v.values(r, m.Field)
		if len(own) > 0 {
			having++
		}
		values = append(values, own...)
	}
	for _, x := range values {
		keys[x.key()] = true
		numbers = append(numbers, x.measured())
	}
	slices.Sort(numbers)

	switch {
	case m.Op == query.Count && m.Field == "":
		return query.Value{Num: float64(looked), OK: true}
	case m.Op == query.Count:
		return query.Value{Num: float64(having), OK: true}
	case m.Op == query.Distinct:
		return query.Value{Num: float64(len(keys)), OK: true}
	case len(numbers) == 0:
		return query.Value{}
	}
	return query.Value{Num: reduce(m, numbers), OK: true}
}

// reduce computes the measures that need a value; numbers are ascending.
func reduce(m query.Measure, numbers []float64) float64 {
	var sum float64
	for _, n := range numbers {
		sum += n
	}
	switch m.Op {
	case query.Sum:
		return sum
	case query.SumSquares:
		var squares float64
		for _, n := range numbers {
			squares += n * n
		}
		return squares
	case query.Mean:
		return sum / float64(len(numbers))
	case query.Min:
		return numbers[0]
	case query.Max:
		return numbers[len(numbers)-1]
	case query.Quantile:
		return quantile(numbers, m.Q)
	}
	panic("BUG: operation was not validated: " + string(m.Op))
}

// quantile is the mean of the middle two for the median of an even count, else the nearest rank.
func quantile(ascending []float64, q float64) float64 {
	n := len(ascending)
	if q == 0.5 && n%2 == 0 {
		return (ascending[n/2-1] + ascending[n/2]) / 2
	}
	rank := int(math.Ceil(q * float64(n)))
	return ascending[rank-1]
}
