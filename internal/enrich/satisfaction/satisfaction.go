// Package satisfaction infers, where nobody rated, whether a user is dissatisfied at a turn, and how well a
// conversation went. It reads how the conversation goes (package course) and what other analysers found.
// What users rated themselves is no part of it.
//
// There are no labels of satisfaction with a licence that lets weights made of them ship. The signals are
// therefore chosen by reason and count about the same, each in its own standard deviations: such sums hold
// up well where labels are few (Dawes, The robust beauty of improper linear models, 1979). What a fit to
// labels would reach is measured by the training program (-fitted) and told in docs/insights.md.
package satisfaction

import (
	_ "embed"
	"math"
	"slices"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Signal is one sign of dissatisfaction, or of the opposite where Counts is negative.
type Signal struct {
	Name   string
	Counts float64 // standard deviations of it add so many to the sum
	Reason string
	from   int // of course.User; or one of the below
}

// What other analysers found, numbered after what course.User measures.
const (
	rejects = -1 - iota
	accepts
	failedBefore
	badBefore
	failedEver
)

// Signals are what is added up, with the reason why it counts.
func Signals() []Signal {
	s := []Signal{
		{Name: "rejects", from: rejects, Counts: 3, Reason: "the user turns down or criticises what was offered; counts more, since it is learned from what people marked"},
		{Name: "objects", Counts: 1, Reason: "words of objection"},
		{Name: "negations", Counts: 1, Reason: "ways to say no or not"},
		{Name: "has a negation", Counts: 1, Reason: "says no or not at all"},
		{Name: "dislikes", Counts: 1, Reason: "does not like or want it"},
		{Name: "corrects", Counts: 1, Reason: "takes something back or puts it right"},
		{Name: "complains", Counts: 1, Reason: "words for what went wrong"},
		{Name: "begins with no", Counts: 1, Reason: "the first word is a no"},
		{Name: "same words as an earlier message", Counts: 1, Reason: "the user has to say it again"},
		{Name: "answer before repeats one before", Counts: 1, Reason: "the copilot says the same again"},
		{Name: "answer before failed", from: failedBefore, Counts: 1, Reason: "what was asked could not be found or done"},
		{Name: "answer before is bad", from: badBefore, Counts: 1, Reason: "the answer does not fit"},
		{Name: "any answer so far failed", from: failedEver, Counts: 1, Reason: "failures are remembered"},
		{Name: "doubts", Counts: 1, Reason: "the user does not understand the answer, or believe it"},
		{Name: "rude words", Counts: 1, Reason: "swears or insults"},
		{Name: "shouts", Counts: 1, Reason: "upper case or exclamation marks"},
		{Name: "position", Counts: 1, Reason: "patience wears out"},
		{Name: "thanks", Counts: -1, Reason: "the user thanks"},
		{Name: "praises", Counts: -1, Reason: "words of praise"},
		{Name: "begins with yes", Counts: -1, Reason: "the first word is a yes"},
		{Name: "accepts", from: accepts, Counts: -1, Reason: "the user takes what was offered"},
		{Name: "first message", Counts: -1, Reason: "nothing was answered yet"},
	}
	names := course.UserNames()
	for i := range s {
		if s[i].from == 0 {
			if s[i].from = slices.Index(names, s[i].Name); s[i].from < 0 {
				panic("BUG: nothing measures " + s[i].Name)
			}
		}
	}
	return s
}

// Header describes the weights.
func Header() linear.Header {
	h := linear.Header{
		Name:    "satisfaction",
		Source:  "signals chosen by reason; their spread over the messages, without labels, of MultiWOZ 2.1 (MIT), Schema-Guided Dialogue (CC BY-SA 4.0), IARD (MIT), DBDC3 (MIT), ConvAI",
		Command: "go run ./internal/enrich/satisfaction/train",
		Bits:    1,
		Outputs: []string{"dissatisfied"},
	}
	for _, s := range Signals() {
		h.Dense = append(h.Dense, s.Name)
	}
	return h
}

// Found is what other analysers found in a conversation; each slice is as the turns, and read only where the
// role of the turn is the one that it is about.
type Found struct {
	Failed  []float64    // of package failed
	Bad     []float64    // of package badanswer
	Replies []goal.Reply // of package goal
}

// Analyser scores turns. Any number of goroutines may use it.
type Analyser struct {
	model *linear.Model
}

// New loads the weights.
func New() *Analyser { return &Analyser{linear.MustLoad(weights, Header())} }

// Threshold is the score from which a turn is said to be dissatisfied: about two standard deviations above
// the usual.
const Threshold = 0.5

// Dissatisfied is how likely the user is dissatisfied at the message that is turn i of the talk, 0..1. The
// input is scratch memory.
func (a *Analyser) Dissatisfied(talk *words.Talk, i int, found *Found, in *linear.Input) float64 {
	Input(talk, i, found, in)
	return a.model.Probability(in)
}

// Explain says which signals made the score, at most most of them, by how far they are from zero.
func (a *Analyser) Explain(talk *words.Talk, i int, found *Found, most int) []linear.Reason {
	var in linear.Input
	Input(talk, i, found, &in)
	return a.model.Explain(&in, 0, most)
}

// picks are the signals as places of what course.User measures.
var picks = func() []int {
	var p []int
	for _, s := range Signals() {
		p = append(p, s.from)
	}
	return p
}()

// Input writes the signals of turn i.
func Input(talk *words.Talk, i int, found *Found, in *linear.Input) {
	in.Reset()
	var memory [64]float32
	measured := course.User(talk, i, memory[:0])
	others := scores(talk, i, found)
	for _, from := range picks {
		if from < 0 {
			in.Dense = append(in.Dense, others[-1-from])
		} else {
			in.Dense = append(in.Dense, measured[from])
		}
	}
}

// scores are what other analysers found of turn i and of the answers before it, in the order of the numbers
// above; those that are often near 0 or 1 as log odds.
func scores(talk *words.Talk, i int, found *Found) (s [5]float32) {
	r := found.Replies[i]
	s[-1-rejects], s[-1-accepts], s[-1-badBefore] = logOdds(r.Reject), logOdds(r.Accept), usual
	if said, at := talk.Before(i, words.Agent); said != nil {
		s[-1-failedBefore], s[-1-badBefore] = float32(found.Failed[at]), logOdds(found.Bad[at])
	}
	for j := max(i-recent, 0); j < i; j++ {
		if talk.Turns[j].Role == words.Agent {
			s[-1-failedEver] = max(s[-1-failedEver], float32(found.Failed[j]))
		}
	}
	return s
}

// recent is how many turns back a failure is remembered. It bounds the cost of a turn.
const recent = 40

// usual is the log odds of an answer that is neither bad nor good, for where there is none.
const usual = -1

// logOdds of a score, within ±7 or so.
func logOdds(p float64) float32 {
	p = min(max(p, 1e-3), 1-1e-3)
	return float32(math.Log(p / (1 - p)))
}

// Conversation is how well a conversation went, 0..1, larger is better: how it went on the whole, how it
// ended (people remember ends), how often the user praised and thanked, and the tone of what the user wrote.
// The weights are set by hand so that the five count about the same. Of both slices, which are as the turns,
// those of the user's turns are read: dissatisfied are the scores of Dissatisfied, tone those of package
// sentiment, -1..1.
func Conversation(talk *words.Talk, dissatisfied, tone []float64) float64 {
	const atEnd = 2 // messages
	var sum, n, end, nEnd, praises, thanks, tones float64
	for i := len(talk.Turns) - 1; i >= 0; i-- {
		if talk.Turns[i].Role != words.User {
			continue
		}
		sum, n = sum+dissatisfied[i], n+1
		if n <= atEnd {
			end, nEnd = end+dissatisfied[i], nEnd+1
		}
		tones += tone[i]
		if t := &talk.Turns[i].Text; course.Praise.In(t) {
			praises++
		}
		if t := &talk.Turns[i].Text; course.Thanks.In(t) {
			thanks++
		}
	}
	if n == 0 {
		return 0.5
	}
	return linear.Logistic(0.45 - 8*sum/n - 4*end/nEnd + 4*praises/n + 4*thanks/n + 5*tones/n)
}
