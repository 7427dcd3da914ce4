package signal

import "github.com/debrief-dev/debrief/internal/event"

// loop is the agent repeating itself.
var loop = Definition{
	Name: "loop", Title: "Repeats itself", Group: Course, Dimension: Answer, Weight: -0.4,
	Rule: "One of the {back} answers before has at least {similarity} of its words in common with this one, of {words} words or more.",
	Thresholds: []Threshold{
		{Name: "similarity", Title: "Same words from", Default: 0.9, Min: 0.5, Max: 1},
		{Name: "words", Title: "Shortest answer", Unit: "words", Default: 5, Min: 1, Max: 100},
		{Name: "back", Title: "Answers looked back", Unit: "messages", Default: 4, Min: 1, Max: 20},
	},
	find: func(f *finder) {
		var answers []message
		for _, m := range f.messages {
			if m.Role != event.RoleAgent {
				continue
			}
			if float64(len(m.text.words)) >= f.threshold("words") {
				f.repeats(m, answers[max(0, len(answers)-int(f.threshold("back"))):])
			}
			answers = append(answers, m)
		}
	},
}

// repeats looks for m among the answers before it, of other turns.
func (f *finder) repeats(m message, before []message) {
	best, ago := 0.0, 0
	for i, b := range before {
		if same := similarity(m.text, b.text); same > best && f.turns[b.at] != f.turns[m.at] {
			best, ago = same, len(before)-i
		}
	}
	switch {
	case best < f.threshold("similarity"):
	case ago == 1:
		f.conclude(m.at, m.at, "same words %.2f as the answer before", best)
	default:
		f.conclude(m.at, m.at, "same words %.2f as %d answers before", best, ago)
	}
}
