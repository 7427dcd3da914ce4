// Command train makes the weights of package satisfaction: it measures how much its signals vary over the
// messages of four sets, without their labels. With -fitted it makes none, and prints what the same features would predict if they
// were fitted to labels of satisfaction that may not ship: out of folds of conversations, or, with
// -leave-source-out, of sources.
package main

import (
	"flag"

	"github.com/debrief-dev/debrief/internal/enrich/badanswer"
	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	fitted := flag.Bool("fitted", false, "print what a fit to satisfaction_uss predicts out of fold; write nothing")
	leave := flag.Bool("leave-source-out", false, "with -fitted: folds are sources")
	p := fit.Start("satisfaction")
	t := &trainer{p: p, failed: failed.New(), bad: badanswer.New(), goal: goal.New()}
	if *fitted {
		p.Exit(t.fitted(*leave))
		return
	}
	p.Exit(t.run())
}

type trainer struct {
	p           *fit.Program
	failed, bad *linear.Turns
	goal        *goal.Analyser
	in          linear.Input
}

// look asks the analysers whose scores are features.
func (t *trainer) look(talk *words.Talk) *satisfaction.Found {
	n := len(talk.Turns)
	f := &satisfaction.Found{Failed: make([]float64, n), Bad: make([]float64, n), Replies: make([]goal.Reply, n)}
	for i := range talk.Turns {
		if talk.Turns[i].Role == words.User {
			f.Replies[i] = t.goal.Reply(talk, i, &t.in)
		} else {
			f.Failed[i], f.Bad[i] = t.failed.Score(talk, i, &t.in), t.bad.Score(talk, i, &t.in)
		}
	}
	return f
}
