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
	agents
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
func New() *Analyser { return &Analyser{linear.MustLoad(thumb), linear.MustLoad(rating)} }

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
	names := []string{"messages of the user", "answers", "bad answers, mean", "bad answers, worst", "bad answers, last three"}
	for _, n := range course.UserNames() {
		names = append(names, "user, mean: "+n)
	}
	for _, n := range course.AnswerNames() {
		names = append(names, "answers, mean: "+n)
	}
	return names
}

// Input writes what the model of ratings is asked about a talk.
func Input(talk *words.Talk, bad []float64, in *linear.Input) {
	in.Reset()
	user, agent := make([]float32, 0, 48), make([]float32, 0, 48)
	var sumUser, sumAgent [64]float32
	var nUser, nAgent, worst, total, late float64
	for i := range talk.Turns {
		switch talk.Turns[i].Role {
		case words.User:
			nUser++
			user = course.User(talk, i, user[:0])
			add(sumUser[:], user)
		case words.Agent:
			nAgent++
			agent = course.Answer(talk, i, agent[:0])
			add(sumAgent[:], agent)
			total, worst = total+bad[i], max(worst, bad[i])
		}
	}
	n := 0.0
	for i := len(talk.Turns) - 1; i >= 0 && n < 3; i-- {
		if talk.Turns[i].Role == words.Agent {
			n, late = n+1, late+bad[i]
		}
	}
	in.Dense = append(in.Dense, float32(math.Log1p(nUser)), float32(math.Log1p(nAgent)), float32(total/max(nAgent, 1)), float32(worst), float32(late/max(n, 1)))
	in.Dense = mean(in.Dense, sumUser[:len(course.UserNames())], nUser)
	in.Dense = mean(in.Dense, sumAgent[:len(course.AnswerNames())], nAgent)
	for i := range talk.Turns {
		switch t := &talk.Turns[i]; t.Role {
		case words.User:
			in.Share(users, &t.Text, nUser)
		case words.Agent:
			in.Share(agents, &t.Text, nAgent)
		}
	}
}

func add(to, v []float32) {
	for i, x := range v {
		to[i] += x
	}
}

func mean(to, sums []float32, n float64) []float32 {
	for _, s := range sums {
		to = append(to, s/float32(max(n, 1)))
	}
	return to
}
