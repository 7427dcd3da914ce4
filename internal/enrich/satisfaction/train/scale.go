package main

import (
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// files are the sets whose messages signals are scaled by: bookings, recommendations, chats.
var files = []string{"failed_answer.jsonl", "goal_iard.jsonl", "breakdown_dbdc3.jsonl", "rating_convai.jsonl"}

// A turn is said to be dissatisfied when the sum of its signals stands out by about two standard deviations.
const (
	slope  = 1.3
	offset = -2.5
)

// moments are the sums that means and deviations are made of.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(v float64) { m.n, m.sum, m.squares = m.n+1, m.sum+v, m.squares+v*v }

func (m *moments) mean() float64 { return m.sum / m.n }

func (m *moments) deviation() float64 { return math.Sqrt(max(m.squares/m.n-m.mean()*m.mean(), 1e-6)) }

type nothing struct{}

// run makes the weights: each signal in its own standard deviations, times what it counts.
func (t *trainer) run() error {
	signals := satisfaction.Signals()
	var rows [][]float32
	each := make([]moments, len(signals))
	for _, file := range files {
		err := fit.Conversations(t.p, file, func(talk *words.Talk, _ *nothing) error {
			found := t.look(talk)
			for i := range talk.Turns {
				if talk.Turns[i].Role == words.User {
					satisfaction.Input(talk, i, found, &t.in)
					rows = append(rows, append([]float32(nil), t.in.Dense...))
					for j, v := range t.in.Dense {
						each[j].add(float64(v))
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	w := &linear.Weights{Header: satisfaction.Header(), Table: make([]float64, 2), Dense: make([]float64, len(signals)), Bias: []float64{0}}
	for j, s := range signals {
		w.Dense[j] = s.Counts / each[j].deviation()
	}
	var total moments
	for _, r := range rows {
		sum := 0.0
		for j, v := range r {
			sum += w.Dense[j] * float64(v)
		}
		total.add(sum)
	}
	for j := range w.Dense {
		w.Dense[j] *= slope / total.deviation()
	}
	w.Bias[0] = offset - slope*total.mean()/total.deviation()
	return t.p.Store(w, "")
}
