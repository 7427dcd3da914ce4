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

// New loads the weights of what scores answers: how bad the answer that is a turn is, as the expected share of people
// who would say that it breaks the conversation, those counting half who would say that it may.
func New() *linear.Turns { return linear.MustLoadTurns(weights, Header(), Input) }

// Threshold is the score from which an answer is said to be bad.
const Threshold = 0.6

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
