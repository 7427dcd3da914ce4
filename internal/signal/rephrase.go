package signal

// rephrase is the same question again: the answer was none.
var rephrase = Definition{
	Name: "rephrase", Title: "Asked again", Group: Course, Dimension: Answer, Weight: -0.5,
	Rule: "Within {seconds} s of a question and after its answer, the user asks the same in other words: at least {similarity} of the words are the same, or the analyser says so with a score from {score}; and nothing positive came between.",
	Thresholds: []Threshold{
		{Name: "seconds", Title: "Longest time between", Unit: "s", Default: 180, Min: 10, Max: 3600},
		{Name: "similarity", Title: "Same words from", Default: 0.5, Min: 0.2, Max: 1},
		{Name: "score", Title: "Score from", Default: 0.85, Min: 0.05, Max: 1},
	},
	find: func(f *finder) {
		last := -1 // into messages: the question before
		for k, m := range f.messages {
			if !isUser(m.Event) {
				continue
			}
			if last >= 0 && m.text.known {
				f.again(last, k)
			}
			last = k
		}
	},
}

// fewestWords is how many words a question has at least that may be asked again: "yes" is not.
const fewestWords = 2

func (f *finder) again(before, k int) {
	a, b := f.messages[before], f.messages[k]
	answer := f.lastAnswer[b.at]
	wait := b.OccurredAt.Sub(a.OccurredAt)
	if f.taken[b.at] || answer < a.at || wait > f.seconds("seconds") || len(a.text.words) < fewestWords || f.positive(a.at+1, b.at) || f.closes(b.at) {
		return
	}
	same := similarity(a.text, b.text)
	switch {
	case same >= f.threshold("similarity"):
		f.conclude(b.at, answer, "same words %.2f, %s apart", same, span(wait))
	case b.words.Rephrase >= f.threshold("score"):
		f.conclude(b.at, answer, "the same question, score %.2f, %s apart", b.words.Rephrase, span(wait))
	}
}
