// Command train makes the weights of package badanswer from the breakdown_dbdc3 set.
package main

import (
	"encoding/json"

	"github.com/debrief-dev/debrief/internal/enrich/badanswer"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("badanswer")
	p.Exit(run(p))
}

type conversation struct {
	ID    string `json:"id"`
	Turns []struct {
		Role, Text string
		Breakdown  []float64
	} `json:"turns"`
}

type prediction struct {
	ID    string  `json:"id"`
	Turn  int     `json:"turn"`
	Score float64 `json:"score"`
}

func run(p *fit.Program) error {
	set := &fit.Set{Header: badanswer.Header()}
	var at []prediction
	var talk words.Talk
	var in linear.Input
	err := p.Lines("breakdown_dbdc3.jsonl", func(line []byte) error {
		var c conversation
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		talk.Reset()
		for _, t := range c.Turns {
			talk.Add(t.Role, t.Text)
		}
		for i, t := range c.Turns {
			if b := t.Breakdown; b != nil {
				badanswer.Input(&talk, i, &in)
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
	if p.Folds == 0 {
		return p.Store(set.Fit(cfg), "")
	}
	for i, sums := range set.OutOfFold(cfg, fit.Fold(p.Folds)) {
		at[i].Score = linear.Logistic(sums[0])
		if err := p.Print(at[i]); err != nil {
			return err
		}
	}
	return nil
}
