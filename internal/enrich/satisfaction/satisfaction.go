// Package satisfaction infers, where nobody rated, whether a user is dissatisfied at a turn, and how well a
// conversation went. It reads how the conversation goes (package course), what other analysers found, and
// words. What users rated themselves is no part of it.
//
// There are no labels of satisfaction with a licence that lets weights made of them ship. The weights are
// made of labels of what dissatisfies, from four sources: see Header. What a fit to labels of satisfaction
// would reach is measured by the training program (-fitted), and in docs/insights.md.
package satisfaction

import (
	_ "embed"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Fields of the n-grams.
const (
	message = 1 + iota
	answer
)

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name: "satisfaction",
		Source: "user turns after failed answers (MultiWOZ 2.1 acts, MIT; Schema-Guided Dialogue acts, CC BY-SA 4.0), that reject or criticise (IARD, MIT), " +
			"after answers that break the conversation (DBDC3, MIT), after a thumb down (ConvAI)",
		Command: "go run ./internal/enrich/satisfaction/train",
		Bits:    16,
		Outputs: []string{"dissatisfied"},
		Dense:   Names(),
	}
}

// Names are the features of a turn.
func Names() []string {
	return append(course.UserNames(), "answer before failed", "answer before is bad", "accepts", "rejects", "any answer so far failed")
}

// Found is what other analysers found in a conversation; each slice is as the turns, and read only where the
// role of the turn is the one that it is about.
type Found struct {
	Failed  []float64    // of package failed
	Bad     []float64    // of package badanswer
	Replies []goal.Reply // of package goal
}

// Analyser scores turns. Any number of goroutines may use it.
type Analyser struct{ model *linear.Model }

// New loads the weights.
func New() *Analyser { return &Analyser{linear.MustLoad(weights)} }

// Threshold is the score from which a turn is said to be dissatisfied.
const Threshold = 0.5

// Dissatisfied is how likely the user is dissatisfied at the message that is turn i of the talk, 0..1. The
// input is scratch memory.
func (a *Analyser) Dissatisfied(talk *words.Talk, i int, found *Found, in *linear.Input) float64 {
	Input(talk, i, found, in)
	return a.model.Probability(in)
}

// Explain says which words and features made the score, at most most of them.
func (a *Analyser) Explain(talk *words.Talk, i int, found *Found, most int) []linear.Reason {
	var in linear.Input
	Input(talk, i, found, &in)
	return a.model.Explain(&in, 0, most)
}

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, found *Found, in *linear.Input) {
	in.Reset()
	in.Add(message, &talk.Turns[i].Text)
	in.Dense = course.User(talk, i, in.Dense)
	var failed, bad, any float64
	if said, at := talk.Before(i, words.Agent); said != nil {
		failed, bad = found.Failed[at], found.Bad[at]
		in.AddWords(answer, &said.Text)
	}
	for j := range i {
		if talk.Turns[j].Role == words.Agent {
			any = max(any, found.Failed[j])
		}
	}
	r := found.Replies[i]
	for _, v := range [...]float64{failed, bad, r.Accept, r.Reject, any} {
		in.Dense = append(in.Dense, float32(v))
	}
}

// Weights of what makes a conversation, set by hand, for want of labels that may be used: how it went on the
// whole, how it ended (people remember ends), the worst moment, and whether the goal was reached.
const (
	ofMean  = 0.35
	ofEnd   = 0.25
	ofWorst = 0.15
	ofGoal  = 0.25
)

// Conversation is how well a conversation went, 0..1: of the dissatisfaction of the user's turns (as the
// turns; others are not read) and how likely the goal was reached.
func Conversation(talk *words.Talk, dissatisfied []float64, goal float64) float64 {
	var sum, n, worst, end, nEnd float64
	for i := len(talk.Turns) - 1; i >= 0; i-- {
		if talk.Turns[i].Role != words.User {
			continue
		}
		d := dissatisfied[i]
		sum, n, worst = sum+d, n+1, max(worst, d)
		if n <= 2 {
			end, nEnd = end+d, nEnd+1
		}
	}
	if n == 0 {
		return 0.5
	}
	return 1 - ofMean*sum/n - ofEnd*end/nEnd - ofWorst*worst - ofGoal*(1-goal)
}
