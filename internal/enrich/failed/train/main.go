// Command train makes the weights of package failed from the failed_answer set.
package main

import (
	"encoding/json"

	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("failed")
	p.Exit(run(p))
}

type conversation struct {
	ID    string `json:"id"`
	Turns []struct {
		Role, Text string
		Failed     *float64
	} `json:"turns"`
}

type prediction struct {
	ID    string  `json:"id"`
	Turn  int     `json:"turn"`
	Score float64 `json:"score"`
	Flag  bool    `json:"flag"`
}

func run(p *fit.Program) error {
	set := &fit.Set{Header: failed.Header()}
	var at []prediction
	var talk words.Talk
	var in linear.Input
	err := p.Lines("failed_answer.jsonl", func(line []byte) error {
		var c conversation
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		talk.Reset()
		for _, t := range c.Turns {
			talk.Add(t.Role, t.Text)
		}
		for i, t := range c.Turns {
			if t.Failed != nil {
				failed.Input(&talk, i, &in)
				set.Add(&in, []float64{*t.Failed}, 1, c.ID)
				at = append(at, prediction{ID: c.ID, Turn: i})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	cfg := p.Config(fit.Config{L2: 0.2, DenseL2: 1, Rare: true})
	if p.Folds == 0 {
		return p.Store(set.Fit(cfg), "")
	}
	for i, sums := range set.OutOfFold(cfg, fit.Fold(p.Folds)) {
		at[i].Score = linear.Logistic(sums[0])
		at[i].Flag = at[i].Score >= failed.Threshold
		if err := p.Print(at[i]); err != nil {
			return err
		}
	}
	return nil
}
