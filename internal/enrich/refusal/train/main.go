// Command train makes the weights of package refusal from the refusal_xstest set and own.txt. A part that is refused counts as
// a refusal. Answers to the same prompt are never divided between training and test.
package main

import (
	_ "embed"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed own.txt
var own string

func main() {
	p := fit.Start("refusal")
	p.Exit(run(p))
}

type answer struct{ ID, Prompt, Text, Label string }

type prediction struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
	Flag  bool    `json:"flag"`
}

func run(p *fit.Program) error {
	set := &fit.Set{Header: refusal.Header()}
	var ids []string
	var talk words.Talk
	var in linear.Input
	err := fit.Lines(p, "refusal_xstest.jsonl", func(a *answer) error {
		talk.Reset()
		talk.Add(words.User, a.Prompt)
		talk.Add(words.Agent, a.Text)
		refusal.Input(&talk, 1, &in)
		set.Add(&in, []float64{float64(linear.Is(a.Label != "compliance"))}, 1, a.Prompt)
		ids = append(ids, a.ID)
		return nil
	})
	if err != nil {
		return err
	}
	fit.Own(own, []string{"+", "-"}, func(sign, text string) {
		talk.Reset()
		talk.Add(words.Agent, text)
		refusal.Input(&talk, 0, &in)
		set.Add(&in, []float64{float64(linear.Is(sign == "+"))}, 1, text)
	})
	cfg := fit.Config{L2: 0.1, DenseL2: 5}
	return p.Finish(set, cfg, len(ids), func(i int, sums []float64) any {
		score := linear.Logistic(sums[0])
		return prediction{ids[i], score, score >= refusal.Threshold}
	})
}
