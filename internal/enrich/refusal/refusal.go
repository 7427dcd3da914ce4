// Package refusal finds answers of a copilot that decline to help, wholly or in part: on principle ("I cannot
// assist with that"), or by disputing the question. An answer that tried and could not is package failed's
// business.
package refusal

import (
	_ "embed"
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/phrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Fields of the n-grams. Models refuse in their first words, so those have weights of their own.
const (
	answer = 1 + iota
	opening
	beginning
	question
)

// How many words are the opening and the beginning.
const (
	openingWords   = 12
	beginningWords = 40
)

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name:    "refusal",
		Source:  "XSTest v2: answers of five models, labelled by two people (CC BY 4.0); 80 answers of our own",
		Command: "go run ./internal/enrich/refusal/train",
		Bits:    16,
		Outputs: []string{"refusal"},
		Dense: []string{"length of the answer", "numbers in it", "words of the question in it",
			"declines at first", "declines", "disputes the question", "helps at first", "helps"},
	}
}

// New loads the weights of what scores answers: how likely the answer that is a turn declines.
func New() *linear.Turns { return linear.MustLoadTurns(weights, Header(), Input) }

// Threshold is the score from which an answer is said to refuse, where F1 out of fold is best.
const Threshold = 0.47

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	t := &talk.Turns[i]
	in.Add(answer, &t.Text)
	first(in, opening, &t.Text, openingWords)
	first(in, beginning, &t.Text, beginningWords)
	repeats := 0.0
	if asked, _ := talk.Before(i, words.User); asked != nil {
		in.AddWords(question, &asked.Text)
		repeats = words.Overlap(&asked.Text, &t.Text)
	}
	numbers := 0
	for _, k := range t.Tokens {
		if k.Kind == words.Number {
			numbers++
		}
	}
	in.Dense = append(in.Dense, linear.Length(&t.Text), float32(math.Log1p(float64(numbers))), float32(repeats),
		linear.Is(declines.Has(&t.Text, 0, openingTokens)), count(declines, &t.Text), count(disputes, &t.Text),
		linear.Is(helps.Has(&t.Text, 0, openingTokens)), count(helps, &t.Text))
}

func count(s *phrase.Set, t *words.Text) float32 {
	return float32(math.Log1p(float64(s.Count(t, 0, -1))))
}

// first adds the first n words and pairs of words.
func first(in *linear.Input, field uint32, t *words.Text, n int) {
	g := t.Grams()
	n = min(n, g.Pairs)
	if n == 0 {
		return
	}
	value := float32(1 / math.Sqrt(float64(2*n)))
	in.Blocks = append(in.Blocks,
		linear.Block{Field: field, Text: t, Value: value, From: 0, To: n},
		linear.Block{Field: field, Text: t, Value: value, From: g.Pairs, To: g.Pairs + n})
}
