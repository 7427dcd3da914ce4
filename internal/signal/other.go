package signal

// other is what a client weighs itself and no other signal claims.
var other = Definition{
	Name: "other", Title: "Weighed by the client", Group: Action, Dimension: Answer, Weights: "as the client says",
	Rule: "The client says itself that something speaks for or against an answer, and no other signal is about it.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; weighs(e) && e.SignalDimension == Answer && !isRating(e) {
				f.see(i, "the client weighs it")
			}
		})
	},
}
