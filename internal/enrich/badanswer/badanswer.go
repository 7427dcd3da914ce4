// Package badanswer finds answers that do not fit what was said before: those after which people find it
// hard to go on. It reads the answer, what was asked, and how the user went on.
package badanswer

import (
	_ "embed"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Fields of the n-grams.
const (
	answer = 1 + iota
	question
	reply
)

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name:    "badanswer",
		Source:  "dialogue breakdown labels of DBDC3, English and Japanese (MIT); word vectors of package vectors",
		Command: "go run ./internal/enrich/badanswer/train",
		Bits:    17,
		Outputs: []string{"bad"},
		Dense:   append(course.AnswerNames(), meaningNames()...),
	}
}

// Analyser scores answers. Any number of goroutines may use it.
type Analyser struct{ model *linear.Model }

// New loads the weights.
func New() *Analyser { return &Analyser{linear.MustLoadAs(weights, Header())} }

// Threshold is the score from which an answer is said to be bad.
const Threshold = 0.6

// Score is how bad the answer that is turn i of the talk is, 0..1: the expected share of people who would
// say that it breaks the conversation, those counting half who would say that it may. The input is scratch
// memory.
func (a *Analyser) Score(talk *words.Talk, i int, in *linear.Input) float64 {
	Input(talk, i, in)
	return a.model.Probability(in)
}

// Explain says which words and features made the score, at most most of them.
func (a *Analyser) Explain(talk *words.Talk, i, most int) []linear.Reason {
	var in linear.Input
	Input(talk, i, &in)
	return a.model.Explain(&in, 0, most)
}

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	in.Add(answer, &talk.Turns[i].Text)
	if asked, _ := talk.Before(i, words.User); asked != nil {
		in.Add(question, &asked.Text)
	}
	if next, _ := talk.After(i, words.User); next != nil {
		in.Add(reply, &next.Text)
	}
	in.Dense = course.Answer(talk, i, in.Dense)
	in.Dense = meanings(talk, i, in.Dense)
}
