package signal

import "time"

// restart is a user who begins anew right after an answer.
var restart = Definition{
	Name: "restart", Title: "Started over", Group: Course, Dimension: Answer, Weight: -0.3,
	Rule:       "The same person began another conversation at most {seconds} s after the last answer, and nothing in the last turn was positive.",
	Thresholds: []Threshold{{Name: "seconds", Title: "Longest time between", Unit: "s", Default: 60, Min: 5, Max: 1800}},
	find: func(f *finder) {
		answer := f.lastAnswerOfAll()
		if answer < 0 || f.positive(f.firstOf(f.turns[answer]), len(f.Events)-1) {
			return
		}
		at := f.Events[answer].OccurredAt
		soonest := time.Duration(-1)
		for _, v := range f.Others {
			if wait := v.From.Sub(at); wait >= 0 && !v.From.Before(f.lastTracked().OccurredAt) && (soonest < 0 || wait < soonest) {
				soonest = wait
			}
		}
		if soonest >= 0 && soonest <= f.seconds("seconds") {
			f.conclude(answer, answer, "another conversation %s after the answer", span(soonest))
		}
	},
}

func (t *talk) lastAnswerOfAll() int {
	n := len(t.Events) - 1
	if isAnswer(t.Events[n]) {
		return n
	}
	return t.lastAnswer[n]
}

// firstOf is the first event of a turn.
func (t *talk) firstOf(turn int) int {
	for i, k := range t.turns {
		if k == turn {
			return i
		}
	}
	return 0
}
