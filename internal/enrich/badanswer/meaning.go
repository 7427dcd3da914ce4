package badanswer

import (
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/vectors"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// most is how many words of a text are looked up. It bounds the cost of an answer.
const most = 40

// vector is the meaning of a text: the mean of the vectors of its words, of length one.
type vector [vectors.Dim]float32

// meaning of a text; zeros if it is nil or no word is known.
func meaning(t *words.Turn) (v vector) {
	if t == nil {
		return v
	}
	if len(t.Meaning) == len(v) {
		copy(v[:], t.Meaning)
		return v
	}
	table := vectors.English()
	for i := range t.Tokens[:min(len(t.Tokens), most)] {
		if t.Tokens[i].Kind == words.Word {
			if w := table.Find(t.At(i)); w >= 0 {
				table.AddTo(v[:], w, table.Weight(w))
			}
		}
	}
	if length := float32(math.Sqrt(float64(v.dot(&v)))); length > 0 {
		for i := range v {
			v[i] /= length
		}
	}
	t.Meaning = append(t.Meaning[:0], v[:]...)
	return v
}

func (v *vector) dot(o *vector) (s float32) {
	for i, x := range v {
		s += x * o[i]
	}
	return s
}

// meaningNames are the names of what meanings appends. Those of the numbers of a vector are the same, so that
// they are one reason.
func meaningNames() []string {
	names := []string{"answer is about the question", "reply is about the answer", "answer is about the answer before",
		"reply is about the question", "question is about the answer before"}
	for _, name := range []string{"meaning of the answer", "meaning of the question", "meaning of the reply", "what answer and question share"} {
		for range vectors.Dim {
			names = append(names, name)
		}
	}
	return names
}

// meanings appends how alike in meaning the answer that is turn i is to its neighbours, and what they mean.
func meanings(talk *words.Talk, i int, f []float32) []float32 {
	question, _ := talk.Before(i, words.User)
	reply, _ := talk.After(i, words.User)
	before, _ := talk.Before(i, words.Agent)
	a, q, r, b := meaning(&talk.Turns[i]), meaning(question), meaning(reply), meaning(before)
	f = append(f, a.dot(&q), a.dot(&r), a.dot(&b), q.dot(&r), q.dot(&b))
	f = append(f, a[:]...)
	f = append(f, q[:]...)
	f = append(f, r[:]...)
	for k := range a {
		f = append(f, a[k]*q[k])
	}
	return f
}
