package signal

// thumbs is a thumb up or down.
var thumbs = Definition{
	Name: "thumbs", Title: "Thumb", Group: Explicit, Dimension: Answer, Weights: "up +1, down −1",
	Rule: "The user gave a thumb up or down. It decides for its answer: what else was implied of that answer has no weight.",
	find: func(f *finder) { f.rated(true) },
}
