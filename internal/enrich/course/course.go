// Package course measures what happens between the turns of a conversation: whether an answer takes up the
// words of the question, repeats what was said before, asks back; how the user goes on after it. Analysers
// use these measures as features beside the words themselves. It knows no meaning of words and so works in
// any language, but for the short lists in cues.go.
package course

import (
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// back is how many earlier turns of a role a turn is compared with. It bounds the cost of a turn.
const back = 6

// AnswerNames are the names of what [Answer] appends, in its order.
func AnswerNames() []string {
	return []string{
		"length of the answer", "very short answer", "asks back", "several sentences", "has a number", "position",
		"first answer", "length of the question", "user asked", "user asked and was asked back",
		"words of the question in the answer", "words of the answer from the question", "same words as an answer before",
		"repeats an answer before", "words of what the user said before", "follows another answer at once",
		"speaks of itself", "speaks of the user", "greets in the middle", "no reply", "length of the reply",
		"reply asks", "reply repeats the question", "reply takes up the answer", "reply shouts", "reply is a mark or a word",
		"reply doubts", "reply objects", "reply thanks", "answer says sorry", "answer does not know",
	}
}

// Answer appends what can be measured, once all turns of the talk are there, of the answer that is turn i of a talk to features.
func Answer(talk *words.Talk, i int, f []float32) []float32 {
	turn := &talk.Turns[i]
	if len(turn.Measured) == 0 {
		turn.Measured = answer(talk, i, turn.Measured)
	}
	return append(f, turn.Measured...)
}

func answer(talk *words.Talk, i int, f []float32) []float32 {
	t := &talk.Turns[i].Text
	asked, at := talk.Before(i, words.User)
	reply, next := talk.After(i, words.User)
	if _, other := talk.After(i, words.Agent); other >= 0 && other < next {
		reply = nil // it answers another
	}
	said, saidAt := talk.Before(i, words.Agent)
	n := t.Words()
	f = append(f, linear.Length(t), linear.Is(n <= 2), linear.Is(t.Asks()), linear.Is(sentences(t) > 1), linear.Is(t.HasKind(words.Number)),
		float32(math.Log1p(float64(i))), linear.Is(said == nil))
	var question *words.Text
	if asked != nil {
		question = &asked.Text
	}
	f = append(f, lengthOf(question), linear.Is(question != nil && question.Asks()), linear.Is(question != nil && question.Asks() && t.Asks()))
	f = append(f, overlap(question, t), overlap(t, question))
	before := mostOf(talk, i, words.Agent, t)
	f = append(f, before, linear.Is(before > 0.95 && n > 2), mostOf(talk, at, words.User, t), linear.Is(saidAt > at),
		linear.Is(Self.In(t)), linear.Is(You.In(t)), linear.Is(said != nil && Greeting.In(t)))
	return Reaction(f, question, t, reply)
}

// Reaction appends how the user goes on.
func Reaction(f []float32, question, answer *words.Text, reply *words.Turn) []float32 {
	var r *words.Text
	if reply != nil {
		r = &reply.Text
	}
	f = append(f, linear.Is(r == nil), lengthOf(r), linear.Is(r != nil && r.Asks()), overlap(r, question), overlap(r, answer),
		linear.Is(r != nil && Shouts(r)), linear.Is(r != nil && r.Words() <= 1), is(r, Doubt), is(r, Objection), is(r, Thanks))
	return append(f, is(answer, Sorry), is(answer, Ignorance))
}

func is(t *words.Text, l List) float32 { return linear.Is(t != nil && l.In(t)) }

func lengthOf(t *words.Text) float32 {
	if t == nil {
		return 0
	}
	return linear.Length(t)
}

func overlap(a, b *words.Text) float32 {
	if a == nil || b == nil {
		return 0
	}
	return float32(words.Overlap(a, b))
}

// mostOf is the largest share of the words of t that is in one of the turns of a role before turn i.
func mostOf(talk *words.Talk, i int, role string, t *words.Text) (most float32) {
	for range back {
		var said *words.Turn
		if said, i = talk.Before(i, role); said == nil {
			break
		}
		most = max(most, float32(words.Overlap(t, &said.Text)))
	}
	return most
}

func sentences(t *words.Text) (n int) {
	inside := false
	for i, k := range t.Tokens {
		end := k.Kind == words.Mark && (t.Begins(i, '.') || t.Begins(i, '!') || t.Begins(i, '?') || t.Begins(i, '。'))
		if !end && k.Kind != words.Mark && !inside {
			n, inside = n+1, true
		}
		if end {
			inside = false
		}
	}
	return n
}

// Shouts says that a text is mostly in upper case, or has a run of exclamation marks.
func Shouts(t *words.Text) bool {
	if t.Letters >= 6 && t.Upper*10 >= t.Letters*7 {
		return true
	}
	for i, k := range t.Tokens {
		if k.Kind == words.Mark && k.End-k.Start >= 2 && t.Begins(i, '!') {
			return true
		}
	}
	return false
}
