package main

import (
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

type rated struct {
	ID, Source string
	Turns      []struct{ Sat []float64 }
	Overall    []float64
}

type prediction struct {
	ID           string  `json:"id"`
	Turn         int     `json:"turn"`
	Dissatisfied float64 `json:"dissatisfied"`
}

type whole struct {
	ID           string  `json:"id"`
	Satisfaction float64 `json:"satisfaction"`
}

// fitted measures a fit to satisfaction_uss. Its weights are thrown away: the annotations have no licence.
func (t *trainer) fitted(leaveSource bool) error {
	turns := &fit.Set{Header: satisfaction.FullHeader()}
	var at []prediction
	err := fit.Conversations(t.p, "satisfaction_uss.jsonl", func(talk *words.Talk, c *rated) error {
		found, group := t.look(talk), c.ID
		if leaveSource {
			group = c.Source
		}
		for i, turn := range c.Turns {
			if len(turn.Sat) == 0 || talk.Turns[i].Role != words.User {
				continue
			}
			low := 0.0
			for _, v := range turn.Sat {
				if v <= 2 {
					low++
				}
			}
			satisfaction.FullInput(talk, i, found, &t.in)
			turns.Add(&t.in, []float64{low / float64(len(turn.Sat))}, 1, group)
			at = append(at, prediction{ID: c.ID, Turn: i})
		}
		return nil
	})
	if err != nil {
		return err
	}
	fold := fit.Fold(max(t.p.Folds, 5))
	if leaveSource {
		fold = func(source string) string { return source }
	}
	sum, n := map[string]float64{}, map[string]float64{}
	for i, sums := range turns.OutOfFold(t.p.Config(fit.Config{L2: 0.5, DenseL2: 2, Iterations: 60}), fold) {
		at[i].Dissatisfied = linear.Logistic(sums[0])
		sum[at[i].ID] -= at[i].Dissatisfied
		n[at[i].ID]++
		if err := t.p.Print(at[i]); err != nil {
			return err
		}
	}
	for _, p := range at {
		if n[p.ID] > 0 {
			if err := t.p.Print(whole{p.ID, sum[p.ID] / n[p.ID]}); err != nil {
				return err
			}
			n[p.ID] = 0
		}
	}
	return nil
}
