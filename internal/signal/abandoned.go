package signal

// abandoned is a conversation that its user left.
var abandoned = Definition{
	Name: "abandoned", Title: "Abandoned", Group: Course, Dimension: Answer, Weight: -0.3,
	Rule: "The conversation is over (ended, or nothing for 30 min) and its last message is the user's and no thanks or goodbye; or it has one turn without any positive signal, and its person did not come back to the copilot within 24 h.",
	find: func(f *finder) {
		if !f.over() || len(f.messages) == 0 {
			return
		}
		last := f.messages[len(f.messages)-1]
		switch {
		case isUser(last.Event) && f.tellsAnswers() && !answeredAfter(f.Events[last.at:]):
			if !f.closes(last.at) {
				f.conclude(last.at, f.lastAnswer[last.at], "the last message is the user's")
			}
		case f.undecided():
			if _, came := f.returned(); !came && f.Now.Sub(f.lastTracked().OccurredAt) >= Return {
				f.conclude(last.at, f.lastAnswerOfAll(), "one turn, nothing positive, not back within 24 h")
			}
		}
	},
}

// undecided reports whether the conversation has one turn, and nothing positive in it.
func (t *talk) undecided() bool {
	return t.turns[len(t.turns)-1] == 0 && t.asks() && !t.positive(0, len(t.Events)-1)
}

// asks reports whether the user says anything.
func (t *talk) asks() bool {
	for _, m := range t.messages {
		if isUser(m.Event) {
			return true
		}
	}
	return false
}
