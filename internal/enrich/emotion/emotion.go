// Package emotion tells whether a user is angry, sad or happy at a message, in the light of the two turns before it.
// Most messages to a copilot are none of these.
package emotion

import (
	_ "embed"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Fields of the n-grams.
const (
	message = 1 + iota
	answer
	before
	user // both messages of the user
)

// The emotions.
const (
	Angry  = "angry"
	Sad    = "sad"
	Happy  = "happy"
	Others = "others"
)

// Names are the outputs of the model in their order.
var Names = [...]string{Angry, Sad, Happy, Others}

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name:    "emotion",
		Source:  "EmoContext as in declare-lab/conv-emotion (MIT); requests of CLINC150 (CC BY 3.0) as others",
		Command: "go run ./internal/enrich/emotion/train",
		Bits:    18,
		Outputs: Names[:],
		Dense:   []string{"length", "written in capitals", "exclamation marks", "asks"},
	}
}

// Analyser scores messages. Any number of goroutines may use it.
type Analyser struct{ model *linear.Model }

// New loads the weights.
func New() *Analyser { return &Analyser{linear.MustLoad(weights, Header())} }

// caution divides the likelihood of "others" before the largest is said: F1 of the three emotions out of fold
// is best there.
const caution = 1.8

// Score says the emotion of turn i of the talk, and the likelihoods as Names. The input is scratch memory.
func (a *Analyser) Score(talk *words.Talk, i int, in *linear.Input) (name string, p [len(Names)]float64) {
	Input(talk, i, in)
	a.model.Sums(in, p[:])
	linear.Softmax(p[:])
	return Names[Choose(p)], p
}

// Choose is the index of the emotion that is said of likelihoods.
func Choose(p [len(Names)]float64) int {
	best := len(p) - 1
	top := p[best] / caution
	for k, v := range p[:len(p)-1] {
		if v > top {
			best, top = k, v
		}
	}
	return best
}

// Explain says which words and features spoke for the output (an index of Names), at most most of them.
func (a *Analyser) Explain(talk *words.Talk, i, output, most int) []linear.Reason {
	var in linear.Input
	Input(talk, i, &in)
	return a.model.Explain(&in, output, most)
}

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	t := &talk.Turns[i]
	in.Add(message, &t.Text)
	in.Add(user, &t.Text)
	if said, _ := talk.Before(i, words.Agent); said != nil {
		in.AddWords(answer, &said.Text)
	}
	if earlier, _ := talk.Before(i, words.User); earlier != nil {
		in.AddWords(before, &earlier.Text)
		in.Add(user, &earlier.Text)
	}
	marks := 0
	for k := range t.Tokens {
		if t.Tokens[k].Kind == words.Mark && t.At(k)[0] == '!' {
			marks = max(marks, len(t.At(k)))
		}
	}
	in.Dense = append(in.Dense, linear.Length(&t.Text), linear.Is(t.Letters > 5 && t.Upper*10 > t.Letters*7),
		float32(min(marks, 4)), linear.Is(t.Asks()))
}
