package signal

// catalogue lists every signal. The order matters: a signal sees what those before it found, and an event is
// the signal of the first that claims it.
var catalogue = []*Definition{
	// Said.
	&rating, &thumbs, &favourite, &conversion,
	// Done.
	&executed, &copied, &saved, &edited, &regenerated, &cancelled, &deleted, &renamed,
	&permissionAllowed, &permissionDenied, &trustSetting, &planApproved, &planRejected,
	&questionAnswered, &questionDismissed, &suggestionUsed, &suggestionRefreshed,
	&failure, &toolFailed, &contextRefused, &retried, &checked, &commented, &slowAnswer, &closedRunning, &comeback,
	&other,
	// Of the words.
	&dissatisfiedTurn, &accepted, &turnedDown, &refusal, &failedAnswer, &badAnswer, &injectionAttempt,
	// Of the course; these look at signals found before.
	&thanks, &escalation, &askedForPerson, &rephrase, &loop, &rage, &followUp,
	&unanswered, &restart, &abandoned,
}

// Catalogue returns every signal in the order in which they are found. The caller may change nothing of it.
func Catalogue() []*Definition { return catalogue }

// Find returns the signal of that name.
func Find(name string) (*Definition, bool) {
	for _, d := range catalogue {
		if d.Name == name {
			return d, true
		}
	}
	return nil, false
}

// each calls f for every event with its index.
func (f *finder) each(do func(i int)) {
	for i := range f.Events {
		do(i)
	}
}
