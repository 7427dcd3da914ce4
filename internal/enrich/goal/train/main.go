// Command train makes the weights of package goal from the goal_iard set.
package main

import (
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("goal")
	p.Exit(run(p))
}

type labels struct {
	ID       string
	Accepted float64
	Turns    []struct {
		Role, Text string
		Intents    []string
	}
}

type reply struct {
	ID     string  `json:"id"`
	Turn   int     `json:"turn"`
	Accept float64 `json:"accept"`
	Reject float64 `json:"reject"`
}

type accepted struct {
	ID       string  `json:"id"`
	Accepted float64 `json:"accepted"`
}

// trainer holds the set twice: as messages, and as the conversations they are of.
type trainer struct {
	replies              *fit.Set
	at                   []reply
	talks                []labels
	forReplies, forGoals fit.Config
	folds                int
}

func run(p *fit.Program) error {
	t := &trainer{replies: &fit.Set{Header: goal.ReplyHeader()}, folds: max(p.Folds, 5)}
	t.forReplies = p.Config(fit.Config{L2: 0.2, DenseL2: 2, Rare: true})
	t.forGoals = fit.Config{L2: 1, DenseL2: 2}
	if err := t.read(p); err != nil {
		return err
	}
	if p.Folds == 0 {
		if err := p.Store(t.replies.Fit(t.forReplies), "reply.bin"); err != nil {
			return err
		}
		return p.Store(t.goals(t.talks, fit.Fold(t.folds), "").Fit(t.forGoals), "goal.bin")
	}
	return t.outOfFold(p)
}

func (t *trainer) read(p *fit.Program) error {
	var in linear.Input
	return fit.Conversations(p, "goal_iard.jsonl", func(talk *words.Talk, c *labels) error {
		t.talks = append(t.talks, *c)
		for i, turn := range c.Turns {
			if turn.Intents == nil {
				continue
			}
			y := []float64{0, 0}
			if slices.Contains(turn.Intents, "ACC") {
				y[0] = 1
			}
			if slices.ContainsFunc(turn.Intents, func(x string) bool { return x == "REJ" || x == "NRE" || strings.HasPrefix(x, "CRI") }) {
				y[1] = 1
			}
			goal.ReplyInput(talk, i, &in)
			t.replies.Add(&in, y, 1, c.ID)
			t.at = append(t.at, reply{ID: c.ID, Turn: i})
		}
		return nil
	})
}

// goals makes the set of conversations. The messages of each are scored by weights that saw neither its fold
// nor the fold held out, so that what is learned of scores is learned of honest ones.
func (t *trainer) goals(talks []labels, fold func(string) string, held string) *fit.Set {
	set := &fit.Set{Header: goal.Header()}
	models := map[string]*linear.Model{}
	var in linear.Input
	for _, c := range talks {
		own := fold(c.ID)
		if models[own] == nil {
			models[own] = t.without(fold, own, held)
		}
		talk, scores := scored(&c, models[own], &in)
		goal.Input(talk, scores, &in)
		y := 0.0
		if c.Accepted > 0 {
			y = 1
		}
		set.Add(&in, []float64{y}, 1, c.ID)
	}
	return set
}

// without fits the messages of all folds but two.
func (t *trainer) without(fold func(string) string, one, two string) *linear.Model {
	left := t.replies.Without(func(id string) bool { f := fold(id); return f == one || f == two })
	m, err := left.Fit(t.forReplies).Model()
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return m
}

func scored(c *labels, m *linear.Model, in *linear.Input) (*words.Talk, []goal.Reply) {
	talk := &words.Talk{}
	for _, turn := range c.Turns {
		talk.Add(turn.Role, turn.Text)
	}
	scores := make([]goal.Reply, len(c.Turns))
	for i := range c.Turns {
		if c.Turns[i].Role == words.User {
			var sums [2]float64
			goal.ReplyInput(talk, i, in)
			m.Sums(in, sums[:])
			scores[i] = goal.Reply{Accept: linear.Logistic(sums[0]), Reject: linear.Logistic(sums[1])}
		}
	}
	return talk, scores
}

func (t *trainer) outOfFold(p *fit.Program) error {
	fold := fit.Fold(t.folds)
	for i, sums := range t.replies.OutOfFold(t.forReplies, fold) {
		t.at[i].Accept, t.at[i].Reject = linear.Logistic(sums[0]), linear.Logistic(sums[1])
		if err := p.Print(t.at[i]); err != nil {
			return err
		}
	}
	weights, replies := map[string]*linear.Weights{}, map[string]*linear.Model{}
	for _, c := range t.talks {
		held := fold(c.ID)
		if weights[held] == nil {
			var rest []labels
			for _, other := range t.talks {
				if fold(other.ID) != held {
					rest = append(rest, other)
				}
			}
			weights[held] = t.goals(rest, fold, held).Fit(t.forGoals)
			replies[held] = t.without(fold, held, held)
		}
		if err := t.print(p, &c, weights[held], replies[held]); err != nil {
			return err
		}
	}
	return nil
}

func (t *trainer) print(p *fit.Program, c *labels, w *linear.Weights, replies *linear.Model) error {
	var in linear.Input
	m, err := w.Model()
	if err != nil {
		return err
	}
	talk, scores := scored(c, replies, &in)
	goal.Input(talk, scores, &in)
	return p.Print(accepted{c.ID, m.Probability(&in)})
}
