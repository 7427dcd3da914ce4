package linear

import "github.com/debrief-dev/debrief/internal/enrich/words"

// Turns scores single turns of talks by a model of one output that was fitted with logistic loss: whether there is
// something about a turn. Any number of goroutines may use it.
type Turns struct {
	model *Model
	input func(talk *words.Talk, i int, in *Input)
}

// MustLoadTurns loads weights that were made for a header ([MustLoad]); input writes what the model is asked about
// turn i of a talk.
func MustLoadTurns(file []byte, want Header, input func(talk *words.Talk, i int, in *Input)) *Turns {
	return &Turns{MustLoad(file, want), input}
}

// Score is how likely it is of turn i of the talk, 0..1. The input is scratch memory.
func (t *Turns) Score(talk *words.Talk, i int, in *Input) float64 {
	t.input(talk, i, in)
	return t.model.Probability(in)
}

// Explain says which words and features made the score, at most most of them. It allocates.
func (t *Turns) Explain(talk *words.Talk, i, most int) []Reason {
	var in Input
	t.input(talk, i, &in)
	return t.model.Explain(&in, 0, most)
}
