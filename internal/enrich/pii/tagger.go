package pii

// Tagger finds what all rules find. It reuses its memory and is for one goroutine.
type Tagger struct {
	scan Scanner
}

// NewTagger returns a tagger.
func NewTagger() *Tagger { return &Tagger{} }

// All returns the findings of all rules, in order, none overlapping. They are good until the next call.
func (t *Tagger) All(text string) []Finding {
	return t.scan.WithURLs(text)
}
