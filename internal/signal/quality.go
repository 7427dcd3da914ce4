package signal

import "math"

// quality answers the turns that have a signal of dimension answer which holds, and their mean: each is tanh of
// the sum of weights, so that many signs of one turn never outweigh a whole conversation.
func (t *talk) quality(holds func(*found) bool) ([]Turn, *float64) {
	sums, order := map[int]float64{}, []int{}
	for i := range t.found {
		s := &t.found[i]
		if s.Dimension != Answer || s.Weight == 0 || !holds(s) {
			continue
		}
		if _, ok := sums[s.turn]; !ok {
			order = append(order, s.turn)
		}
		sums[s.turn] += s.Weight
	}
	if len(order) == 0 {
		return nil, nil
	}
	// Turns in order, whatever the order in which their signals come.
	var turns []Turn
	total := 0.0
	for turn := range len(t.Events) {
		if sum, ok := sums[turn]; ok {
			q := math.Tanh(sum)
			turns = append(turns, Turn{Index: turn, Quality: q})
			total += q
		}
	}
	return turns, new(total / float64(len(turns)))
}

// counts holds for signals that are part of implied quality: ratings are explicit, and shown apart.
func counts(s *found) bool { return s.Name != "rating" && s.Name != "thumbs" }
