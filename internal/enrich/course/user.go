package course

import (
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// UserNames are the names of what [User] appends, in its order.
func UserNames() []string {
	return []string{
		"length", "very short", "asks", "has a number", "position", "first message", "last message", "ends the talk",
		"begins with no", "begins with yes", "objects", "doubts", "thanks", "praises", "says goodbye", "asks for another",
		"rude words", "asks for a person", "shouts", "same words as the message before", "same words as an earlier message",
		"words of the answer before", "longer than the message before", "answer before asked", "answer before said sorry",
		"answer before does not know", "answer before repeats one before", "answer before has words of the question",
		"answer before is short", "no answer before", "two answers before said sorry", "length of the answer before",
		"asks and was not asked", "has a negation", "question was asked before the answer", "last word is thanks or goodbye",
		"negations", "dislikes", "corrects", "complains", "negates and asks", "negates after an offer",
	}
}

// User appends what can be measured, once all turns of the talk are there, of the user's message that is turn i of a talk to features.
func User(talk *words.Talk, i int, f []float32) []float32 {
	turn := &talk.Turns[i]
	if len(turn.Measured) == 0 {
		turn.Measured = user(talk, i, turn.Measured)
	}
	return append(f, turn.Measured...)
}

func user(talk *words.Talk, i int, f []float32) []float32 {
	t := &talk.Turns[i].Text
	own, ownAt := talk.Before(i, words.User)
	said, saidAt := talk.Before(i, words.Agent)
	_, later := talk.After(i, words.User)
	var a, q *words.Text
	if said != nil && saidAt > ownAt {
		a = &said.Text
	}
	if own != nil {
		q = &own.Text
	}
	n := t.Words()
	f = append(f, linear.Length(t), linear.Is(n <= 2), linear.Is(t.Asks()), linear.Is(t.HasKind(words.Number)), float32(math.Log1p(float64(i))),
		linear.Is(own == nil), linear.Is(later < 0), linear.Is(i == len(talk.Turns)-1))
	f = append(f, linear.Is(No.Starts(t)), linear.Is(Yes.Starts(t)), count(Objection, t), is(t, Doubt), is(t, Thanks), is(t, Praise),
		is(t, Farewell), is(t, Another), is(t, Rude), is(t, Agency), linear.Is(Shouts(t)))
	f = append(f, overlap(t, q), mostOf(talk, i, words.User, t), overlap(t, a), linear.Is(own != nil && n > q.Words()))
	f = append(f, linear.Is(a != nil && a.Asks()), is(a, Sorry), is(a, Ignorance))
	before, earlier := float32(0), (*words.Turn)(nil)
	if a != nil {
		before = mostOf(talk, saidAt, words.Agent, a)
		earlier, _ = talk.Before(saidAt, words.Agent)
	}
	return append(f, before, overlap(q, a), linear.Is(a != nil && a.Words() <= 3), linear.Is(a == nil),
		linear.Is(earlier != nil && Sorry.In(a) && Sorry.In(&earlier.Text)), lengthOf(a), linear.Is(t.Asks() && a != nil && !a.Asks()),
		is(t, Negation), linear.Is(q != nil && q.Asks()), linear.Is(Thanks.In(t) || Farewell.In(t)),
		count(Negation, t), count(Dislike, t), count(Correction, t), count(Complaint, t), linear.Is(t.Asks() && Negation.In(t)),
		linear.Is(a != nil && !a.Asks() && Negation.In(t)))
}

func count(l List, t *words.Text) float32 { return float32(math.Log1p(float64(l.Count(t)))) }
