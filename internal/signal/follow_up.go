package signal

import "strings"

// followUp is a new question: the answer before was good enough to go on.
var followUp = Definition{
	Name: "follow_up", Title: "Follow-up", Group: Course, Dimension: Answer, Weight: 0.1,
	Rule: "After an answer the user goes on with something new: at least {words} words, less than {similarity} of them those of the question before, no thanks, no no, and nothing that speaks against the answer.",
	Thresholds: []Threshold{
		{Name: "similarity", Title: "Same words below", Default: 0.5, Min: 0.1, Max: 1},
		{Name: "words", Title: "Shortest message", Unit: "words", Default: 3, Min: 1, Max: 50},
	},
	find: func(f *finder) {
		against := map[int]bool{}
		for _, s := range f.found {
			if s.Weight < 0 && s.Dimension == Answer {
				against[s.at] = true
				if s.judged >= 0 {
					against[s.judged] = true // a failed answer does not become a good one by going on
				}
			}
		}
		var last *message
		for k := range f.messages {
			m := &f.messages[k]
			if !isUser(m.Event) {
				continue
			}
			before := f.lastAnswer[m.at]
			if last != nil && before > last.at && !against[m.at] && !against[before] && !f.closes(m.at) && !objects(m.text) && float64(len(m.text.words)) >= f.threshold("words") {
				if same := similarity(last.text, m.text); same < f.threshold("similarity") {
					f.conclude(m.at, before, "something new %s after the answer, same words %.2f", f.gap(before, m.at), same)
				}
			}
			last = m
		}
	},
}

// objects reports whether a text begins with a no, or takes thanks back.
func objects(t *text) bool {
	if t.says(thanksWords) && !t.asks() {
		return true
	}
	for _, no := range objections {
		if strings.HasPrefix(t.lower, no) && border(t.lower, 0, len(no)) {
			return true
		}
	}
	return false
}

var objections = []string{
	"no", "nope", "not", "wrong", "still", "that's not", "that is not", "that's wrong", "this is not", "that did not", "that didn't", "it doesn't", "it does not", "i don't see", "nein", "falsch", "nicht", "immer noch", "non", "faux", "toujours pas",
	"incorrecto", "sigue sin", "sbagliato", "não", "errado", "nee", "fout", "nog steeds", "不", "错", "錯", "いいえ", "違", "ちが",
}
