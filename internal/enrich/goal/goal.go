// Package goal says whether a user takes what a copilot offers, turns it down, and in the end got or took what
// was wanted.
package goal

import (
	_ "embed"
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed reply.bin
var reply []byte

//go:embed goal.bin
var goal []byte

// Fields of the n-grams.
const (
	message = 1 + iota
	offer
	users
	last
	lastAnswer
)

const source = "IARD: intents of users of a recommender, by hand (wanlingcai1997/umap_2020_IARD, MIT)"

// ReplyHeader describes the weights of the user's messages.
func ReplyHeader() linear.Header {
	return linear.Header{Name: "reply", Source: source, Command: "go run ./internal/enrich/goal/train", Bits: 16,
		Outputs: []string{"accept", "reject"}, Dense: course.UserNames()}
}

// Header describes the weights of conversations.
func Header() linear.Header {
	return linear.Header{Name: "goal", Source: source, Command: "go run ./internal/enrich/goal/train", Bits: 15,
		Outputs: []string{"goal"}, Dense: []string{"most accepting message", "last message accepts", "accepted by any message", "messages that accept",
			"most rejecting message", "last message rejects", "messages", "thanks", "says goodbye", "praises", "goodbye or thanks at the end"}}
}

// Reply is what is said of one message of the user.
type Reply struct {
	Accept float64 // takes what was offered, 0..1
	Reject float64 // turns it down, or says what is wrong with it, 0..1
}

// Analyser scores messages and conversations. Any number of goroutines may use it.
type Analyser struct{ reply, goal *linear.Model }

// New loads the weights.
func New() *Analyser {
	return &Analyser{linear.MustLoad(reply, ReplyHeader()), linear.MustLoad(goal, Header())}
}

// Reply scores the user's message that is turn i of the talk. The input is scratch memory.
func (a *Analyser) Reply(talk *words.Talk, i int, in *linear.Input) Reply {
	ReplyInput(talk, i, in)
	var sums [2]float64
	a.reply.Sums(in, sums[:])
	return Reply{linear.Logistic(sums[0]), linear.Logistic(sums[1])}
}

// Goal is how likely the user got or took what was wanted, 0..1. replies are those of the turns; those of the
// agent's turns are not read.
func (a *Analyser) Goal(talk *words.Talk, replies []Reply, in *linear.Input) float64 {
	Input(talk, replies, in)
	return a.goal.Probability(in)
}

// ExplainAccept says which words and features made Accept, at most most of them; ExplainReject the other.
func (a *Analyser) ExplainAccept(talk *words.Talk, i, most int) []linear.Reason {
	var in linear.Input
	ReplyInput(talk, i, &in)
	return a.reply.Explain(&in, 0, most)
}

// ExplainReject says which words and features made Reject, at most most of them.
func (a *Analyser) ExplainReject(talk *words.Talk, i, most int) []linear.Reason {
	var in linear.Input
	ReplyInput(talk, i, &in)
	return a.reply.Explain(&in, 1, most)
}

// ReplyInput writes what the model of messages is asked about turn i.
func ReplyInput(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	in.Add(message, &talk.Turns[i].Text)
	if said, at := talk.Before(i, words.Agent); said != nil && at == i-1 {
		in.AddWords(offer, &said.Text)
	}
	in.Dense = course.User(talk, i, in.Dense)
}

// Input writes what the model of conversations is asked about a talk.
func Input(talk *words.Talk, replies []Reply, in *linear.Input) {
	in.Reset()
	var most, rejects, final, finalReject, sum, n, thanks, bye, praise, end float64
	none := 1.0
	for i := range talk.Turns {
		if talk.Turns[i].Role != words.User {
			continue
		}
		t, r := &talk.Turns[i].Text, replies[i]
		n++
		most, rejects, sum, none = max(most, r.Accept), max(rejects, r.Reject), sum+r.Accept, none*(1-r.Accept)
		final, finalReject = r.Accept, r.Reject
		end = 0
		if course.Thanks.In(t) {
			thanks, end = 1, 1
		}
		if course.Farewell.In(t) {
			bye, end = 1, 1
		}
		if course.Praise.In(t) {
			praise = 1
		}
	}
	for _, v := range [...]float64{most, final, 1 - none, sum, rejects, finalReject, math.Log1p(n), thanks, bye, praise, end} {
		in.Dense = append(in.Dense, float32(v))
	}
	for i := range talk.Turns {
		if talk.Turns[i].Role == words.User {
			in.Share(users, &talk.Turns[i].Text, n)
		}
	}
	if t, _ := talk.Before(len(talk.Turns), words.User); t != nil {
		in.AddWords(last, &t.Text)
	}
	if t, _ := talk.Before(len(talk.Turns), words.Agent); t != nil {
		in.AddWords(lastAnswer, &t.Text)
	}
}
