// Command train makes the weights of package rephrase from the pairs of requests. With -folds it prints scores
// of pairs of intents that were not trained on: the intents are those of the topic files that the pairs are
// made of, and a pair is trained on only if both of its intents may be.
package main

import (
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/rephrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("rephrase")
	p.Exit(run(p))
}

type pair struct {
	ID    string  `json:"id"`
	A     string  `json:"a"`
	B     string  `json:"b"`
	Label float64 `json:"label"`
}

type prediction struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
}

// intents returns the intent of each text of the topic files.
func intents(p *fit.Program) (map[string]string, error) {
	out := map[string]string{}
	for _, file := range []string{"banking", "clinc"} {
		err := fit.Lines(p, "topics_"+file+".jsonl", func(l *struct{ Text, Label string }) error {
			out[strings.TrimSpace(l.Text)] = file + " " + l.Label
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func run(p *fit.Program) error {
	of, err := intents(p)
	if err != nil {
		return err
	}
	set := &fit.Set{Header: rephrase.Header()}
	var pairs []pair
	var a, b words.Text
	var in linear.Input
	err = fit.Lines(p, "rephrase_pairs.jsonl", func(x *pair) error {
		a.Read(x.A)
		b.Read(x.B)
		if !rephrase.Input(&a, &b, &in) {
			return fmt.Errorf("%s has no words", x.ID)
		}
		set.Add(&in, []float64{x.Label}, 1, of[strings.TrimSpace(x.A)]+"|"+of[strings.TrimSpace(x.B)])
		pairs = append(pairs, *x)
		return nil
	})
	if err != nil {
		return err
	}
	cfg := p.Config(fit.Config{DenseL2: 1})
	if p.Folds == 0 {
		return p.Store(set.Fit(cfg), "")
	}
	return outOfFold(p, set, cfg, of, pairs)
}

func outOfFold(p *fit.Program, set *fit.Set, cfg fit.Config, of map[string]string, pairs []pair) error {
	fold := fit.Fold(p.Folds)
	models := map[string]*linear.Model{}
	var a, b words.Text
	var in linear.Input
	for _, x := range pairs {
		held := fold(of[strings.TrimSpace(x.A)])
		m := models[held]
		if m == nil {
			var err error
			m, err = set.Without(func(group string) bool {
				left, right, _ := strings.Cut(group, "|")
				return fold(left) == held || fold(right) == held
			}).Fit(cfg).Model()
			if err != nil {
				return err
			}
			models[held] = m
		}
		a.Read(x.A)
		b.Read(x.B)
		rephrase.Input(&a, &b, &in)
		if err := p.Print(prediction{x.ID, m.Probability(&in)}); err != nil {
			return err
		}
	}
	return nil
}
