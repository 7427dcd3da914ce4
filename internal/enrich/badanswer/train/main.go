// Command train makes the weights of package badanswer from the breakdown_dbdc3 set.
package main

import (
	"github.com/debrief-dev/debrief/internal/enrich/badanswer"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("badanswer")
	p.Exit(run(p))
}

type labels struct {
	ID    string
	Turns []struct{ Breakdown []float64 }
}

type prediction struct {
	ID    string  `json:"id"`
	Turn  int     `json:"turn"`
	Score float64 `json:"score"`
}

func run(p *fit.Program) error {
	set := &fit.Set{Header: badanswer.Header()}
	var at []prediction
	var in linear.Input
	err := fit.Conversations(p, "breakdown_dbdc3.jsonl", func(talk *words.Talk, c *labels) error {
		for i, t := range c.Turns {
			if b := t.Breakdown; b != nil {
				badanswer.Input(talk, i, &in)
				set.Add(&in, []float64{(b[1]/2 + b[2]) / (b[0] + b[1] + b[2])}, 1, c.ID)
				at = append(at, prediction{ID: c.ID, Turn: i})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	cfg := p.Config(fit.Config{L2: 2, DenseL2: 400})
	return p.Finish(set, cfg, len(at), func(i int, sums []float64) any {
		at[i].Score = linear.Logistic(sums[0])
		return at[i]
	})
}
