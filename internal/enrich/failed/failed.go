// Package failed finds answers of a copilot that could not find or do what was asked ("I could not find a
// table for four"). Whether an answer declines to help on purpose is package refusal's business.
package failed

import (
	_ "embed"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Fields of the n-grams.
const (
	answer = 1 + iota
	question
)

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name:    "failed",
		Source:  "dialogue acts of Schema-Guided Dialogue dev (CC BY-SA 4.0: NOTIFY_FAILURE) and MultiWOZ 2.1 val (MIT: NoOffer, NoBook)",
		Command: "go run ./internal/enrich/failed/train",
		Bits:    17,
		Outputs: []string{"failed"},
		Dense:   []string{"length of the answer", "words of the question in it", "asks back", "has a number", "first answer", "words of the answer before in it"},
	}
}

// New loads the weights of what scores answers: how likely the answer that is a turn failed.
func New() *linear.Turns { return linear.MustLoadTurns(weights, Header(), Input) }

// Threshold is the score from which an answer is said to have failed: where precision and recall are about
// even on the labelled sets.
const Threshold = 0.5

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	t := &talk.Turns[i]
	asked, _ := talk.Before(i, words.User)
	said, _ := talk.Before(i, words.Agent)
	in.Add(answer, &t.Text)
	var repeats, again float64
	if asked != nil {
		in.AddWords(question, &asked.Text)
		repeats = words.Overlap(&asked.Text, &t.Text)
	}
	if said != nil {
		again = words.Overlap(&t.Text, &said.Text)
	}
	in.Dense = append(in.Dense, linear.Length(&t.Text), float32(repeats), linear.Is(t.Asks()), linear.Is(t.HasKind(words.Number)),
		linear.Is(said == nil), float32(again))
}
