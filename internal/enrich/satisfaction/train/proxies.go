package main

import (
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// labels are those of all four sets.
type labels struct {
	ID, Source string
	Turns      []struct {
		Intents       []string
		Failed, Thumb *float64
		Apology       *float64
		Breakdown     []float64
	}
}

// sources are the sets with what makes a user turn of theirs dissatisfied, nil where it says nothing.
var sources = []struct {
	name, file string
	// weight makes sources of many sizes count about the same: turns that count as one.
	weight float64
	label  func(c *labels, user, agent int) *float64
}{
	{"failed", "failed_answer.jsonl", 0.15, func(c *labels, _, agent int) *float64 {
		if agent < 0 {
			return number(0)
		}
		if a := c.Turns[agent].Apology; a != nil && *a > *c.Turns[agent].Failed {
			return number(0.5) // an apology says less than a failure
		}
		return c.Turns[agent].Failed
	}},
	{"rejects", "goal_iard.jsonl", 1, func(c *labels, user, _ int) *float64 {
		if c.Turns[user].Intents == nil {
			return nil
		}
		return number(float64(linear.Is(slices.ContainsFunc(c.Turns[user].Intents, func(x string) bool { return x == "REJ" || x == "NRE" || strings.HasPrefix(x, "CRI") }))))
	}},
	{"breakdown", "breakdown_dbdc3.jsonl", 0.4, func(c *labels, _, agent int) *float64 {
		if agent < 0 || c.Turns[agent].Breakdown == nil {
			return nil
		}
		b := c.Turns[agent].Breakdown
		return number((b[1]/2 + b[2]) / (b[0] + b[1] + b[2]))
	}},
	{"thumb down", "rating_convai.jsonl", 1, func(c *labels, _, agent int) *float64 {
		if agent < 0 || c.Turns[agent].Thumb == nil {
			return nil
		}
		return number(1 - *c.Turns[agent].Thumb)
	}},
}

func number(v float64) *float64 { return &v }

// run fits one set of weights to all sources. Each source has a bias of its own, so that what is learned is
// what dissatisfies within a source and not what tells sources apart; their mean ships.
func (t *trainer) run() error {
	header := satisfaction.Header()
	n := len(header.Dense)
	for _, s := range sources {
		header.Dense = append(header.Dense, "source: "+s.name)
	}
	set := &fit.Set{Header: header}
	for k, s := range sources {
		err := fit.Conversations(t.p, s.file, func(talk *words.Talk, c *labels) error {
			found := t.look(talk)
			for i := range talk.Turns {
				if talk.Turns[i].Role != words.User {
					continue
				}
				_, agent := talk.Before(i, words.Agent)
				if y := s.label(c, i, agent); y != nil {
					satisfaction.Input(talk, i, found, &t.in)
					for j := range sources {
						t.in.Dense = append(t.in.Dense, linear.Is(j == k))
					}
					set.Add(&t.in, []float64{*y}, s.weight, c.ID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	w := set.Fit(t.p.Config(fit.Config{L2: 3, DenseL2: 5}))
	for _, bias := range w.Dense[n:] {
		w.Bias[0] += bias / float64(len(sources))
	}
	w.Dense, w.Header.Dense = w.Dense[:n], header.Dense[:n]
	return t.p.Store(w, "")
}
