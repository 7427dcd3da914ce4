// Command train makes the weights of package failed from the failed_answer set.
package main

import (
	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("failed")
	p.Exit(run(p))
}

type labels struct {
	ID    string
	Turns []struct{ Failed *float64 }
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
	var in linear.Input
	err := fit.Conversations(p, "failed_answer.jsonl", func(talk *words.Talk, c *labels) error {
		for i, t := range c.Turns {
			if t.Failed != nil {
				failed.Input(talk, i, &in)
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
	return p.Finish(set, cfg, len(at), func(i int, sums []float64) any {
		at[i].Score = linear.Logistic(sums[0])
		at[i].Flag = at[i].Score >= failed.Threshold
		return at[i]
	})
}
