// Package rating predicts what a user would say of a copilot if asked: thumbs on an answer, a rating of a
// conversation. It reads the words and the course of the conversation, never a rating that was given.
package rating

import (
	_ "embed"
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed thumb.bin
var thumb []byte

//go:embed rating.bin
var rating []byte

// Fields of the n-grams.
const (
	answer = 1 + iota
	question
	reply
	users
)

const source = "thumbs and ratings that users of ConvAI 2018 gave (DeepPavlov/convai)"

// ThumbHeader describes the weights of thumbs.
func ThumbHeader() linear.Header {
	return linear.Header{Name: "thumb", Source: source, Command: "go run ./internal/enrich/rating/train", Bits: 16,
		Outputs: []string{"thumb up"}, Dense: append(course.AnswerNames(), "bad answer")}
}

// Header describes the weights of ratings.
func Header() linear.Header {
	return linear.Header{Name: "rating", Source: source, Command: "go run ./internal/enrich/rating/train", Bits: 16,
		Outputs: []string{"rating"}, Dense: Names()}
}

// Analyser predicts. Any number of goroutines may use it.
type Analyser struct{ thumb, rating *linear.Model }

// New loads the weights.
func New() *Analyser {
	return &Analyser{linear.MustLoad(thumb, ThumbHeader()), linear.MustLoad(rating, Header())}
}

// Thumb is how likely a thumb on the answer that is turn i of the talk would be up, 0..1. bad is the score
// of package badanswer for it. The input is scratch memory.
func (a *Analyser) Thumb(talk *words.Talk, i int, bad float64, in *linear.Input) float64 {
	ThumbInput(talk, i, bad, in)
	return a.thumb.Probability(in)
}

// Rating is what the user would rate, 0..1. bad are the scores of package badanswer, as the turns; those of
// the user's turns are not read.
func (a *Analyser) Rating(talk *words.Talk, bad []float64, in *linear.Input) float64 {
	Input(talk, bad, in)
	return min(max(a.rating.Sum(in), 0), 1)
}

// ExplainThumb says which words and features made the score of a thumb, at most most of them.
func (a *Analyser) ExplainThumb(talk *words.Talk, i int, bad float64, most int) []linear.Reason {
	var in linear.Input
	ThumbInput(talk, i, bad, &in)
	return a.thumb.Explain(&in, 0, most)
}

// Explain says which words and features made the rating, at most most of them.
func (a *Analyser) Explain(talk *words.Talk, bad []float64, most int) []linear.Reason {
	var in linear.Input
	Input(talk, bad, &in)
	return a.rating.Explain(&in, 0, most)
}

// ThumbInput writes what the model of thumbs is asked about turn i.
func ThumbInput(talk *words.Talk, i int, bad float64, in *linear.Input) {
	in.Reset()
	in.Add(answer, &talk.Turns[i].Text)
	if asked, _ := talk.Before(i, words.User); asked != nil {
		in.AddWords(question, &asked.Text)
	}
	if next, _ := talk.After(i, words.User); next != nil {
		in.Add(reply, &next.Text)
	}
	in.Dense = course.Answer(talk, i, in.Dense)
	in.Dense = append(in.Dense, float32(bad))
}

// Names are the features of a conversation.
func Names() []string {
	return []string{"messages of the user", "answers", "one message at most", "no answer", "one answer at most", "more than five answers",
		"words a message", "words an answer", "words of the user", "ends with the user", "answers that differ", "answers that ask back",
		"messages that ask", "messages without answer", "bad answers", "bad answers, last three", "objects", "doubts", "praises and thanks", "says goodbye"}
}

// tally counts what Names names.
type tally struct {
	users, answers, userWords, answerWords, asks, asksBack, differ float64
	bad, objects, doubts, praises, bye                             float64
}

// Input writes what the model of ratings is asked about a talk.
func Input(talk *words.Talk, bad []float64, in *linear.Input) {
	in.Reset()
	var n tally
	for i := range talk.Turns {
		switch t := &talk.Turns[i]; t.Role {
		case words.User:
			n.user(&t.Text)
		case words.Agent:
			n.agent(talk, i)
			n.bad += bad[i]
		}
	}
	late, k := 0.0, 0.0
	for i := len(talk.Turns) - 1; i >= 0 && k < 3; i-- {
		if talk.Turns[i].Role == words.Agent {
			k, late = k+1, late+bad[i]
		}
	}
	u, a := max(n.users, 1), max(n.answers, 1)
	last := len(talk.Turns) > 0 && talk.Turns[len(talk.Turns)-1].Role == words.User
	in.Dense = append(in.Dense, float32(math.Log1p(n.users)), float32(math.Log1p(n.answers)), linear.Is(n.users <= 1), linear.Is(n.answers == 0),
		linear.Is(n.answers <= 1), linear.Is(n.answers > 5), float32(math.Log1p(n.userWords/u)), float32(math.Log1p(n.answerWords/a)),
		float32(math.Log1p(n.userWords)), linear.Is(last))
	for _, v := range [...]float64{n.differ / a, n.asksBack / a, n.asks / u, n.users - n.answers, n.bad / a, late / max(k, 1), n.objects / u, n.doubts / u, n.praises / u, n.bye / u} {
		in.Dense = append(in.Dense, float32(v))
	}
	in.AddDamped(users, talk.Said(words.User))
}

func (n *tally) user(t *words.Text) {
	n.users++
	n.userWords += float64(t.Words())
	n.asks += float64(linear.Is(t.Asks()))
	n.objects += float64(linear.Is(course.Objection.In(t)))
	n.doubts += float64(linear.Is(course.Doubt.In(t)))
	n.praises += float64(linear.Is(course.Praise.In(t) || course.Thanks.In(t)))
	n.bye += float64(linear.Is(course.Farewell.In(t)))
}

func (n *tally) agent(talk *words.Talk, i int) {
	t := &talk.Turns[i].Text
	n.answers++
	n.answerWords += float64(t.Words())
	n.asksBack += float64(linear.Is(t.Asks()))
	if said, _ := talk.Before(i, words.Agent); said == nil || words.Overlap(t, &said.Text) < 0.95 {
		n.differ++
	}
}
